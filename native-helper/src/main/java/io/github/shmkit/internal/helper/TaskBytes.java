package io.github.shmkit.internal.helper;

import io.github.shmkit.process.RemoteCallable;
import io.github.shmkit.process.RemoteContext;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.Serializable;
import java.lang.invoke.MethodHandleInfo;
import java.lang.invoke.SerializedLambda;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A task on its way to a JVM helper.
 *
 * <p>A lambda goes by the name of its body, which is called there by reflection. The JDK's own way, which links the lambda
 * anew there, takes as long as the start of a JVM; it remains for what has no body that we may call.
 */
final class TaskBytes {
    private static final byte OBJECT = 0;
    private static final byte BODY = 1;

    private TaskBytes() {}

    static byte[] of(RemoteCallable<?> task) throws IOException {
        Optional<SerializedLambda> lambda = lambda(task).filter(l -> hasBody(task, l));
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        DataOutputStream out = new DataOutputStream(bytes);
        if (lambda.isEmpty()) {
            out.writeByte(OBJECT);
            out.write(Serial.bytes(task));
            return bytes.toByteArray();
        }
        out.writeByte(BODY);
        JvmWire.text(out, lambda.get().getImplClass().replace('/', '.'));
        JvmWire.text(out, lambda.get().getImplMethodName());
        if (lambda.get().getCapturedArgCount() > 0) {
            out.write(Serial.bytes(captured(lambda.get())));
        }
        return bytes.toByteArray();
    }

    /** What the compiler made of a lambda; empty for other tasks. */
    static Optional<SerializedLambda> lambda(RemoteCallable<?> task) {
        if (!task.getClass().isHidden()) {
            return Optional.empty();
        }
        try {
            Method replace = task.getClass().getDeclaredMethod("writeReplace");
            replace.setAccessible(true);
            return replace.invoke(task) instanceof SerializedLambda l ? Optional.of(l) : Optional.empty();
        } catch (ReflectiveOperationException | RuntimeException e) {
            return Optional.empty(); // of a module that is closed to us
        }
    }

    /** Method references may mean one of several methods of a name; bodies of lambdas have names of their own. */
    private static boolean hasBody(RemoteCallable<?> task, SerializedLambda lambda) {
        Class<?> type = task.getClass();
        return lambda.getImplMethodKind() == MethodHandleInfo.REF_invokeStatic
                && lambda.getImplMethodName().startsWith("lambda$")
                && type.getModule().isOpen(type.getPackageName(), TaskBytes.class.getModule());
    }

    private static Serializable captured(SerializedLambda lambda) {
        ArrayList<@Nullable Object> all = new ArrayList<>();
        for (int i = 0; i < lambda.getCapturedArgCount(); i++) {
            all.add(lambda.getCapturedArg(i));
        }
        return all;
    }

    /** Such bytes as a task that can be called here. */
    static RemoteCallable<?> read(byte[] bytes, ClassLoader loader) throws IOException, ClassNotFoundException {
        DataInputStream in = new DataInputStream(new ByteArrayInputStream(bytes));
        if (in.readByte() == OBJECT) {
            if (Serial.object(in.readAllBytes(), loader) instanceof RemoteCallable<?> task) {
                return task;
            }
            throw new IOException("no task came");
        }
        Method body = body(Class.forName(JvmWire.text(in), false, loader), JvmWire.text(in));
        List<@Nullable Object> arguments = new ArrayList<>();
        if (in.available() > 0 && Serial.object(in.readAllBytes(), loader) instanceof List<?> captured) {
            arguments.addAll(captured);
        }
        return new Body(body, arguments);
    }

    private static Method body(Class<?> owner, String name) throws IOException {
        for (Method method : owner.getDeclaredMethods()) {
            if (method.getName().equals(name)) {
                method.setAccessible(true);
                return method;
            }
        }
        throw new IOException(
                owner + " has no " + name + " there: was it compiled again since the JVM of the test started?");
    }

    /** The body of a lambda and what the lambda captured. */
    @SuppressWarnings("serial") // it is not sent any further
    private static final class Body implements RemoteCallable<@Nullable Object> {
        private final Method method;
        private final List<@Nullable Object> arguments;

        Body(Method method, List<@Nullable Object> captured) {
            this.method = method;
            this.arguments = captured;
        }

        @Override
        @SuppressWarnings("NullAway") // which does not know that T is @Nullable Object here
        public @Nullable Object call(RemoteContext context) throws Exception {
            arguments.add(context);
            try {
                return method.invoke(null, arguments.toArray());
            } catch (InvocationTargetException e) {
                throw rethrown(e);
            }
        }
    }

    /** What the method threw, as if it had been called directly. */
    static Exception rethrown(InvocationTargetException e) {
        if (e.getCause() instanceof Error error) {
            throw error;
        }
        return e.getCause() instanceof Exception exception ? exception : e;
    }
}
