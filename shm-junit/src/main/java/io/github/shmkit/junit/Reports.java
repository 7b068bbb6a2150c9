package io.github.shmkit.junit;

import io.github.shmkit.junit.internal.Report;
import io.github.shmkit.junit.internal.TestSession;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.opentest4j.TestAbortedException;

/** Takes evidence while it is there, and hangs it on failures. */
final class Reports {
    private Reports() {}

    /** Before JUnit interrupts a test that has taken too long: what it undoes then would be missing. */
    static void takeEarly(ExtensionContext context) {
        List<TestSession> sessions = Sessions.around(context);
        if (!sessions.isEmpty()) {
            sessions.get(0).evidence().keep(Report.take(sessions));
        }
    }

    /** With the interrupt kept back that a test was ended by, which would close each file as it is opened. */
    private static void undisturbed(Runnable work) {
        boolean interrupted = Thread.interrupted();
        try {
            work.run();
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /** If the test has failed and this was not told yet. */
    static void tell(ExtensionContext context) {
        Optional<Throwable> failure = context.getExecutionException();
        if (failure.isEmpty() || failure.get() instanceof TestAbortedException) {
            return;
        }
        List<TestSession> sessions = Sessions.around(context);
        boolean told = List.of(failure.get().getSuppressed()).stream().anyMatch(ShmDiagnostics.class::isInstance);
        if (!told && !sessions.isEmpty()) {
            undisturbed(() -> tell(failure.get(), sessions, context));
        }
    }

    private static void tell(Throwable failure, List<TestSession> sessions, ExtensionContext context) {
        TestSession session = sessions.get(0);
        Report report = session.evidence().kept().orElseGet(() -> Report.take(sessions));
        attach(report, failure, context, session);
    }

    static void attach(Report report, Throwable failure, ExtensionContext context, TestSession session) {
        undisturbed(() -> failure.addSuppressed(new ShmDiagnostics(written(report, context, session))));
    }

    private static String written(Report report, ExtensionContext context, TestSession session) {
        try {
            Path folder = session.makeArtifacts();
            report.write(folder).forEach(file -> JupiterCompat.publish(context, file));
            return report.text() + "\nall of it: " + folder;
        } catch (UncheckedIOException e) {
            return report.text() + "\n" + e.getMessage() + ": " + e.getCause();
        }
    }
}
