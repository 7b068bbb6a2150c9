package scenario;

import static org.junit.jupiter.api.Assertions.fail;

import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

/** Has the build end as the user property {@code ending} says, with segments that nobody in a test JVM cleans up. */
class EndingTest extends FourKinds {
    @Test
    void ends() throws Exception {
        String ending = System.getProperty("ending", "pass");
        switch (ending) {
            case "pass" -> Leaver.run();
            case "fail" -> {
                Leaver.run();
                fail("as it should");
            }
            case "halt" -> {
                leaveToTheBuild();
                Runtime.getRuntime().halt(9);
            }
            case "wait" -> {
                leaveToTheBuild();
                new CountDownLatch(1).await();
            }
            case "kill-all" -> {
                leaveEvidence();
                Killer.kill(Killer.watchdog(), Killer.supervisor(), Killer.maven(), Killer.self());
            }
            default -> fail("not an ending: " + ending);
        }
    }

    private void leaveToTheBuild() throws Exception {
        Killer.kill(Killer.supervisor());
        leaveEvidence();
    }
}
