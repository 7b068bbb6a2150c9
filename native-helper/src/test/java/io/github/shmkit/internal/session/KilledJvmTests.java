package io.github.shmkit.internal.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import org.junit.jupiter.api.Test;

/** A JVM with segments of every kind that ends without closing them; nothing but its supervisor is there to clean. */
class KilledJvmTests {
    /** From the death to the last object's end. */
    private static final Duration SOON = Duration.ofSeconds(1);

    @Test
    void killedJvmLeavesNothing() throws Exception {
        try (HoldingJvm jvm = HoldingJvm.start()) {
            assertThat(jvm.hasObjects()).isTrue();
            jvm.process().destroyForcibly().waitFor();
            await().pollInterval(Duration.ofMillis(5)).atMost(SOON).until(() -> !jvm.hasObjects() && !jvm.hasFiles());
        }
    }

    @Test
    void jvmThatCallsSystemExitLeavesNothing() throws Exception {
        try (HoldingJvm jvm = HoldingJvm.start()) {
            jvm.process().getOutputStream().write('x');
            jvm.process().getOutputStream().flush();
            assertThat(jvm.process().waitFor()).isEqualTo(3);
            await().pollInterval(Duration.ofMillis(5)).atMost(SOON).until(() -> !jvm.hasObjects() && !jvm.hasFiles());
        }
    }

    /** The control: without the supervisor the objects do stay, so that the tests above show its work. */
    @Test
    void withoutItsSupervisorAKilledJvmDoesLeaveItsObjects() throws Exception {
        try (HoldingJvm jvm = HoldingJvm.start()) {
            jvm.killWithItsSupervisor();
            assertThat(jvm.hasObjects()).isTrue();
            jvm.cleanByHand();
        }
    }
}
