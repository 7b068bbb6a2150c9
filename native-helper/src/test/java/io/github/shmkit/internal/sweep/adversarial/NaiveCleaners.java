package io.github.shmkit.internal.sweep.adversarial;

import io.github.shmkit.internal.ipc.Identity;
import io.github.shmkit.internal.ipc.Inventory;
import io.github.shmkit.internal.ipc.IpcKind;
import io.github.shmkit.internal.ipc.IpcObject;
import io.github.shmkit.internal.os.Os;
import io.github.shmkit.internal.os.RawName;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * The ways of cleaning that go wrong, as seen in real programs. Every test of what must stay lets one of them loose on
 * a twin in the same situation and expects that it deletes: so the situation is one that matters.
 */
final class NaiveCleaners {
    private static final int GETPID = 11;

    private NaiveCleaners() {}

    /** "Its creator is dead." */
    static void byCreatorPid(Path object, long creator) throws IOException {
        if (ProcessHandle.of(creator).isEmpty()) {
            Files.deleteIfExists(object);
        }
    }

    /** "Its creator is dead", said inside a pid namespace that shares /dev/shm. */
    static void byCreatorPidInPidNamespace(Path object, long creator) throws IOException, InterruptedException {
        Programs.run(
                "unshare", "--pid", "--fork", "sh", "-c", "kill -0 " + creator + " 2>/dev/null || rm '" + object + "'");
    }

    /** "Its creator is dead", for System V, where a creator in another pid namespace has the number 0. */
    static void byCreatorPidOfSegmentInPidNamespace(int id) throws IOException, InterruptedException {
        Programs.run(
                "unshare",
                "--pid",
                "--fork",
                "--mount-proc",
                "sh",
                "-c",
                "cpid=$(awk '$2 == " + id + " {print $5}' /proc/sysvipc/shm)\n"
                        + "[ \"$cpid\" -gt 0 ] && kill -0 \"$cpid\" 2>/dev/null || ipcrm -m " + id);
    }

    /** "Its creator is dead", for System V. */
    static void byCreatorPidOfSegment(int id, long creator) {
        if (ProcessHandle.of(creator).isEmpty()) {
            Kernel.removeSegment(id);
        }
    }

    /** "It was not touched for so long." */
    static void byAge(Path object, Duration age) throws IOException {
        if (Files.getLastModifiedTime(object).toInstant().isBefore(Instant.now().minus(age))) {
            Files.deleteIfExists(object);
        }
    }

    /** "Everything of this user with our prefix", as scripts before a build do. */
    static void byPrefix(Path folder, String prefix) throws IOException {
        try (DirectoryStream<Path> all = Files.newDirectoryStream(folder, prefix + "*")) {
            for (Path object : all) {
                Files.delete(object);
            }
        }
    }

    /** "Nobody has it mapped", by its path in /proc/PID/maps. */
    static void byMaps(Path object) throws IOException {
        if (!anyProcess("maps", object)) {
            Files.deleteIfExists(object);
        }
    }

    /** "Nobody has it mapped or open", by its path in /proc/PID/maps and /proc/PID/fd. */
    static void byMapsAndFds(Path object) throws IOException {
        if (!anyProcess("maps", object) && !anyProcess("fd", object)) {
            Files.deleteIfExists(object);
        }
    }

    private static boolean anyProcess(String what, Path object) throws IOException {
        try (DirectoryStream<Path> processes = Files.newDirectoryStream(Path.of("/proc"), "[0-9]*")) {
            for (Path process : processes) {
                try {
                    if (what.equals("maps")
                            ? Files.readString(process.resolve(what), StandardCharsets.ISO_8859_1)
                                    .contains(object.toString() + "\n")
                            : links(process.resolve(what)).contains(object.toString())) {
                        return true;
                    }
                } catch (IOException e) {
                    // "Not ours to look at, so it does not matter."
                }
            }
        }
        return false;
    }

    private static List<String> links(Path folder) throws IOException {
        List<String> targets = new java.util.ArrayList<>();
        try (DirectoryStream<Path> links = Files.newDirectoryStream(folder)) {
            for (Path link : links) {
                targets.add(Files.readSymbolicLink(link).toString());
            }
        }
        return targets;
    }

