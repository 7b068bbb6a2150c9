package io.github.shmkit.internal.helper;

import io.github.shmkit.ShmException;
import io.github.shmkit.ShmTimeoutException;
import io.github.shmkit.process.HelperDiedException;
import io.github.shmkit.process.Remote;
import io.github.shmkit.process.RemoteCallException;
import io.github.shmkit.process.RemoteCallable;
import io.github.shmkit.process.RemoteContext;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.IntFunction;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Tasks that were sent to one helper, and what came back. */
final class JvmTasks {
    private final String helper;
    private final String separator;
    private final Duration limit;
    private final Supplier<String> state;
    private final IntFunction<List<String>> stack;
    private final Unseen unseen;
    private final AtomicInteger numbers = new AtomicInteger();
    private final Map<Integer, CompletableFuture<JvmWire.Message>> pending = new ConcurrentHashMap<>();
    private volatile @Nullable Supplier<HelperDiedException> over;

    /**
     * None yet.
     *
     * @param helper for messages
     * @param separator stands between the stack there and here
     * @param limit of waits that name none
     * @param stack where the task of that number is, for messages
     * @param unseen holds each task until the test looks at its end
     */
    JvmTasks(
            String helper,
            String separator,
            Duration limit,
            Supplier<String> state,
            IntFunction<List<String>> stack,
            Unseen unseen) {
        this.helper = helper;
        this.separator = separator;
        this.limit = limit;
        this.state = state;
        this.stack = stack;
        this.unseen = unseen;
    }

    <T extends @Nullable Object> Remote<T> submit(RemoteCallable<T> task, Consumer<JvmWire.Message> send) {
        return submit(JvmWire.CALL, task, send);
    }

    <T extends @Nullable Object> Remote<T> submit(int type, RemoteCallable<T> task, Consumer<JvmWire.Message> send) {
        byte[] bytes = Captures.serialize(task);
        int number = numbers.incrementAndGet();
        CompletableFuture<JvmWire.Message> answer = new CompletableFuture<>();
        ClassLoader loader = task.getClass().getClassLoader();
        Task<T> sent = new Task<>(number, answer, loader == null ? ClassLoader.getSystemClassLoader() : loader);
        pending.put(number, answer);
        unseen.add(sent);
        Supplier<HelperDiedException> end = over; // after it is in the map: either we see the end or the end sees it
        if (end != null) {
            answer.completeExceptionally(end.get());
        } else {
            send.accept(new JvmWire.Message(type, number, bytes));
        }
        return sent;
    }

    /** Whether all have ended. */
    boolean isIdle() {
        return pending.isEmpty();
    }

    void answered(JvmWire.Message answer) {
        CompletableFuture<JvmWire.Message> waiting = pending.remove(answer.number());
        if (waiting != null) {
            waiting.complete(answer);
        }
    }

    /** No more answers come. */
    void end(Supplier<HelperDiedException> why) {
        over = why;
        for (Integer number : List.copyOf(pending.keySet())) {
            CompletableFuture<JvmWire.Message> waiting = pending.remove(number);
            if (waiting != null) {
                waiting.completeExceptionally(why.get());
            }
        }
    }

    private final class Task<T extends @Nullable Object> implements Remote<T>, Unseen.Work {
        private final int number;
        private final CompletableFuture<JvmWire.Message> answer;
        private final ClassLoader loader;

        Task(int number, CompletableFuture<JvmWire.Message> answer, ClassLoader loader) {
            this.number = number;
            this.answer = answer;
            this.loader = loader;
        }

        @Override
        public boolean isDone() {
            return answer.isDone();
        }

        @Override
        public T await() {
            return await(limit, ". Where that may take longer, use await(Duration)");
        }

        @Override
        public Optional<Unseen.Failure> failure() {
            if (!answer.isDone() || answer.isCompletedExceptionally()) {
                return Optional.empty(); // that the helper died is known otherwise
            }
            JvmWire.Message message = answer.join();
            try {
                return message.type() == JvmWire.FAILURE
                        ? Optional.of(failure(RemoteFailure.of(message.payload())))
                        : Optional.empty();
            } catch (IOException e) {
                return Optional.of(new Unseen.Failure(this, helper + " failed in a way that cannot be read", e));
            }
        }

