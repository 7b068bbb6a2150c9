package io.github.shmkit.maven.internal;

import io.github.shmkit.internal.session.SessionId;
import io.github.shmkit.internal.sweep.SweepReport.Finding;

/**
 * Who made an object.
 *
 * @param session empty for an object that no session has to do with
 * @param fork which of the session's test JVMs; empty for another program that the build started
 */
record Owner(String session, String fork) {
    static final Owner NONE = new Owner("", "");

    static Owner of(Finding finding) {
        String stem = finding.claim().stem();
        return stem.length() <= SessionId.LENGTH
                ? new Owner(stem, "")
                : new Owner(stem.substring(0, SessionId.LENGTH), stem.substring(SessionId.LENGTH + 1));
    }

    @Override
    public String toString() {
        return session.isEmpty() ? "-" : fork.isEmpty() ? session : session + "." + fork;
    }
}
