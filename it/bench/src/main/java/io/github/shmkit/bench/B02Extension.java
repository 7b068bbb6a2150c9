package io.github.shmkit.bench;

import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;

import io.github.shmkit.Segment;
import io.github.shmkit.SegmentSpec;
import io.github.shmkit.junit.Shm;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.io.TempDir;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;
import org.junit.platform.launcher.listeners.SummaryGeneratingListener;
import org.junit.platform.launcher.listeners.TestExecutionSummary;

final class B02Extension implements Benchmark {
    private static final int TESTS = 1_000;
    private static final double GOAL = 1.2;

    @Override
    public String id() {
        return "B2";
    }

    @Override
    public String work() {
        return "@Shm around an empty JUnit test, 1 000 tests";
    }

    @Override
    public String peers() {
        return "the same with @TempDir and FileChannel.map (create, map, delete)";
    }

    @Override
    public String goal() {
        return "≤ 1.2";
    }

    @Override
    public String method() {
        return "Two test classes that differ in nothing but where their 4 KiB come from, run by JUnit's launcher in one "
                + "warm JVM, from the call to its return: beginning and ending the session and its supervisor are in "
                + "ours. The row without a goal is the first run in a fresh JVM, from the program's first line.";
    }

    @Override
    public void run(Contest contest) throws Exception {
        contest.measure(
                "1 000 tests",
                "ms",
                new Contest.Length(20, 24, 45),
                Arm.nanos(1, () -> launch(Ours.class)).per(1_000_000),
                List.of(new Peer(
                        "@TempDir and FileChannel.map",
                        GOAL,
                        Arm.nanos(1, () -> launch(TempDirs.class)).per(1_000_000))));
        contest.measure(
                "1 000 tests, first run in a fresh JVM",
                "ms",
                new Contest.Length(1, 5, 25),
                () -> fresh(Ours.class),
                List.of(new Peer("@TempDir and FileChannel.map", Peer.NO_GOAL, () -> fresh(TempDirs.class))));
    }

    private static double fresh(Class<?> tests) throws Exception {
        return Double.parseDouble(Programs.output(Programs.java(Fresh.class, tests.getName())));
    }

    static void launch(Class<?> tests) {
        SummaryGeneratingListener listener = new SummaryGeneratingListener();
        LauncherFactory.create()
                .execute(
                        LauncherDiscoveryRequestBuilder.request()
                                .selectors(selectClass(tests))
                                .build(),
                        listener);
        if (listener.getSummary().getTestsSucceededCount() != TESTS) {
            List<TestExecutionSummary.Failure> failures = listener.getSummary().getFailures();
            throw new IllegalStateException(
                    failures.size() + " failures in " + tests
                            + (failures.isEmpty()
                                    ? ""
                                    : ", first of all: " + failures.get(0).getException()),
                    failures.isEmpty() ? null : failures.get(0).getException());
        }
    }

    static final class Fresh {
        private Fresh() {}

        @SuppressWarnings("SystemOut")
        public static void main(String[] args) throws ClassNotFoundException {
            long start = System.nanoTime();
            launch(Class.forName(args[0]));
            System.out.println((System.nanoTime() - start) / 1_000_000.0);
        }
    }

    static final class Ours {
        @RepeatedTest(TESTS)
        void empty(@Shm Segment segment) {}
    }

    static final class TempDirs {
        @RepeatedTest(TESTS)
        void empty(@TempDir Path folder) throws Exception {
            Path file = folder.resolve("mapped");
            try (FileChannel channel = FileChannel.open(
                    file, StandardOpenOption.CREATE_NEW, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
                var unused = channel.map(FileChannel.MapMode.READ_WRITE, 0, SegmentSpec.DEFAULT_SIZE);
            }
            Files.delete(file);
        }
    }
}
