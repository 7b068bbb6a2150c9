package io.github.shmkit.internal.helper;

import io.github.shmkit.ShmException;
import io.github.shmkit.internal.os.Os;
import io.github.shmkit.process.NativeHelper;
import io.github.shmkit.syscall.Linux;
import io.github.shmkit.syscall.SysCalls;
import io.github.shmkit.syscall.SysResult;
import java.nio.charset.StandardCharsets;

/**
 * IPC and mount namespaces of a helper's own, with a small /dev/shm, where everything may be used up: the kernel frees it
 * all with the last process in them, and nobody else can come to want.
 */
final class OwnNamespaces {
    /** Enough for tests of being full, and soon full. */
    static final long DEFAULT_SHM_BYTES = 16 << 20;

    private static final int OWN_NAMESPACES = Linux.CLONE_NEWIPC | Linux.CLONE_NEWNS;

    private OwnNamespaces() {}

    /** Moves a helper into namespaces of its own; what it has attached stays attached. */
    static void enter(NativeHelper helper, long shmBytes, boolean root) {
        SysCalls sys = helper.sys();
        SysResult unshared = sys.unshare(OWN_NAMESPACES);
        if (unshared.errno().equals("EPERM")) {
            unshared = sys.unshare(OWN_NAMESPACES | Linux.CLONE_NEWUSER);
            if (unshared.succeeded()) {
                mapUser(sys, root);
            }
        }
        SysResult done = unshared.succeeded() ? sys.mountShm(shmBytes) : unshared;
        if (!done.succeeded()) {
            throw new ShmException(helper + " cannot be isolated: "
                    + done.call().function() + " failed: "
                    + done.errno() + "; it needs CAP_SYS_ADMIN, or user namespaces that anybody may make (sysctl "
                    + "user.max_user_namespaces, kernel.unprivileged_userns_clone, "
                    + "kernel.apparmor_restrict_unprivileged_userns)");
        }
    }

    /** A user namespace that does not know the user lets him own no new file. */
    private static void mapUser(SysCalls sys, boolean root) {
        write(sys, "setgroups", "deny");
        write(sys, "uid_map", (root ? 0 : Os.euid()) + " " + Os.euid() + " 1");
        write(sys, "gid_map", (root ? 0 : Os.egid()) + " " + Os.egid() + " 1");
    }

    private static void write(SysCalls sys, String file, String text) {
        int fd = (int) sys.open("/proc/self/" + file, Linux.O_WRONLY, 0).orThrow();
        sys.write(fd, text.getBytes(StandardCharsets.US_ASCII)).orThrow();
        sys.close(fd).orThrow();
    }
}
