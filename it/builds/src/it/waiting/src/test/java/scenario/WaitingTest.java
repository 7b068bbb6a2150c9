package scenario;

import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

class WaitingTest extends FourKinds {
    /** Waits for whatever may come, and nobody in this JVM will clean up after it. */
    @Test
    void waits() throws Exception {
        Killer.kill(Killer.supervisor());
        leaveEvidence();
        new CountDownLatch(1).await();
    }
}
