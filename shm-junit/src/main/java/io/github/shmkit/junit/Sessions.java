package io.github.shmkit.junit;

import io.github.shmkit.junit.internal.Run;
import io.github.shmkit.junit.internal.TestSession;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.jupiter.api.extension.ExtensionContext.Store;

/** Finds and keeps the one session of a context. */
final class Sessions {
    static final Namespace NAMESPACE = Namespace.create(ShmExtension.class);

    /** A key for each context: a store finds its parents' values too, and parallel tests have the same parent. */
    private record Key(String uniqueId) {}

    private Sessions() {}

    /** The session of the context itself, which ends with it. */
    static TestSession of(ExtensionContext context) {
        return stored(context.getStore(NAMESPACE)
                .getOrComputeIfAbsent(
                        new Key(context.getUniqueId()),
                        key -> new Stored<>(
                                new TestSession(run(context), describe(context)), session -> close(session, context)),
                        Stored.class));
    }

    /** The sessions of the context and of those around it, as far as there are any. */
    static List<TestSession> around(ExtensionContext context) {
        List<TestSession> sessions = new ArrayList<>();
        for (Optional<ExtensionContext> at = Optional.of(context);
                at.isPresent();
                at = at.get().getParent()) {
            Object stored = at.get().getStore(NAMESPACE).get(new Key(at.get().getUniqueId()));
            if (stored != null) {
                sessions.add(stored((Stored<?>) stored));
            }
        }
        return sessions;
    }

    private static TestSession stored(Stored<?> stored) {
        return (TestSession) stored.value();
    }

    /** The run that all tests of the engine share. */
    static Run run(ExtensionContext context) {
        Store store = context.getRoot().getStore(NAMESPACE);
        Stored<?> stored =
                store.getOrComputeIfAbsent(Run.class, key -> new Stored<>(new Run(), Run::close), Stored.class);
        return (Run) stored.value();
    }

    private static String describe(ExtensionContext context) {
        return context.getTestMethod()
                .map(method -> "test " + context.getRequiredTestClass().getName() + "#" + method.getName())
                .or(() -> context.getTestClass().map(type -> "class " + type.getName()))
                .orElse("the test run");
    }

    private static void close(TestSession session, ExtensionContext context) {
        TestSession.Closing closing = session.close(context.getExecutionException());
        List<Throwable> problems = new ArrayList<>();
        if (!closing.findings().isEmpty()) {
            problems.add(new HelperFailure(String.join("\n", closing.findings())));
        }
        problems.addAll(closing.errors());
        if (!problems.isEmpty()) {
            Throwable first = problems.get(0);
            problems.stream().skip(1).forEach(first::addSuppressed);
            throwUnchecked(first);
        }
    }

    private static void throwUnchecked(Throwable problem) {
        if (problem instanceof Error error) {
            throw error;
        }
        throw (RuntimeException) problem;
    }
}
