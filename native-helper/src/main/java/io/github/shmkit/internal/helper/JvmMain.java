package io.github.shmkit.internal.helper;

import io.github.shmkit.ShmException;
import io.github.shmkit.internal.os.Os;
import io.github.shmkit.process.RemoteCallable;
import io.github.shmkit.process.RemoteContext;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import org.jspecify.annotations.Nullable;

/**
 * The program of a JVM helper.
 *
 * <p>Uses no JNA before a task needs a segment: loading it takes as long as the start of a JVM. Nor does it use a lambda or
 * put strings together by {@code +} on the way to the first task: the first one in a JVM costs half of that.
 */
public final class JvmMain {
    static final String RESERVE = "reserve";
    /** Begins the name of a task's thread, before its number. */
    static final String TASK = "shmkit task ";

    private static final int OPENED = '+';

    private final InputStream in;
    private final OutputStream out;
    private @Nullable JvmContext context;

    private JvmMain(InputStream in, OutputStream out) {
        this.in = in;
        this.out = out;
    }

    /**
     * Serves until the connection ends.
     *
     * @param args the paths of two pipes of the test's JVM, to read and to write; {@link #RESERVE} if there is time to
     *     prepare
     */
    public static void main(String[] args) throws IOException {
        boolean reserve = args.length > 2 && args[2].equals(RESERVE);
        if (reserve) {
            prepareResults();
            prepareLambdas(); // whoever takes it would wait for that
        } else {
            new Preparation(false).start();
        }
        InputStream in = new FileInputStream(args[0]);
        OutputStream out = new FileOutputStream(args[1]);
        out.write(OPENED);
        if (reserve) {
            new Preparation(true).start();
        }
        new JvmMain(in, out).serve();
        Runtime.getRuntime().exit(0); // tasks that still run must not keep it
    }

    /** While the connection is made; there is a second core on most machines. */
    private static final class Preparation extends Thread {
        private final boolean ofNativeCode;

        Preparation(boolean ofNativeCode) {
            super("shmkit preparation");
            this.ofNativeCode = ofNativeCode;
            setDaemon(true);
        }

        @Override
        public void run() {
            if (ofNativeCode) {
                prepareNativeCode();
            } else {
                prepareResults();
            }
        }
    }

    private static void prepareResults() {
        prepare(0);
    }

    private static void prepareLambdas() {
        RemoteCallable<String> task = RemoteContext::name;
        prepare(task);
    }

    private static void prepare(Object object) {
        try {
            Serial.object(Serial.bytes(object), JvmMain.class.getClassLoader());
        } catch (IOException | ClassNotFoundException | RuntimeException | LinkageError e) {
            // the task that needs it will say so
        }
    }

    private static void prepareNativeCode() {
        try {
            Os.unmap(Os.reserveAddresses(Os.pageSize()), Os.pageSize());
        } catch (RuntimeException | LinkageError e) {
            // the task that needs it will say so
        }
    }

    private void serve() throws IOException {
        JvmWire.Parser parser = new JvmWire.Parser();
        byte[] bytes = new byte[1 << 13];
        for (int got = in.read(bytes); got >= 0; got = in.read(bytes)) {
            parser.feed(bytes, got);
            for (var message = parser.next(); message.isPresent(); message = parser.next()) {
                handle(message.get());
            }
        }
    }

    private void handle(JvmWire.Message message) throws IOException {
        switch (message.type()) {
            case JvmWire.CONFIGURE -> {
                context = new JvmContext(JvmWire.Configuration.of(message.payload()));
                send(new JvmWire.Message(JvmWire.READY, 0, new byte[0]));
            }
            case JvmWire.CALL, JvmWire.CALL_ARMED -> {
                new Task(message).start();
            }
            case JvmWire.EXIT -> {
                new End(message.number()).start();
            }
            default -> throw new IOException("unknown message " + message.type());
        }
    }

    private final class Task extends Thread {
        private final JvmWire.Message call;

        Task(JvmWire.Message call) {
            super(TASK.concat(Integer.toString(call.number())));
            this.call = call;
            setDaemon(true);
        }

        @Override
        public void run() {
            JvmMain.this.run(call);
        }
    }

    private static final class End extends Thread {
        private final int code;

        End(int code) {
            super("shmkit exit");
            this.code = code;
        }

        @Override
        public void run() {
            Runtime.getRuntime().exit(code);
        }
    }

    private void run(JvmWire.Message call) {
        JvmContext own = context;
        if (own == null) {
            throw new IllegalStateException("not configured");
        }
        try {
            send(answer(call, own));
        } catch (IOException e) {
            Runtime.getRuntime().exit(0); // the test is gone
        }
    }

    static JvmWire.Message answer(JvmWire.Message call, JvmContext context) {
        try {
            RemoteCallable<?> task = task(call.payload(), context.name());
            Object result = call.type() == JvmWire.CALL_ARMED ? callArmed(task, context) : task.call(context);
            return new JvmWire.Message(JvmWire.RESULT, call.number(), result(result));
        } catch (Throwable e) {
            return new JvmWire.Message(
                    JvmWire.FAILURE, call.number(), RemoteFailure.of(e).bytes());
        }
    }

    /** What stores into segments here, but the task, is none of the test's business. */
    private static @Nullable Object callArmed(RemoteCallable<?> task, JvmContext context) throws Exception {
        Os.armTracer(true);
        try {
            return task.call(context);
        } finally {
            Os.armTracer(false);
        }
    }

    private static byte[] result(@Nullable Object result) throws IOException {
        try {
            return Serial.bytes(result);
        } catch (java.io.NotSerializableException e) {
            throw new ShmException(
                    "the result cannot be sent to the test: it is or holds a " + e.getMessage()
                            + ", which is not Serializable; return what the test needs of it, or put it into a segment",
                    e);
        }
    }

    private static RemoteCallable<?> task(byte[] bytes, String helper) throws IOException {
        try {
            return TaskBytes.read(bytes, JvmMain.class.getClassLoader());
        } catch (ClassNotFoundException | NoClassDefFoundError e) {
            throw new ShmException(
                    "class " + String.valueOf(e.getMessage()).replace('/', '.')
                            + " is not on the class path of JVM helper '" + helper
                            + "', which is the one of the test's JVM: was it made or loaded at run time?",
                    e);
        }
    }

    private synchronized void send(JvmWire.Message message) throws IOException {
        out.write(message.bytes());
    }
}
