package io.github.shmkit.bench;

import io.github.shmkit.Segment;
import io.github.shmkit.SegmentKind;
import io.github.shmkit.SegmentSpec;
import io.github.shmkit.internal.session.Session;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;

final class B01Segments implements Benchmark {
    private static final int SMALL = 64 << 10;
    private static final int LARGE = 64 << 20;
    private static final double GOAL = 2;
    /** After so many of each kind, fewer of those on a disk, the JVM has compiled what it will and is done with it. */
    private static final int WARM_UPS = 15_000;

    private static final int WARM_UPS_ON_DISK = 500;
    private static final int REPETITIONS = 400;
    private static final int REPETITIONS_ON_DISK = 60;
    /** Of those that allocate so much. */
    private static final int REPETITIONS_OF_LARGE = 4;

    private static final String PYTHON = """
            import sys, time
            from multiprocessing import shared_memory
            def segment(size):
                s = shared_memory.SharedMemory(create=True, size=size)
                s.buf[0] = 1
                s.close()
                s.unlink()
            size, count = int(sys.argv[1]), int(sys.argv[2])
            segment(size)
            start = time.perf_counter_ns()
            for i in range(count):
                segment(size)
            print((time.perf_counter_ns() - start) / count)
            """;

    @Override
    public String id() {
        return "B1";
    }

    @Override
    public String work() {
        return "segment: create, size, map, touch one page, close and remove, for each kind, 64 KiB and 64 MiB";
    }

    @Override
    public String peers() {
        return "the same calls in C, posix_fallocate included; FileChannel.map in a @TempDir and Python's SharedMemory, "
                + "which do not allocate";
    }

    @Override
    public String goal() {
        return "C ≤ 2.0; others ≤ 2.0 at 64 KiB, shown without a goal at 64 MiB";
    }

    @Override
    public String method() {
        return "Ours is Session.create, putByte and close, with the ledger's three records, in a JVM that has done so "
                + WARM_UPS + " times for each kind that needs no disk. C is a loop of "
                + "shm_open, open, memfd_create or shmget, posix_fallocate, mmap or shmat, one store, munmap or shmdt, "
                + "close, and unlink or IPC_RMID. FileChannel.map creates, maps, touches and deletes a file in one "
                + "temporary directory; Java leaves the unmapping to the garbage collector. The times of process "
                + "starts are in no figure.";
    }

    @Override
    public void run(Contest contest) throws Exception {
        Path folder = Files.createTempDirectory("bench");
        try (Session session = Session.open()) {
            for (SegmentKind kind : SegmentKind.values()) {
                SegmentSpec spec = SegmentSpec.of(kind).size(SMALL);
                var unused = Arm.nanos(onDisk(kind) ? WARM_UPS_ON_DISK : WARM_UPS, () -> touch(session, spec))
                        .measure();
            }
            for (SegmentKind kind : SegmentKind.values()) {
                int repetitions = onDisk(kind) ? REPETITIONS_ON_DISK : REPETITIONS;
                compare(contest, session, kind, SMALL, repetitions, new Contest.Length(3, 36, 20), folder);
            }
            for (SegmentKind kind : SegmentKind.values()) {
                int repetitions = kind == SegmentKind.SYSV_SHM ? REPETITIONS : REPETITIONS_OF_LARGE;
                compare(contest, session, kind, LARGE, repetitions, new Contest.Length(1, 12, 12), folder);
            }
        } finally {
            Files.delete(folder);
        }
    }

    private static boolean onDisk(SegmentKind kind) {
        return kind == SegmentKind.MMAP_FILE;
    }

    private static void compare(
            Contest contest,
            Session session,
            SegmentKind kind,
            int size,
            int repetitions,
            Contest.Length length,
            Path folder)
            throws Exception {
        double others = size == SMALL ? GOAL : Peer.NO_GOAL;
        List<Peer> peers = new ArrayList<>();
        peers.add(new Peer(
                "the same calls in C",
                GOAL,
                Programs.kernelFigure("segment", kind, size, repetitions).per(1_000)));
        if (kind == SegmentKind.MMAP_FILE) {
            peers.add(new Peer(
                    "FileChannel.map in a @TempDir",
                    others,
                    Arm.nanos(repetitions, () -> map(folder, size)).per(1_000)));
        }
        if (kind == SegmentKind.POSIX_SHM) {
            List<String> python =
                    List.of("python3", "-c", PYTHON, Integer.toString(size), Integer.toString(repetitions));
            peers.add(new Peer(
                    "Python's SharedMemory", others, () -> Double.parseDouble(Programs.output(python)) / 1_000));
        }
        SegmentSpec spec = SegmentSpec.of(kind).size(size);
        Arm ours = Arm.nanos(repetitions, () -> touch(session, spec)).per(1_000);
        contest.measure(kind + ", " + (size == SMALL ? "64 KiB" : "64 MiB"), "µs", length, ours, peers);
    }

    static void touch(Session session, SegmentSpec spec) {
        try (Segment segment = session.create(spec)) {
            segment.putByte(0, (byte) 1);
        }
    }

    private static void map(Path folder, int size) throws Exception {
        Path file = folder.resolve("mapped");
        try (FileChannel channel = FileChannel.open(
                file, StandardOpenOption.CREATE_NEW, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            channel.map(FileChannel.MapMode.READ_WRITE, 0, size).put(0, (byte) 1);
        }
        Files.delete(file);
    }
}
