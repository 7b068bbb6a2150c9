package io.github.shmkit.torture;

import io.github.shmkit.internal.session.BuildSession;
import io.github.shmkit.internal.session.SessionSecret;
import io.github.shmkit.internal.sweep.Removal;
import io.github.shmkit.internal.sweep.SweepPolicy;
import io.github.shmkit.internal.sweep.SweepReport;
import java.io.IOException;

/**
 * A build whose program makes objects without us and looks into those of another process, and is gone. Then it waits to be
 * killed, or for its input to end, which is the end of the build.
 *
 * <p>Arguments: the session's secret, the script, and what the script is given.
 */
public final class MakingBuild {
    private MakingBuild() {}

    public static void main(String[] args) throws Exception {
        SessionSecret secret = SessionSecret.of(args[0]);
        BuildSession session = BuildSession.open(secret.id());
        say(Long.toString(session.watchdogPid()));
        ProcessBuilder program = new ProcessBuilder("perl", "-e", args[1], args[2], args[3]);
        program.environment().put("SHMKIT_SESSION", secret.text());
        program.redirectError(ProcessBuilder.Redirect.INHERIT);
        program.start().waitFor();
        say("made");
        while (System.in.read() >= 0) {
            // Whoever kills it never writes.
        }
        session.catchUp();
        SweepReport report =
                Removal.run(SweepPolicy.standard().withEnding(secret.id().text()));
        session.close(report.finished());
    }

    @SuppressWarnings("SystemOut")
    private static void say(String line) throws IOException {
        System.out.println(line);
        System.out.flush();
    }
}
