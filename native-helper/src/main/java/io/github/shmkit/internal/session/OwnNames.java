package io.github.shmkit.internal.session;

import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;

/**
 * The names of this user's directories in a place where other users make some as well, and may take ours first.
 *
 * <p>Used before anything else is, and so without native code.
 */
public final class OwnNames {
    static final String PRIVATE = ".shmkit-";
    private static final String MAPPED = "shmkit-";
    private static final int RANDOM = 6;

    private OwnNames() {}

    /** Of the private directory in /dev/shm, in the order in which to try them. */
    static List<String> privateDirs(long euid, SessionId session) {
        return names(PRIVATE + euid, session);
    }

    /** Of the folder of mapped files, likewise. */
    static List<String> mappedFiles(long euid, SessionId session) {
        return names(MAPPED + euid, session);
    }

    /** First the one that is the same for all, then one in which all processes of the session meet. */
    private static List<String> names(String usual, SessionId session) {
        List<String> names = new ArrayList<>(List.of(usual, usual + "." + session));
        SecureRandom random = new SecureRandom();
        for (int i = 0; i < RANDOM; i++) {
            names.add(usual + "." + HexFormat.of().toHexDigits(random.nextLong()));
        }
        return names;
    }

    /** Whether a name in /dev/shm may be that of a private directory, whosever. */
    public static boolean mayBePrivateDir(String name) {
        return name.startsWith(PRIVATE);
    }

    /** Whether it may be that of such a directory of the user's. */
    public static boolean isPrivateDir(String name, long euid) {
        String usual = PRIVATE + euid;
        return name.startsWith(usual) && (name.length() == usual.length() || name.charAt(usual.length()) == '.');
    }
}
