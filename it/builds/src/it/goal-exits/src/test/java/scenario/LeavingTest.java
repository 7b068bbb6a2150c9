package scenario;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class LeavingTest {
    /** Leaves segments to the build although it passes: they are another JVM's, which nobody supervises. */
    @Test
    void leavesSegments() throws Exception {
        Process leaver = new ProcessBuilder(
                        ProcessHandle.current().info().command().orElseThrow(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        Leaver.class.getName())
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();

        assertEquals(128 + 9, leaver.waitFor());
    }
}
