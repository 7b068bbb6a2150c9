package scenario;

import org.junit.jupiter.api.Test;

class ReaperKilledTest extends FourKinds {
    /** Only the end of the session is left to clean up. */
    @Test
    void isKilledWithItsSupervisor() throws Exception {
        leaveEvidence();
        Killer.kill(Killer.supervisor(), Killer.self());
    }
}
