package scenario;

import org.junit.jupiter.api.Test;

class GreenTest extends FourKinds {
    /** Ends as it should. */
    @Test
    void ends() throws Exception {
        leaveEvidence();
    }
}
