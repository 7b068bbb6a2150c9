package scenario;

import io.github.shmkit.Segment;
import io.github.shmkit.SegmentKind;
import io.github.shmkit.SegmentSpec;
import io.github.shmkit.internal.session.Session;
import java.io.IOException;
import java.util.Arrays;

/** A JVM that makes segments, and kills its supervisor and itself: only the build is left to clean up. */
public final class Leaver {
    private Leaver() {}

    public static void main(String[] arguments) throws Exception {
        Session session = Session.open();
        Evidence.leave(Arrays.stream(SegmentKind.values())
                .map(kind -> session.create(SegmentSpec.of(kind)))
                .toArray(Segment[]::new));
        Killer.kill(Killer.supervisor(), Killer.self());
    }

    /** Runs it to its end, which is that of a process that was killed. */
    static void run() throws IOException, InterruptedException {
        Process leaver = new ProcessBuilder(
                        ProcessHandle.current().info().command().orElseThrow(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        Leaver.class.getName())
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        int code = leaver.waitFor();
        if (code != 128 + 9) {
            throw new IllegalStateException("it ended with code " + code);
        }
    }
}
