package io.github.shmkit.internal.session;

import io.github.shmkit.internal.os.Os;
import io.github.shmkit.internal.os.ProcFs;

/**
 * What tells an IPC namespace from a later one: its inode number does not, since the kernel gives it to the next namespace.
 *
 * <p>Since Linux 6.18 a file handle of the namespace does, as name_to_handle_at(2) gives it. Before that, or where the call
 * is not allowed, the start of process 1 tells the containers apart that have one of their own.
 */
final class IpcNamespace {
    /** Of the namespace that is there as long as the machine runs, PROC_IPC_INIT_INO. */
    private static final long INITIAL = 0xefffffffL;

    private static final String UNKNOWN = "-";

    private IpcNamespace() {}

    /** The caller's own, as one word. */
    static String identity() {
        String handle = Os.fileHandle("/proc/self/ns/ipc").orElse(UNKNOWN);
        String start = ProcFs.startTime(1).isPresent()
                ? Long.toString(ProcFs.startTime(1).getAsLong())
                : UNKNOWN;
        return handle + "/" + start;
    }

    /** Whether the caller's namespace is the one with that number and identity; false where nobody can say. */
    static boolean isOurs(long number, String identity) {
        if (number != ProcFs.namespace("ipc")) {
            return false;
        }
        String[] then = identity.split("/", -1);
        String[] now = identity().split("/", -1);
        if (number == INITIAL) {
            return true;
        }
        if (then.length != 2) {
            return false;
        }
        int known = then[0].equals(UNKNOWN) || now[0].equals(UNKNOWN) ? 1 : 0;
        return !now[known].equals(UNKNOWN) && then[known].equals(now[known]);
    }
}
