package io.github.shmkit.junit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;

import io.github.shmkit.Segment;
import io.github.shmkit.SegmentAddress;
import io.github.shmkit.SegmentKind;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.testkit.engine.EngineExecutionResults;
import org.junit.platform.testkit.engine.EngineTestKit;

/** Runs test classes that are made to be looked at, and tells what became of them. */
final class NestedRun {
    private final EngineExecutionResults results;

    NestedRun(EngineExecutionResults results) {
        this.results = results;
    }

    static NestedRun of(Class<?>... testClasses) {
        return new NestedRun(engine(testClasses).execute());
    }

    static NestedRun inParallel(Class<?>... testClasses) {
        return new NestedRun(engine(testClasses)
                .configurationParameter("junit.jupiter.execution.parallel.enabled", "true")
                .configurationParameter("junit.jupiter.execution.parallel.mode.default", "concurrent")
                .configurationParameter("junit.jupiter.execution.parallel.config.strategy", "fixed")
                .configurationParameter("junit.jupiter.execution.parallel.config.fixed.parallelism", "4")
                .execute());
    }

    static EngineTestKit.Builder engine(Class<?>... testClasses) {
        EngineTestKit.Builder builder = EngineTestKit.engine("junit-jupiter");
        for (Class<?> testClass : testClasses) {
            builder.selectors(selectClass(testClass));
        }
        return builder;
    }

    EngineExecutionResults results() {
        return results;
    }

    /** All tests passed, and they were so many. */
    NestedRun allPassed(int tests) {
        assertThat(failures()).isEmpty();
        results.testEvents()
                .assertStatistics(stats ->
                        stats.succeeded(tests).finished(tests).skipped(0).aborted(0));
        return this;
    }

    /** What failed the only test or class that failed. */
    Throwable failure() {
        assertThat(failures()).hasSize(1);
        return failures().get(0);
    }

    List<Throwable> failures() {
        return results.allEvents().failed().stream()
                .map(event -> event.getRequiredPayload(TestExecutionResult.class))
                .flatMap(result -> result.getThrowable().stream())
                .toList();
    }

    /** What else was told with a failure, besides the state of segments and helpers. */
    static List<Throwable> suppressed(Throwable failure) {
        return Arrays.stream(failure.getSuppressed())
                .filter(suppressed -> !(suppressed instanceof ShmDiagnostics))
                .toList();
    }

    /** The state of segments and helpers that was told with a failure. */
    static String diagnostics(Throwable failure) {
        List<Throwable> all = Arrays.stream(failure.getSuppressed())
                .filter(suppressed -> suppressed instanceof ShmDiagnostics)
                .toList();
        assertThat(all).as("diagnostics of %s", failure).hasSize(1);
        return all.get(0).getMessage();
    }

    List<String> displayNames() {
        return results.testEvents().started().stream()
                .map(event -> event.getTestDescriptor().getDisplayName())
                .toList();
    }

    /** Why tests did not run, whether JUnit calls that skipped or aborted. */
    List<String> skipped() {
        return Stream.concat(
                        results.testEvents().skipped().stream().map(event -> event.getRequiredPayload(String.class)),
                        results.testEvents().aborted().stream()
                                .map(event -> event.getRequiredPayload(TestExecutionResult.class))
                                .flatMap(result -> result.getThrowable().stream())
                                .map(Throwable::getMessage))
                .toList();
    }

    /** The objects that a run had, to see afterwards that they are gone. */
    static final class Seen {
        private final Map<Segment, String> segments = new ConcurrentHashMap<>();

        void add(Segment segment) {
            String identity = identity(segment);
            assertThat(identity).as("%s while it is in use", segment).isNotEmpty();
            segments.put(segment, identity);
        }

        /** Those that still exist. */
        Set<Segment> existing() {
            return segments.keySet().stream()
                    .filter(segment -> identity(segment).equals(segments.get(segment)))
                    .collect(Collectors.toSet());
        }

        /** There were so many, and none is left. */
        void assertGone(int count) {
            assertThat(segments).hasSize(count);
            assertThat(existing()).isEmpty();
        }
    }

    /** What the kernel knows the object by, where it says that it is; empty if there is nothing. */
    private static String identity(Segment segment) {
        try {
            if (segment.address() instanceof SegmentAddress.BySysv sysv) {
                try (Stream<String> lines = Files.lines(Path.of("/proc/sysvipc/shm"))) {
                    return lines.map(line -> line.strip().split("\\s+"))
                            .filter(fields -> fields[0].equals(Integer.toString(sysv.key())))
                            .filter(fields -> fields[1].equals(Integer.toString(sysv.shmid())))
                            .findFirst()
                            .map(fields -> fields[0] + " " + fields[1])
                            .orElse("");
                }
            }
            // The number of a memfd's descriptor is soon another file's.
            Path path = Path.of(((SegmentAddress.ByPath) segment.address()).path());
            return segment.kind() == SegmentKind.MEMFD
                    ? Files.readSymbolicLink(path).toString()
                    : path.toRealPath().toString();
        } catch (NoSuchFileException e) {
            return "";
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
