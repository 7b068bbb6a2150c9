package io.github.shmkit.rules;

import static org.junit.jupiter.api.Assumptions.abort;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.shmkit.ShmException;
import io.github.shmkit.junit.ShmTestkit;
import io.github.shmkit.process.NativeHelper;
import io.github.shmkit.syscall.Linux;
import io.github.shmkit.syscall.SysCalls;
import io.github.shmkit.syscall.SysResult;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;

/**
 * Processes with an IPC namespace and a {@code /dev/shm} of their own, which last no longer than they do: a rule can
 * take any name, fill anything and leave what it likes.
 */
final class Lab {
    /** What its /dev/shm holds. */
    static final long SHM_SIZE = 1 << 20;

    static final int READ_WRITE = Linux.PROT_READ | Linux.PROT_WRITE;

    /** Of the kernel that this runs on; 4096 on x86-64. */
    static final int PAGE = pageSize();

    /** A user without rights, known as nobody. */
    private static final int STRANGER = 65534;

    private final NativeHelper first;

    private Lab(NativeHelper first) {
        this.first = first;
    }

    /** Skips the test where this machine lets nobody but root have namespaces, and we are not root. */
    static Lab open(ShmTestkit kit) {
        try {
            NativeHelper first =
                    kit.nativeHelper("lab").isolated(SHM_SIZE).asRoot().start();
            Machine.helpersHave(first.sys());
            return new Lab(first);
        } catch (ShmException e) {
            return abort("needs root: " + e.getMessage());
        }
    }

    /** A process of the superuser. */
    NativeHelper process(String name) {
        return first.fork(name);
    }

    /** A process of another user, who has no rights. */
    NativeHelper stranger(String name) {
        NativeHelper process = first.fork(name);
        becomeStranger(process.sys());
        return process;
    }

    static void becomeStranger(SysCalls sys) {
        SysResult dropped = sys.dropGroups();
        assumeTrue(dropped.succeeded(), () -> "needs root: " + dropped + ", so nobody can become another user");
        sys.setegid(STRANGER).orThrow();
        sys.seteuid(STRANGER).orThrow();
    }

    /** What programs have written that processes of this lab became; all of a helper's output goes to stderr. */
    String printed() {
        return first.stderr().text();
    }

    /** The descriptor of an open file; it is no rule that this works. */
    static int open(NativeHelper process, Path file, int flags) {
        return (int) process.sys().open(file.toString(), flags, 0).orThrow();
    }

    /** The address of a shared mapping; it is no rule that this works. */
    static long map(NativeHelper process, int fd, long length) {
        return process.sys()
                .mmap(0, length, READ_WRITE, Linux.MAP_SHARED, fd, 0)
                .orThrow();
    }

    private static int pageSize() {
        try {
            return Integer.parseInt(Machine.getconf("PAGESIZE"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static void needsPagesOf4096Bytes() {
        assumeTrue(PAGE == 4096, () -> "needs pages of 4096 bytes, for the rule's offsets; here they have " + PAGE);
    }
}
