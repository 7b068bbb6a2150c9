package io.github.shmkit.internal.helper;

import io.github.shmkit.Segment;
import io.github.shmkit.process.Checkpoints;
import io.github.shmkit.process.RemoteCallable;
import java.io.IOException;
import java.io.NotSerializableException;
import java.io.Serializable;
import java.lang.invoke.SerializedLambda;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/** Makes tasks into bytes, and explains why that is not possible. */
final class Captures {
    private Captures() {}

    /**
     * The task as bytes.
     *
     * @throws IllegalArgumentException if it captures what cannot be sent, naming the place
     */
    static byte[] serialize(RemoteCallable<?> task) {
        try {
            return TaskBytes.of(task);
        } catch (NotSerializableException e) {
            throw new IllegalArgumentException(explain(task, String.valueOf(e.getMessage())), e);
        } catch (IOException e) {
            throw new IllegalArgumentException("this task cannot be sent to a helper: " + e, e);
        }
    }

    private static String explain(RemoteCallable<?> task, String guilty) {
        return TaskBytes.lambda(task).map(l -> explain(task, l, guilty)).orElseGet(() -> {
            Class<?> type = task.getClass();
            boolean inner = type.getEnclosingClass() != null
                    && guilty.equals(type.getEnclosingClass().getName());
            return type.getName() + " cannot be sent to a helper: it "
                    + (inner
                            ? "refers to the " + guilty + " that it is an inner class of; make it a static class"
                            : "holds a " + guilty + ", which is not Serializable");
        });
    }

    private static String explain(RemoteCallable<?> task, SerializedLambda lambda, String guilty) {
        String owner = lambda.getCapturingClass().replace('/', '.');
        Optional<LambdaBody> body = ownerOf(task, owner)
                .flatMap(c -> LambdaBody.of(c, lambda.getImplMethodName(), lambda.getImplMethodSignature()));
        String place = "the lambda at " + owner.substring(owner.lastIndexOf('.') + 1)
                + body.filter(b -> b.line() > 0).map(b -> ":" + b.line()).orElse("");
        for (int i = 0; i < lambda.getCapturedArgCount(); i++) {
            Object captured = lambda.getCapturedArg(i);
            if (captured instanceof Segment segment) {
                return place + " captures segment '" + segment.label()
                        + "', which is of this JVM: attach(segment) it to " + "the helper and use ctx.segment(\""
                        + segment.label() + "\")";
            }
            if (captured instanceof Checkpoints) {
                return place + " captures the checkpoints of this JVM: use ctx.checkpoints()";
            }
            if (captured != null && !(captured instanceof Serializable)) {
                boolean isThis = i == 0 && captured.getClass().getName().equals(guilty) && takesThis(lambda);
                return isThis
                        ? place + " captures `this`" + body.map(Captures::used).orElse("")
                                + ", and " + guilty
                                + " is not Serializable: copy what it needs into a local variable, or "
                                + "make that static"
                        : place + " captures a " + guilty
                                + ", which is not Serializable: make it there, or send what it is " + "made from";
            }
        }
        return place + " captures something that holds a " + guilty + ", which is not Serializable";
    }

    private static boolean takesThis(SerializedLambda lambda) {
        return lambda.getImplMethodKind() != java.lang.invoke.MethodHandleInfo.REF_invokeStatic;
    }

    private static Optional<Class<?>> ownerOf(RemoteCallable<?> task, String name) {
        try {
            return Optional.of(Class.forName(name, false, task.getClass().getClassLoader()));
        } catch (ClassNotFoundException e) {
            return Optional.empty();
        }
    }

    private static String used(LambdaBody body) {
        List<String> fields = body.uses().stream().filter(u -> !u.endsWith(")")).toList();
        List<String> methods = body.uses().stream().filter(u -> u.endsWith(")")).toList();
        if (fields.isEmpty() && methods.isEmpty()) {
            return "";
        }
        return " ("
                + (fields.isEmpty() ? "" : "field " + quoted(fields))
                + (fields.isEmpty() || methods.isEmpty() ? "" : ", ")
                + (methods.isEmpty() ? "" : "method " + quoted(methods))
                + ")";
    }

    private static String quoted(List<String> names) {
        return names.stream().map(n -> "`" + n + "`").collect(Collectors.joining(", "));
    }
}
