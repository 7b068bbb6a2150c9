package io.github.shmkit.internal.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.github.shmkit.PosixQueue;
import io.github.shmkit.ShmException;
import io.github.shmkit.SysvQueue;
import io.github.shmkit.SysvSemaphoreSet;
import io.github.shmkit.internal.ipc.Queue;
import io.github.shmkit.internal.os.SysvSets;
import java.time.Duration;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Errors of semaphores and queues are of the public type, and name the kernel's error as data. */
class KernelErrorTests {
    private static final Duration SECOND = Duration.ofSeconds(1);

    private final Session session = Session.open();

    @AfterEach
    void end() {
        session.end();
    }

    private static ShmException thrownBy(ThrowingCallable call) {
        return catchThrowableOfType(ShmException.class, call);
    }

    @Test
    void aMessageTooLongForAQueueIsEmsgsize() {
        PosixQueue queue = session.createQueue("short", 2, 4);

        ShmException thrown = thrownBy(() -> queue.send(new byte[5], 0, SECOND));

        assertThat(thrown.error()).contains("EMSGSIZE");
        assertThat(thrown).hasMessageContaining("send to queue 'short'").hasMessageContaining("EMSGSIZE");
        queue.close();
    }

    @Test
    void aMessageTooLongForSystemVIsEinval() {
        SysvQueue queue = session.createSysvQueue("sysv");

        assertThat(thrownBy(() -> queue.send(1, new byte[1 << 24], SECOND)).error())
                .contains("EINVAL");
        assertThat(thrownBy(() -> queue.send(0, new byte[1], SECOND)).error()).contains("EINVAL");
        queue.close();
    }

    @Test
    void aSetThatSomebodyRemovedIsSaidSo() {
        SysvSemaphoreSet set = session.createSemaphoreSet("set", 1, 0);
        SysvSets.remove(set.id());

        assertThat(thrownBy(() -> set.value(0)).error()).contains("EINVAL");
        assertThat(thrownBy(() -> set.set(0, 1)).error()).contains("EINVAL");
        assertThat(thrownBy(() -> set.semop(0, 1, SECOND)).error()).contains("EINVAL");
        set.close();
    }

    @Test
    void anErrorBeneathAnotherIsFound() {
        ShmException thrown = thrownBy(() -> Queue.open("/shmkit-no-such-queue"));

        assertThat(thrown).hasMessageStartingWith("cannot open queue /shmkit-no-such-queue: ");
        assertThat(thrown.error()).contains("ENOENT");
        assertThat(new ShmException("of its own").error()).isEmpty();
    }
}