    /** "No process with our mark in its environment lives." */
    static void byEnvironment(Path object, String mark) throws IOException {
        try (DirectoryStream<Path> processes = Files.newDirectoryStream(Path.of("/proc"), "[0-9]*")) {
            for (Path process : processes) {
                try {
                    if (Files.readString(process.resolve("environ"), StandardCharsets.ISO_8859_1)
                            .contains(mark)) {
                        return;
                    }
                } catch (IOException e) {
                    // "Not ours to look at, so it does not matter."
                }
            }
        }
        Files.deleteIfExists(object);
    }

    /** "It is still the one that we looked at", then deletes by path what has come there meanwhile. */
    static void statThenUnlink(Path object, Object fileKey, Runnable meanwhile) throws IOException {
        boolean same = Files.readAttributes(object, java.nio.file.attribute.BasicFileAttributes.class)
                .fileKey()
                .equals(fileKey);
        meanwhile.run();
        if (same) {
            Files.delete(object);
        }
    }

    /** "What our ledger names is ours", whatever stands there now. */
    static void byName(Path object) throws IOException {
        Files.deleteIfExists(object);
    }

    /** Gives the memory back first, through links too. */
    static void truncateThenUnlink(Path object) throws IOException {
        FileChannel.open(object, StandardOpenOption.WRITE).truncate(0).close();
        Files.delete(object);
    }

    /** Names as Java has them: what is not UTF-8 comes out as something else. */
    static void byTextName(RawName path) {
        Kernel.unlink(RawName.of(path.text()));
    }

    /** Names as a shell loop has them: one for each line. */
    static void byLines(Path folder, String prefix) throws IOException, InterruptedException {
        Programs.run(
                "sh", "-c", "cd '" + folder + "' && ls -d " + prefix + "* | while read f; do rm -f ./\"$f\"; done");
    }

    /** "The pid in its name is nobody's any more." */
    static void byPidInName(Path object) throws IOException {
        String name = object.getFileName().toString();
        byCreatorPid(object, Long.parseLong(name.substring(name.lastIndexOf('-') + 1)));
    }

    /** "Whoever used it last is dead", of a semaphore set. */
    static void byLastOperator(int id) {
        int pid = Kernel.LIBC.semctl(id, 0, GETPID, 0);
        if (pid == 0 || ProcessHandle.of(pid).isEmpty()) {
            Kernel.removeSemaphores(id);
        }
    }

    /** "Nobody is attached." */
    static void byAttachCount(int id) {
        if (segment(id).map(o -> o.attaches() == 0).orElse(false)) {
            Kernel.removeSegment(id);
        }
    }

    /** "More attaches than processes: the count is broken, so nobody uses it." */
    static void byAttachesAndProcesses(int id, long processes) {
        if (segment(id).map(o -> o.attaches() != processes).orElse(false)) {
            Kernel.removeSegment(id);
        }
    }

    /** "It is owned by this user." */
    static void byOwner(int id, long uid) {
        if (segment(id).map(o -> o.uid() == uid).orElse(false)) {
            Kernel.removeSegment(id);
        }
    }

    /** "That key is ours." */
    static void byKey(int key) {
        Inventory.scan(Set.of(IpcKind.SYSV_SHM)).objects().stream()
                .filter(o -> o.identity() instanceof Identity.OfSysv sysv && sysv.key() == key)
                .forEach(o -> Kernel.removeSegment(((Identity.OfSysv) o.identity()).id()));
    }

    /** "That id is ours", for whoever owns it now. */
    static void byId(int id) {
        Kernel.removeSegment(id);
    }

    /** "That pid is our helper." */
    static void killByPid(long pid) {
        Kernel.check("kill", Kernel.LIBC.kill((int) pid, 9));
    }

    static Optional<IpcObject> segment(int id) {
        return Inventory.scan(Set.of(IpcKind.SYSV_SHM)).objects().stream()
                .filter(o -> o.identity() instanceof Identity.OfSysv sysv && sysv.id() == id)
                .findFirst();
    }

    /** As root is, from outside. */
    static boolean exists(RawName path) {
        return Os.lstatat(Os.AT_FDCWD, path.bytes()).isPresent();
    }
}
