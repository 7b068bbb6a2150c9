package scenario;

import static org.junit.jupiter.api.Assertions.fail;

import org.junit.jupiter.api.Test;

class FailingTest extends FourKinds {
    /** Fails while its segments are open. */
    @Test
    void fails() throws Exception {
        leaveEvidence();
        fail("as it should");
    }
}
