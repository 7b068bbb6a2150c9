package io.github.shmkit.torture;

import io.github.shmkit.internal.session.BuildSession;
import io.github.shmkit.internal.session.SessionId;
import java.nio.file.Path;

/** A build: holds its session, with a watchdog, and runs a test JVM; all without Maven, which would only take longer. */
public final class Build {
    private Build() {}

    public static void main(String[] args) throws Exception {
        SessionId id = new SessionId(args[0]);
        BuildSession session = BuildSession.open(id);
        ProcessBuilder victim = new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                System.getProperty("java.class.path"),
                Victim.class.getName());
        victim.environment().put(SessionId.VARIABLE, id.text());
        victim.inheritIO().start().waitFor();
        session.close();
    }
}
