package io.github.shmkit.internal.sweep;

import io.github.shmkit.internal.ipc.DeclaredDirectories;
import io.github.shmkit.internal.session.BuildSession;
import io.github.shmkit.internal.session.SessionId;
import io.github.shmkit.internal.session.SessionSecret;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;

/**
 * A build, without Maven: opens its session, runs a command of which it tells the end, and does what it is told.
 *
 * <p>Arguments: the command for sh. Standard input: {@code sweep}, or {@code exclusive} for a sweep with that
 * word, or {@code claim} and what is declared to be the build's own, of whatever age. In the environment: {@code DECLARED},
 * patterns of directories with mapped files.
 */
public final class BuildHolder {
    private BuildHolder() {}

    public static void main(String[] args) throws Exception {
        SessionSecret secret = SessionSecret.random();
        SessionId id = secret.id();
        String declared = System.getenv("DECLARED");
        DeclaredDirectories directories =
                declared == null ? DeclaredDirectories.NONE : new DeclaredDirectories(List.of(declared.split(",", -1)));
        BuildSession build = BuildSession.open(id, true, directories);
        say(id + " " + build.watchdogPid());
        ProcessBuilder command = new ProcessBuilder("sh", "-c", args[0]);
        command.environment().put(SessionSecret.VARIABLE, secret.text());
        command.redirectError(ProcessBuilder.Redirect.INHERIT).start().waitFor();
        say("ran");
        String word = new String(System.in.readAllBytes(), StandardCharsets.UTF_8);
        SweepPolicy policy = SweepPolicy.standard().withEnding(id.text()).withDirectories(directories);
        if (word.equals("exclusive")) {
            policy = policy.withExclusive(true).withMinAge(Duration.ZERO);
        }
        if (word.startsWith("claim ")) {
            policy = policy.withMinAge(Duration.ZERO)
                    .withDeclared(List.of(new Declared(word.substring("claim ".length()))));
        }
        say("caught up " + build.catchUp().orElse("with all"));
        SweepReport report = Removal.run(policy);
        for (SweepReport.Finding finding : report.findings()) {
            say(finding.object().kind() + " " + finding.object().address() + ": "
                    + finding.verdict().decision() + " " + finding.verdict().rule() + " "
                    + finding.verdict().reason() + (finding.isRemoved() ? " [removed]" : ""));
        }
        build.close(report.finished());
        say("finished " + report.finished());
    }

    @SuppressWarnings("SystemOut")
    private static void say(String line) throws IOException {
        System.out.write((line + "\n").getBytes(StandardCharsets.UTF_8));
        System.out.flush();
    }
}
