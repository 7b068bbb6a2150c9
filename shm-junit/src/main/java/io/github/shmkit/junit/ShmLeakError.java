package io.github.shmkit.junit;

import io.github.shmkit.junit.internal.Finding;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.opentest4j.AssertionFailedError;

/**
 * A test or class left something: objects, mappings, descriptors, processes. Or an object of its own was changed.
 *
 * <p>The message tells for each what it is, who made it or has it, and what to do. What was made through shmkit has the
 * place where it was made as a suppressed throwable.
 *
 * @since 0.1.0
 */
public final class ShmLeakError extends AssertionFailedError {
    private static final long serialVersionUID = 1L;

    private final transient List<Leak> leaks;

    ShmLeakError(String owner, List<Finding> findings, List<LeakKind> missing) {
        super(missing.isEmpty() ? message(owner, findings) : missing(owner, missing, findings));
        leaks = findings.stream().map(Leak::of).toList();
        findings.stream()
                .filter(finding -> !finding.where().isEmpty())
                .forEach(finding -> addSuppressed(new MadeHere(finding)));
    }

    static String message(String owner, List<Finding> findings) {
        return Stream.of(
                        part(owner + " left:", findings, finding -> finding.kind() != Finding.Kind.CHANGED),
                        part(
                                "objects of " + owner + " changed:",
                                findings,
                                finding -> finding.kind() == Finding.Kind.CHANGED))
                .filter(part -> !part.isEmpty())
                .collect(Collectors.joining("\n"));
    }

    private static String part(String head, List<Finding> findings, Predicate<Finding> which) {
        return findings.stream().anyMatch(which)
                ? findings.stream()
                        .filter(which)
                        .map(Finding::toString)
                        .collect(Collectors.joining("\n  ", head + "\n  ", ""))
                : "";
    }

    private static String missing(String owner, List<LeakKind> missing, List<Finding> findings) {
        return owner + " should have left " + missing + ", as its @ExpectLeak says, but did not"
                + (findings.isEmpty() ? "" : "; " + message(owner, findings));
    }

    /**
     * What was left, without what was expected.
     *
     * @return none if the failure is that something expected is missing
     */
    public List<Leak> leaks() {
        return leaks;
    }

    /** A place in the test, shown as stack traces are. */
    private static final class MadeHere extends Throwable {
        private static final long serialVersionUID = 1L;

        MadeHere(Finding finding) {
            super(finding.what() + "; it was made here", null, false, true);
            setStackTrace(finding.where().toArray(StackTraceElement[]::new));
        }

        @Override
        public synchronized Throwable fillInStackTrace() {
            return this;
        }
    }
}
