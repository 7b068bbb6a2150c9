package io.github.shmkit.internal.helper;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** A throwable on its way from a helper: as text, which always arrives, and as an object if it can be sent. */
final class RemoteFailure {
    private final boolean isAssertion;
    private final List<Link> chain;
    private final byte[] object;

    private RemoteFailure(boolean isAssertion, List<Link> chain, byte[] object) {
        this.isAssertion = isAssertion;
        this.chain = List.copyOf(chain);
        this.object = object;
    }

    boolean isAssertion() {
        return isAssertion;
    }

    /** The throwable and its causes. */
    List<Link> chain() {
        return chain;
    }

    /** One throwable of the chain. */
    record Link(String type, String message, List<StackTraceElement> stack) {
        String describe() {
            return message.isEmpty() ? type : type + ": " + message;
        }
    }

    static RemoteFailure of(Throwable thrown) {
        List<Link> chain = new ArrayList<>();
        Set<Throwable> seen = Collections.newSetFromMap(new IdentityHashMap<>());
        for (Throwable t = thrown; t != null && seen.add(t); t = t.getCause()) {
            chain.add(new Link(t.getClass().getName(), message(t), List.of(t.getStackTrace())));
        }
        byte[] object;
        try {
            object = Serial.bytes(thrown);
        } catch (IOException | RuntimeException e) {
            object = new byte[0]; // the text must do
        }
        return new RemoteFailure(thrown instanceof AssertionError, chain, object);
    }

    private static String message(Throwable thrown) {
        try {
            return Optional.ofNullable(thrown.getMessage()).orElse("");
        } catch (RuntimeException e) {
            return "its message could not be had: " + e;
        }
    }

    byte[] bytes() {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (DataOutputStream out = new DataOutputStream(bytes)) {
            out.writeBoolean(isAssertion);
            out.writeInt(chain.size());
            for (Link link : chain) {
                JvmWire.text(out, link.type());
                JvmWire.text(out, link.message());
                out.writeInt(link.stack().size());
                for (StackTraceElement e : link.stack()) {
                    JvmWire.text(out, e.getClassName());
                    JvmWire.text(out, e.getMethodName());
                    JvmWire.text(out, Optional.ofNullable(e.getFileName()).orElse(""));
                    out.writeInt(e.getLineNumber());
                }
            }
            out.writeInt(object.length);
            out.write(object);
        } catch (IOException e) {
            throw new AssertionError("memory does not fail", e);
        }
        return bytes.toByteArray();
    }

    static RemoteFailure of(byte[] bytes) throws IOException {
        DataInputStream in = new DataInputStream(new ByteArrayInputStream(bytes));
        boolean isAssertion = in.readBoolean();
        List<Link> chain = new ArrayList<>();
        int links = in.readInt();
        for (int i = 0; i < links; i++) {
            String type = JvmWire.text(in);
            String message = JvmWire.text(in);
            List<StackTraceElement> stack = new ArrayList<>();
            int frames = in.readInt();
            for (int j = 0; j < frames; j++) {
                String declaring = JvmWire.text(in);
                String method = JvmWire.text(in);
                String file = JvmWire.text(in);
                stack.add(new StackTraceElement(declaring, method, file.isEmpty() ? null : file, in.readInt()));
            }
            chain.add(new Link(type, message, stack));
        }
        byte[] object = new byte[in.readInt()];
        in.readFully(object);
        return new RemoteFailure(isAssertion, chain, object);
    }

    /** The throwable itself, or one that looks like it; its stack goes on with the given frames. */
    Throwable toThrowable(ClassLoader loader, String separator, StackTraceElement[] behind) {
        Throwable thrown = fromObject(loader).orElseGet(() -> standIn(0));
        StackTraceElement[] own = chain.get(0).stack().stream()
                .filter(e -> !e.getClassName().startsWith(JvmMain.class.getName()))
                .toArray(StackTraceElement[]::new);
        StackTraceElement[] all = Arrays.copyOf(own, own.length + 1 + behind.length);
        all[own.length] = new StackTraceElement(separator, "call", "the frames above", -1);
        System.arraycopy(behind, 0, all, own.length + 1, behind.length);
        thrown.setStackTrace(all);
        return thrown;
    }

    private Optional<Throwable> fromObject(ClassLoader loader) {
        if (object.length == 0) {
            return Optional.empty();
        }
        try {
            return Serial.object(object, loader) instanceof Throwable t ? Optional.of(t) : Optional.empty();
        } catch (IOException | ClassNotFoundException | RuntimeException | LinkageError e) {
            return Optional.empty(); // of a class that only the helper has: the text must do
        }
    }

    private Throwable standIn(int index) {
        Throwable cause = index + 1 < chain.size() ? standIn(index + 1) : null;
        Link link = chain.get(index);
        Throwable standIn = isAssertion && index == 0
                ? new AssertionError(link.describe(), cause)
                : new StandIn(link.describe(), cause);
        standIn.setStackTrace(link.stack().toArray(StackTraceElement[]::new));
        return standIn;
    }

    /** Prints as the throwable that it stands for. */
    @SuppressWarnings("OverrideThrowableToString") // the text begins with the name of the class that it stands for
    private static final class StandIn extends Exception {
        private static final long serialVersionUID = 1L;

        private final String text;

        StandIn(String text, @org.jspecify.annotations.Nullable Throwable cause) {
            super(text, cause);
            this.text = text;
        }

        @Override
        public String toString() {
            return text;
        }
    }
}
