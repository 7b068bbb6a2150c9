package scenario;

import org.junit.jupiter.api.Test;

class JvmKilledTest extends FourKinds {
    /** Its JVM's supervisor is left to clean up. */
    @Test
    void isKilled() throws Exception {
        leaveEvidence();
        Killer.kill(Killer.self());
    }
}
