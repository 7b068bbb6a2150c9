package io.github.shmkit.internal.sweep;

import io.github.shmkit.internal.session.PrivateDir;
import io.github.shmkit.internal.session.SessionId;
import java.io.File;
import org.jspecify.annotations.Nullable;

/**
 * Whether a sweep would find anything.
 *
 * <p>Every build asks, most often for nothing: so by what each JVM has loaded already. A glob of java.nio.file alone, or
 * the verification of a class that uses JNA, takes longer than all else here by far.
 */
public final class Traces {
    private static final String PREFIX = ".shmkit-";

    private Traces() {}

    /** Whether there is anything at all that a session may have left. */
    public static boolean exist() {
        return existOf("");
    }

    /** Whether test JVMs of this session live or have left anything; the build's own lock and ledger do not count. */
    public static boolean existOfTestJvms(SessionId session) {
        return existOf(session.text());
    }

    private static boolean existOf(String session) {
        String @Nullable [] names = new File(PrivateDir.SHM).list();
        if (names == null) {
            return true; // somebody who can say what is wrong has to look
        }
        for (String name : names) {
            if (name.startsWith(PREFIX) && existIn(new File(PrivateDir.SHM, name), session)) {
                return true;
            }
        }
        return false;
    }

    private static boolean existIn(File dir, String session) {
        String @Nullable [] names = dir.list();
        if (names == null) {
            return false; // another user's, no directory, or just gone with its last session
        }
        for (String name : names) {
            if (session.isEmpty() || isOfTestJvm(name, session)) {
                return true;
            }
        }
        return false;
    }

    /** "session.fork.suffix", where the build's own are "session.suffix". */
    private static boolean isOfTestJvm(String name, String session) {
        int dot = session.length();
        return name.startsWith(session) && name.indexOf('.') == dot && name.indexOf('.', dot + 1) > 0;
    }
}