        private Unseen.Failure failure(RemoteFailure failure) {
            return new Unseen.Failure(
                    this,
                    helper + " threw " + failure.chain().get(0).describe(),
                    failure.toThrowable(loader, separator, new StackTraceElement[0]));
        }

        @Override
        public T await(Duration max) {
            return await(max, "");
        }

        @Override
        public CompletableFuture<T> toCompletableFuture() {
            unseen.looked(this);
            return answer.thenApplyAsync(this::decode);
        }

        private T await(Duration max, String hint) {
            unseen.looked(this);
            try {
                return decode(answer.get(max.toNanos(), TimeUnit.NANOSECONDS));
            } catch (ExecutionException e) {
                if (e.getCause() instanceof HelperDiedException died) {
                    HelperDiedException here = new HelperDiedException(String.valueOf(died.getMessage()), died.exit());
                    here.initCause(died);
                    throw here;
                }
                throw new ShmException(helper + ": " + e.getCause(), e);
            } catch (TimeoutException e) {
                unseen.add(this);
                throw new ShmTimeoutException(
                        helper + " did not finish within " + max.toMillis() + " ms; it is " + state.get() + hint
                                + where(),
                        e);
            } catch (InterruptedException e) {
                unseen.add(this);
                Thread.currentThread().interrupt();
                throw new ShmException("interrupted while waiting for " + helper, e);
            }
        }

        private String where() {
            List<String> frames = stack.apply(number);
            return frames.isEmpty() ? "" : "; the task is here:\n  " + String.join("\n  ", frames);
        }

        @SuppressWarnings({"unchecked", "NullAway"}) // what a RemoteCallable<T> returned
        private T decode(JvmWire.Message message) {
            try {
                if (message.type() == JvmWire.FAILURE) {
                    throw thrown(RemoteFailure.of(message.payload()));
                }
                return (T) Serial.object(message.payload(), loader);
            } catch (IOException | ClassNotFoundException e) {
                throw new ShmException("the result of " + helper + " cannot be read: " + e, e);
            }
        }

        private RuntimeException thrown(RemoteFailure failure) {
            StackTraceElement[] here = new Throwable().getStackTrace();
            Throwable thrown = failure.toThrowable(loader, separator, here);
            if (failure.isAssertion() && thrown instanceof AssertionError assertion) {
                throw assertion;
            }
            return new RemoteCallException(
                    helper + " threw " + failure.chain().get(0).describe(), thrown);
        }
    }

    // --- main methods ---

    /** Runs a main method. */
    private static final class Main implements RemoteCallable<@Nullable Void> {
        private static final long serialVersionUID = 1L;

        private final Class<?> program;
        private final String[] arguments;

        Main(Class<?> program, String[] arguments) {
            this.program = program;
            this.arguments = arguments;
        }

        @Override
        @SuppressWarnings("NullAway") // which does not know that T is @Nullable Void here
        public @Nullable Void call(RemoteContext context) throws Exception {
            try {
                method(program).invoke(null, (Object) arguments);
                return null;
            } catch (InvocationTargetException e) {
                throw TaskBytes.rethrown(e);
            }
        }
    }

    private static Method method(Class<?> program) {
        try {
            Method main = program.getDeclaredMethod("main", String[].class);
            if (Modifier.isStatic(main.getModifiers())) {
                main.setAccessible(true);
                return main;
            }
        } catch (NoSuchMethodException e) {
            throw new IllegalArgumentException(program.getName() + " has no static void main(String[])", e);
        }
        throw new IllegalArgumentException(program.getName() + " has no static void main(String[])");
    }

    static RemoteCallable<@Nullable Void> main(JvmHelpers.Making making, Class<?> program, String... arguments) {
        method(program);
        Placeholders placeholders =
                new Placeholders(making.segments(), making.helpers().values());
        List<String> filled = new ArrayList<>();
        for (int i = 0; i < arguments.length; i++) {
            String where = CommandHelpers.argumentName(i + 1, arguments[i]);
            Placeholders.check(where, arguments[i]);
            filled.add(placeholders.fill(where, arguments[i]));
        }
        if (!placeholders.inherited().isEmpty()) {
            throw new IllegalArgumentException("placeholder {fd} is for commands: a JVM that runs already inherits no "
                    + "descriptor; open {path} instead");
        }
        return new Main(program, filled.toArray(String[]::new));
    }
}
