package io.github.shmkit.junit;

import io.github.shmkit.junit.internal.Finding;
import io.github.shmkit.junit.internal.LeakSnapshot;
import io.github.shmkit.junit.internal.Report;
import io.github.shmkit.junit.internal.Run;
import io.github.shmkit.junit.internal.Settings;
import io.github.shmkit.junit.internal.TestSession;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.jupiter.api.extension.ExtensionContext.Store;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.platform.commons.support.AnnotationSupport;

/** Finds and keeps the one session of a context. */
final class Sessions {
    static final Namespace NAMESPACE = Namespace.create(ShmExtension.class);

    /** A key for each context, which JUnit makes once: a store finds its parents' values too. */
    private record Key(ExtensionContext context) {}

    private record SettingsKey(ExtensionContext context) {}

    private record StrictKey(ExtensionContext context) {}

    private Sessions() {}

    /** The session of the context itself, which ends with it. */
    static TestSession of(ExtensionContext context) {
        Run run = run(context); // stored before, so that it is closed behind
        return stored(context.getStore(NAMESPACE)
                .getOrComputeIfAbsent(
                        new Key(context),
                        key -> new Stored<>(begin(run, context), session -> close(session, context)),
                        Stored.class));
    }

    private static TestSession begin(Run run, ExtensionContext context) {
        Settings settings = settings(context);
        return new TestSession(
                run,
                settings,
                new TestSession.Scope(
                        describe(context),
                        context::getUniqueId,
                        context.getTestMethod().isPresent(),
                        () -> Artifacts.of(context, run, settings),
                        () -> around(context),
                        () -> of(classOf(context))));
    }

    /** The sessions of the context and of those around it, as far as there are any. */
    static List<TestSession> around(ExtensionContext context) {
        List<TestSession> sessions = new ArrayList<>();
        for (Optional<ExtensionContext> at = Optional.of(context);
                at.isPresent();
                at = at.get().getParent()) {
            Object stored = at.get().getStore(NAMESPACE).get(new Key(at.get()));
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
        Stored<?> stored = store.getOrComputeIfAbsent(
                Run.class,
                key -> new Stored<>(new Run(Settings.from(context::getConfigurationParameter)), Run::close),
                Stored.class);
        return (Run) stored.value();
    }

    /** The nearest context of a class; the root, if the context is outside of any. */
    private static ExtensionContext classOf(ExtensionContext context) {
        ExtensionContext at = context;
        while (at.getTestMethod().isPresent() && at.getParent().isPresent()) {
            at = at.getParent().get();
        }
        return at;
    }

    // --- settings ---

    /** Those that hold for a class: what it says, then the classes around it, then the run. */
    static Settings settings(ExtensionContext context) {
        ExtensionContext owner = classOf(context);
        return owner.getStore(NAMESPACE)
                .getOrComputeIfAbsent(
                        new SettingsKey(owner),
                        key -> {
                            Settings settings = run(context).settings();
                            List<ShmSettings> all = declaredSettings(owner).collect(Collectors.toList());
                            for (int i = all.size() - 1; i >= 0; i--) {
                                settings = settings.with(all.get(i).values());
                            }
                            return settings;
                        },
                        Settings.class);
    }

    /** Nearest first. */
    static Stream<ShmSettings> declaredSettings(ExtensionContext context) {
        return Stream.iterate(Optional.of(context), Optional::isPresent, at -> at.flatMap(ExtensionContext::getParent))
                .flatMap(at -> at.flatMap(ExtensionContext::getTestClass).stream())
                .distinct()
                .flatMap(type ->
                        AnnotationSupport.findAnnotatedFieldValues(type, RegisterExtension.class, ShmSettings.class)
                                .stream());
    }

    private static String describe(ExtensionContext context) {
        return context.getTestMethod()
                .map(method -> "test " + context.getRequiredTestClass().getName() + "#" + method.getName())
                .or(() -> context.getTestClass().map(type -> "class " + type.getName()))
                .orElse("the test run");
    }

    // --- strict ---

    /** Remembers what there is before a test that may leave nothing. */
    static void beginStrictly(ExtensionContext context) {
        TestSession session = of(context);
        if (session.settings().leakPolicy() != Settings.LeakPolicy.OFF) {
            context.getStore(NAMESPACE).put(new StrictKey(context), LeakSnapshot.take());
        }
    }

    private static List<Finding> strictLeaks(ExtensionContext context, List<Finding> known) {
        Object before = context.getStore(NAMESPACE).get(new StrictKey(context));
        if (before == null) {
            return List.of();
        }
        return LeakSnapshot.take().since((LeakSnapshot) before).stream()
                .filter(finding -> known.stream().noneMatch(other -> other.isSameAs(finding)))
                .toList();
    }

    // --- the end ---

    private static void close(TestSession session, ExtensionContext context) {
        Optional<Throwable> failure = context.getExecutionException();
        Optional<Report> report = failure.isEmpty() && session.hasWrongEnd()
                ? Optional.of(Report.take(around(context)))
                : Optional.empty();
        TestSession.Closing closing = session.close(failure);
        List<Throwable> problems = new ArrayList<>();
        if (!closing.findings().isEmpty()) {
            HelperFailure helpers = new HelperFailure(String.join("\n", closing.findings()));
            closing.causes().forEach(helpers::addSuppressed);
            report.ifPresent(r -> Reports.attach(r, helpers, context, session));
            problems.add(helpers);
        }
        judgeLeaks(session, closing, context).ifPresent(problems::add);
        problems.addAll(closing.errors());
        if (failure.isEmpty() && problems.isEmpty()) {
            session.discardArtifacts();
        }
        if (!problems.isEmpty()) {
            Throwable first = problems.get(0);
            problems.stream().skip(1).forEach(first::addSuppressed);
            throwUnchecked(first);
        }
    }

    private static Optional<ShmLeakError> judgeLeaks(
            TestSession session, TestSession.Closing closing, ExtensionContext context) {
        List<Finding> leaks = new ArrayList<>(closing.leaks());
        leaks.addAll(strictLeaks(context, leaks));
        if (session.settings().leakPolicy() == Settings.LeakPolicy.OFF) {
            return Optional.empty();
        }
        List<LeakKind> expected = AnnotationSupport.findAnnotation(context.getTestMethod(), ExpectLeak.class)
                .map(expectation -> List.of(expectation.value()))
                .orElse(List.of());
        List<LeakKind> missing = expected.stream()
                .filter(kind ->
                        leaks.stream().noneMatch(leak -> kind == Leak.of(leak).kind()))
                .toList();
        leaks.removeIf(leak -> expected.contains(Leak.of(leak).kind()));
        if (!missing.isEmpty() && context.getExecutionException().isEmpty()) {
            return Optional.of(new ShmLeakError(session.owner(), leaks, missing));
        }
        if (leaks.isEmpty()) {
            return Optional.empty();
        }
        if (session.settings().leakPolicy() == Settings.LeakPolicy.WARN) {
            context.publishReportEntry("shmkit.leaks", ShmLeakError.message(session.owner(), leaks));
            return Optional.empty();
        }
        return Optional.of(new ShmLeakError(session.owner(), leaks, List.of()));
    }

    private static void throwUnchecked(Throwable problem) {
        if (problem instanceof Error error) {
            throw error;
        }
        throw (RuntimeException) problem;
    }

    /** The name of a helper in the making. */
    static String nameOf(Object builder) {
        return TestSession.nameOf(builder);
    }
}
