package scenario;

import org.junit.jupiter.api.Test;

class AllKilledTest extends FourKinds {
    /** Only the next build is left to clean up. */
    @Test
    void isKilledWithAllThatKnowOfIt() throws Exception {
        leaveEvidence();
        Killer.kill(Killer.watchdog(), Killer.supervisor(), Killer.maven(), Killer.self());
    }
}
