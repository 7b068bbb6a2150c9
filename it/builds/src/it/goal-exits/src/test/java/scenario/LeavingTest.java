package scenario;

import org.junit.jupiter.api.Test;

class LeavingTest {
    /** Leaves segments to the build although it passes: they are another JVM's, which nobody supervises. */
    @Test
    void leavesSegments() throws Exception {
        Leaver.run();
    }
}
