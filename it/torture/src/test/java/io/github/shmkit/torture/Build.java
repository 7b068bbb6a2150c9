package io.github.shmkit.torture;

import io.github.shmkit.internal.session.BuildSession;
import io.github.shmkit.internal.session.SessionSecret;

/** A build: holds its session, with a watchdog, and runs a test JVM; all without Maven, which would only take longer. */
public final class Build {
    private Build() {}

    public static void main(String[] args) throws Exception {
        Jvm.endWithParent();
        SessionSecret secret = SessionSecret.of(args[0]);
        BuildSession session = BuildSession.open(secret.id());
        Jvm.command(secret.text(), Victim.class).inheritIO().start().waitFor();
        session.close();
    }
}
