package io.github.shmkit.internal.helper;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.github.shmkit.internal.session.Session;
import io.github.shmkit.process.JvmHelper;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class JvmReserveTests {
    private final Session session = Session.open();
    private final SessionCheckpoints checkpoints = new SessionCheckpoints(session, new Timeouts(1));
    private final JvmLauncher launcher = new JvmLauncher(session, new Timeouts(1), true);

    @AfterEach
    void close() {
        launcher.close();
        checkpoints.close();
        session.close();
    }

    private JvmHelper start(String name) {
        return new JvmHelpers(launcher, checkpoints, new Timeouts(1)).jvm(name).start();
    }

    /** Those that the supervisor started and has not seen end. */
    private List<Long> jvms() {
        return ProcessHandle.of(session.supervisor().pid())
                .orElseThrow()
                .children()
                .filter(process -> process.info().command().orElse("").endsWith("/java"))
                .map(ProcessHandle::pid)
                .toList();
    }

    @Test
    void itComesThoughTheFirstHelperHasNothingToDo() {
        try (JvmHelper first = start("first")) {
            await().untilAsserted(() -> assertThat(jvms()).hasSize(2).contains(first.pid()));
        }
    }

    @Test
    void itBecomesTheNextHelper() {
        try (JvmHelper first = start("first")) {
            assertThat(first.<Integer>call(context -> 1)).isEqualTo(1);
            launcher.awaitSpare();
            List<Long> both = jvms();
            try (JvmHelper second = start("second")) {
                assertThat(both).containsExactlyInAnyOrder(first.pid(), second.pid());
            }
        }
    }

    /** Most often it waits still; where the machine is slow it is on its way. */
    @RepeatedTest(5)
    void whoeverClosesDoesNotWaitForOneThatIsNotStarted() {
        try (JvmHelper first = start("first")) {
            long start = System.nanoTime();
            launcher.close();
            assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(5));
            assertThat(jvms()).containsExactly(first.pid());
        }
    }
}
