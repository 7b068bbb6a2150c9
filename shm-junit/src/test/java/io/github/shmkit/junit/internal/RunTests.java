package io.github.shmkit.junit.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.github.shmkit.Segment;
import io.github.shmkit.SegmentAddress;
import io.github.shmkit.SegmentKind;
import io.github.shmkit.SegmentSpec;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

class RunTests {
    private static final int ROUNDS = 2000;

    /** Who does not know of another one is charged with what that one makes. */
    @Test
    void testsThatBeginAtTheSameMomentMeet() throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(2);
        try (Run run = new Run(Settings.from(key -> Optional.empty()))) {
            CyclicBarrier both = new CyclicBarrier(2);
            for (int round = 0; round < ROUNDS; round++) {
                Future<TestSession> a = threads.submit(() -> begin(run, both, "a"));
                Future<TestSession> b = threads.submit(() -> begin(run, both, "b"));
                assertThat(List.of(a.get().met(), b.get().met()))
                        .as("round %d", round)
                        .allMatch(met -> met.size() == 1);
                run.end(a.get());
                run.end(b.get());
            }
        } finally {
            threads.shutdown();
        }
    }

    /** The search for leaks needs the session, which is gone. */
    @Test
    void failureToLookForLeaksKeepsNothingOpen() {
        Run run = new Run(Settings.from(key -> Optional.empty()));
        TestSession test = new TestSession(run, run.settings(), scope(run, "test"));
        Segment segment = test.create(SegmentSpec.of(SegmentKind.MEMFD).label("ring"), Origin.here());
        SegmentAddress address = segment.address();
        Segment adopted = test.adopt(address, Origin.here());
        run.close();

        TestSession.Closing closing = test.close(Optional.empty());

        assertThat(closing.errors())
                .singleElement()
                .satisfies(error -> assertThat(error).hasMessage("the test run is over"));
        assertThatIllegalStateException().isThrownBy(() -> adopted.getByte(0));
    }

    private static TestSession begin(Run run, CyclicBarrier both, String name) throws Exception {
        both.await();
        return new TestSession(run, run.settings(), scope(run, name));
    }

    private static TestSession.Scope scope(Run run, String name) {
        return new TestSession.Scope(
                name,
                () -> name,
                true,
                () -> new ArtifactFolder(run.artifacts(), Path.of(name), Path.of(name)),
                List::of,
                () -> {
                    throw new AssertionError("nothing is told to the class");
                });
    }
}
