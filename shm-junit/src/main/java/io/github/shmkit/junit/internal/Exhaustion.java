package io.github.shmkit.junit.internal;

import io.github.shmkit.ShmException;
import io.github.shmkit.process.NativeHelper;
import io.github.shmkit.syscall.Linux;
import io.github.shmkit.syscall.SysCalls;
import io.github.shmkit.syscall.SysResult;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.function.Supplier;

/** Takes all that a helper can have of something, and gives it back; never of what this machine's others share. */
public final class Exhaustion {
    private static final int MODE = 0600;
    private static final long LARGEST_PIECE = 1 << 20;
    private static final long SMALLEST_PIECE = 4096;
    private static final String FILLER = "/filler";

    private final NativeHelper helper;
    private final SysCalls sys;
    private final Deque<Runnable> returns = new ArrayDeque<>();
    private boolean over;

    private Exhaustion(NativeHelper helper) {
        this.helper = helper;
        this.sys = helper.sys();
    }

    /** System V segments: all ids of the helper's IPC namespace. */
    public static Exhaustion ofSegmentIds(NativeHelper helper) {
        return ofIds(helper, s -> s.shmget(Linux.IPC_PRIVATE, 1, MODE), (s, id) -> s.shmctl(id, Linux.IPC_RMID));
    }

    /** System V semaphore sets: all ids, or all semaphores, of the helper's IPC namespace. */
    public static Exhaustion ofSemaphoreIds(NativeHelper helper) {
        return ofIds(helper, s -> s.semget(Linux.IPC_PRIVATE, 1, MODE), (s, id) -> s.semctl(id, 0, Linux.IPC_RMID, 0));
    }

    /** System V message queues: all ids of the helper's IPC namespace. */
    public static Exhaustion ofQueueIds(NativeHelper helper) {
        return ofIds(helper, s -> s.msgget(Linux.IPC_PRIVATE, MODE), (s, id) -> s.msgctl(id, Linux.IPC_RMID));
    }

    private interface Creation {
        SysResult in(SysCalls sys);
    }

    private interface Removal {
        SysResult of(SysCalls sys, int id);
    }

    private static Exhaustion ofIds(NativeHelper helper, Creation creation, Removal removal) {
        Exhaustion exhaustion = new Exhaustion(helper);
        if (exhaustion.isOurs("ns/ipc", Exhaustion::link)) {
            throw exhaustion.refusal(
                    "System V ids",
                    "is in the IPC namespace of this JVM",
                    "isolated() at its builder, or sys().unshare(Linux.CLONE_NEWIPC)");
        }
        exhaustion.takeAll(() -> creation.in(exhaustion.sys), id -> removal.of(exhaustion.sys, id), "ENOSPC");
        return exhaustion;
    }

    /** Space: all of the helper's /dev/shm. */
    public static Exhaustion ofSpace(NativeHelper helper) {
        Exhaustion exhaustion = new Exhaustion(helper);
        if (exhaustion.isOurs("root/dev/shm", Exhaustion::device)) {
            throw exhaustion.refusal(
                    "the space in /dev/shm",
                    "has the /dev/shm of this JVM",
                    "isolated() at its builder, or sys().unshare(Linux.CLONE_NEWNS) and sys().mountShm(bytes)");
        }
        exhaustion.fill();
        return exhaustion;
    }

    /** Descriptors: all up to the helper's own limit, which need no namespace. */
    public static Exhaustion ofDescriptors(NativeHelper helper) {
        Exhaustion exhaustion = new Exhaustion(helper);
        String[] limits = exhaustion.limits("Max open files");
        long hard = Long.parseLong(limits[1]);
        long open = exhaustion.highestDescriptor() + 1;
        exhaustion.sys.setrlimit(Linux.RLIMIT_NOFILE, open, hard).orThrow();
        exhaustion.returns.push(() -> exhaustion
                .sys
                .setrlimit(Linux.RLIMIT_NOFILE, Long.parseLong(limits[0]), hard)
                .orThrow());
        exhaustion.takeAll(() -> exhaustion.sys.open("/dev/null", Linux.O_RDONLY, 0), exhaustion.sys::close, "EMFILE");
        return exhaustion;
    }

    private interface Return {
        SysResult of(int id);
    }

    private void takeAll(Supplier<SysResult> taking, Return giving, String last) {
        SysResult result = taking.get();
        while (result.succeeded()) {
            int id = (int) result.value();
            returns.push(() -> giving.of(id).orThrow());
            result = taking.get();
        }
        if (!result.errno().equals(last)) {
            end();
            throw new ShmException(helper + " cannot be made to run out: " + result);
        }
    }

    private void fill() {
        int fd = (int) sys.shmOpen(FILLER, Linux.O_RDWR | Linux.O_CREAT, MODE).orThrow();
        returns.push(() -> {
            sys.shmUnlink(FILLER).orThrow();
            sys.close(fd).orThrow();
        });
        long filled = 0;
        for (long piece = LARGEST_PIECE; piece >= SMALLEST_PIECE; piece /= 2) {
            while (sys.posixFallocate(fd, filled, piece).succeeded()) {
                filled += piece;
            }
        }
    }

    /** Gives all back, if the helper is there still. */
    public synchronized void end() {
        if (!over && helper.isAlive()) {
            while (!returns.isEmpty()) {
                returns.pop().run();
            }
        }
        over = true;
    }

    // --- whose it is ---

    private interface Look {
        Object at(Path path) throws IOException;
    }

    private static Object link(Path path) throws IOException {
        return Files.readSymbolicLink(path);
    }

    private static Object device(Path path) throws IOException {
        return Files.getAttribute(path, "unix:dev");
    }

    /** Also where it cannot be found out. */
    private boolean isOurs(String what, Look look) {
        try {
            return look.at(Path.of("/proc/self", what)).equals(look.at(process().resolve(what)));
        } catch (IOException e) {
            throw new ShmException("whose " + what + " " + helper + " has cannot be found out: " + e.getMessage(), e);
        }
    }

    private IllegalArgumentException refusal(String what, String why, String remedy) {
        return new IllegalArgumentException(helper + " cannot be made to run out of " + what + ": it " + why
                + ", and all others on this machine would run out as well; give it its own first: " + remedy);
    }

    private Path process() {
        return Path.of("/proc", Long.toString(helper.pid()));
    }

    private String[] limits(String name) {
        return ProcessTree.read(process().resolve("limits").toString())
                .lines()
                .filter(line -> line.startsWith(name))
                .map(line -> line.substring(name.length()).strip().split("\\s+", 3))
                .findFirst()
                .orElseThrow(() -> new ShmException("the limits of " + helper + " cannot be read"));
    }

    private long highestDescriptor() {
        String[] numbers = process().resolve("fd").toFile().list();
        return List.of(numbers == null ? new String[0] : numbers).stream()
                .mapToLong(Long::parseLong)
                .max()
                .orElseThrow(() -> new ShmException("the descriptors of " + helper + " cannot be read"));
    }
}
