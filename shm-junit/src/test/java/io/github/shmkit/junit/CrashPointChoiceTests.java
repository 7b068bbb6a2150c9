package io.github.shmkit.junit;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.shmkit.Segment;
import io.github.shmkit.ShmException;
import io.github.shmkit.junit.EachCrashPoint.Points;
import io.github.shmkit.process.RemoteCallable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.platform.engine.discovery.DiscoverySelectors;
import org.junit.platform.testkit.engine.EngineTestKit;

/** Which of its points a program dies at, and what is told of a failure at one. */
@Timeout(120)
class CrashPointChoiceTests {
    private static String program = "";

    @BeforeAll
    static void compile() throws IOException, InterruptedException {
        program = WriterProgram.path();
    }

    static class BisectCase {
        static final Queue<Integer> SEEN = new ConcurrentLinkedQueue<>();

        @EachCrashPoint(points = Points.BISECT)
        void test(CrashPoint at, @Shm(size = 16384) Segment ring, ShmTestkit kit) {
            at.runAndCrash(kit.command("writer", program, "many", "{path}").attach(ring));
            SEEN.add(at.steps());
            assertThat(at.steps()).as("half of it").isLessThan(219);
        }
    }

    @Test
    void bisectionFindsTheBorderWithFewRuns() {
        NestedRun run = NestedRun.of(BisectCase.class);

        assertThat(BisectCase.SEEN)
                .startsWith(-1, 0, 33)
                .contains(218, 219, 500)
                .hasSizeLessThan(25);
        assertThat(run.results().allEvents().reportingEntryPublished().stream()
                        .map(Object::toString)
                        .toList())
                .anyMatch(text -> text.contains(BisectCase.SEEN.size() - 1 + " of 501 points were run"));
    }

    static class PartCase {
        static final Queue<List<Long>> SEEN = new ConcurrentLinkedQueue<>();

        static final RemoteCallable<Void> TASK = context -> {
            context.segment().putLong(0, 1);
            context.checkpoints().reach("up");
            context.segment().putLong(8, 2);
            context.segment().putLong(16, 3);
            context.checkpoints().reach("done");
            context.segment().putLong(24, 4);
            return null;
        };

        @EachCrashPoint(from = "up", to = "done")
        void test(CrashPoint at, @Shm(label = "ring") Segment ring, ShmTestkit kit) {
            at.runAndCrash(kit.jvm("writer").attach(ring), TASK);
            SEEN.add(List.of(ring.getLong(0), ring.getLong(8), ring.getLong(16), ring.getLong(24)));
        }
    }

    @Test
    void pointsAreBetweenTwoCheckpoints() {
        NestedRun.of(PartCase.class).allPassed(4);

        assertThat(PartCase.SEEN)
                .containsExactly(
                        List.of(1L, 2L, 3L, 4L),
                        List.of(1L, 0L, 0L, 0L),
                        List.of(1L, 2L, 0L, 0L),
                        List.of(1L, 2L, 3L, 0L));
    }

    static class NeverReachedCase {
        @EachCrashPoint(from = "ready")
        void test(CrashPoint at, @Shm Segment ring, ShmTestkit kit) {
            at.runAndCrash(kit.jvm("writer").attach(ring), PartCase.TASK);
        }
    }

    static class ExchangedCase {
        @EachCrashPoint(from = "done", to = "up")
        void test(CrashPoint at, @Shm Segment ring, ShmTestkit kit) {
            at.runAndCrash(kit.jvm("writer").attach(ring), PartCase.TASK);
        }
    }

    @Test
    void aCheckpointThatBoundsNothingIsAnError() {
        assertThat(NestedRun.of(NeverReachedCase.class).failure())
                .isInstanceOf(ShmException.class)
                .hasMessageContaining("the program did not reach checkpoint 'ready', which bounds its points; ")
                .hasMessageContaining("up");
        assertThat(NestedRun.of(ExchangedCase.class).failure())
                .isInstanceOf(ShmException.class)
                .hasMessageContaining("exchange from and to");
    }

    static class FailingCase {
        @EachCrashPoint
        void test(CrashPoint at, @Shm(size = 16384, label = "ring") Segment ring, ShmTestkit kit) {
            at.runAndCrash(kit.command("writer", program, "steps", "{path}").attach(ring));
            assertThat(at.steps()).as("the third").isNotEqualTo(3);
        }
    }

    private static NestedRun alone(String point) {
        return new NestedRun(NestedRun.engine(FailingCase.class)
                .configurationParameter("shmkit.crash.point", point)
                .execute());
    }

    @Test
    void oneIsRepeatedAloneByASetting() {
        NestedRun run = alone("3");
        assertThat(run.displayNames()).containsExactly("[1] killed after store 3");
        assertThat(run.failure()).hasMessageContaining("the third");

        alone("2").allPassed(1);
        assertThat(alone("77").skipped())
                .singleElement()
                .asString()
                .contains("exited with code 0 before store 77, after 5 " + "stores");
        assertThat(alone("-1").failures().get(0))
                .hasMessageContaining("shmkit.crash.point = -1: must be a whole number, at least 0");
    }

    @Test
    void oneThatIsSelectedWithoutTheRecordSaysHowToRepeatIt() {
        NestedRun run = new NestedRun(EngineTestKit.engine("junit-jupiter")
                .selectors(
                        DiscoverySelectors.selectUniqueId("[engine:junit-jupiter]/[class:" + FailingCase.class.getName()
                                + "]/[test-template:test(io.github.shmkit.junit.CrashPoint, io.github.shmkit.Segment, "
                                + "io.github.shmkit.junit.ShmTestkit)]/[test-template-invocation:#5]"))
                .execute());
        assertThat(run.failure())
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("run the whole method, or one point by -Dshmkit.crash.point=NUMBER");
    }

    @Test
    void aFailureTellsTheLastStoresAndWhoWroteWhat() throws IOException {
        Throwable failure = NestedRun.of(FailingCase.class).failure();

        String report = Arrays.stream(failure.getSuppressed())
                .filter(ShmDiagnostics.class::isInstance)
                .map(Throwable::getMessage)
                .findFirst()
                .orElse("");
        assertThat(report)
                .contains(
                        "\nagain alone with -Dshmkit.crash.point=3: killed after store 3: ring+0x10: 00→03, writer+0x")
                .containsPattern("\n  00000000  01 .*  <- store 2 of 'writer'\n")
                .containsPattern("\n  00000010  03 .*  <- store 3 of 'writer'\n")
                .contains("\n  traced: 3 accesses:\n    store 1: ring+0x0: 00→01, writer+0x")
                .contains("\n    store 3: ring+0x10: 00→03, writer+0x");
        Path artifacts = Path.of("target/shmkit/artifacts", FailingCase.class.getName(), "test[5]");
        try (var files = Files.list(artifacts)) {
            assertThat(files.map(file -> file.getFileName().toString()))
                    .contains("accesses-1.log")
                    .anyMatch(name -> name.matches("helper-writer-\\d+\\.accesses"));
        }
    }
}
