package io.github.shmkit.internal.sweep;

import io.github.shmkit.internal.session.OwnNames;
import io.github.shmkit.internal.session.PrivateDir;
import io.github.shmkit.internal.session.SessionId;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * Whether a sweep would find anything.
 *
 * <p>Every build asks, most often for nothing: so by what each JVM has loaded already. A glob of java.nio.file alone, or
 * the verification of a class that uses JNA, takes longer than all else here by far.
 */
public final class Traces {
    private static final String UIDS = "Uid:";

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
        List<String> candidates =
                Arrays.stream(names).filter(OwnNames::mayBePrivateDir).toList();
        if (candidates.isEmpty()) {
            return false;
        }
        OptionalLong euid = euid();
        if (euid.isEmpty()) {
            return true;
        }
        for (String name : candidates) {
            File dir = new File(PrivateDir.SHM, name);
            if (OwnNames.isPrivateDir(name, euid.getAsLong())
                    && isOwnedBy(euid.getAsLong(), dir)
                    && existIn(dir, session)) {
                return true;
            }
        }
        return false;
    }

    /** The effective uid, the second of four. */
    private static OptionalLong euid() {
        try {
            return Files.readAllLines(Path.of("/proc/self/status")).stream()
                    .filter(line -> line.startsWith(UIDS))
                    .mapToLong(line -> Long.parseLong(line.split("\\s+", -1)[2]))
                    .findFirst();
        } catch (IOException e) {
            return OptionalLong.empty();
        }
    }

    /** Not a link, and not what another user put there, who decides how long it takes to look into it. */
    private static boolean isOwnedBy(long euid, File dir) {
        try {
            Map<String, Object> status =
                    Files.readAttributes(dir.toPath(), "unix:uid,isDirectory", LinkOption.NOFOLLOW_LINKS);
            return status.get("uid") instanceof Integer uid
                    && Integer.toUnsignedLong(uid) == euid
                    && Boolean.TRUE.equals(status.get("isDirectory"));
        } catch (IOException e) {
            return false; // just gone with its last session
        }
    }

    private static boolean existIn(File dir, String session) {
        String @Nullable [] names = dir.list();
        if (names == null) {
            return false; // just gone with its last session
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
