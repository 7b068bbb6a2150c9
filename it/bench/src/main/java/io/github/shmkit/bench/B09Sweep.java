package io.github.shmkit.bench;

import io.github.shmkit.SegmentKind;
import io.github.shmkit.internal.sweep.Removal;
import io.github.shmkit.internal.sweep.SweepPolicy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

final class B09Sweep implements Benchmark {
    private static final int SYSV = 4_096;
    private static final int FILES = 100_000;
    /** So many until C2 has nothing left to compile, which would take one of two processors. */
    private static final int WARM_UPS = 15;

    @Override
    public String id() {
        return "B9";
    }

    @Override
    public String work() {
        return "sweep of 4 096 System V segments; of 100 000 files in /dev/shm, from the call to its return inside a warm "
                + "JVM (the whole process told beside it)";
    }

    @Override
    public String peers() {
        return "ipcrm of the same ids in one call; find -delete";
    }

    @Override
    public String goal() {
        return "≤ 2.0; ≤ 3.0";
    }

    @Override
    public String method() {
        return "In IPC and mount namespaces of their own. Ours removes what killed JVMs made through sessions, and finds out "
                + "first that nobody uses it. ipcrm is given as many ids of equal segments; find deletes as many equal "
                + "files. The rows without a goal are a fresh JVM that does the same, from its start to its end.";
    }

    /** Each warms up for long. */
    @Override
    public int passes() {
        return 2;
    }

    @Override
    public void run(Contest contest) throws Exception {
        for (int i = 0; i < WARM_UPS; i++) {
            var unused = sweep(SegmentKind.POSIX_SHM, 10_000) + sweep(SegmentKind.SYSV_SHM, 2_000);
        }
        Peer ipcrm = new Peer("ipcrm", 2, () -> ipcrm(SYSV));
        Peer find = new Peer("find -delete", 3, () -> find(FILES));
        contest.measure(
                "4 096 System V segments",
                "ms",
                new Contest.Length(1, 8, 30),
                () -> sweep(SegmentKind.SYSV_SHM, SYSV),
                List.of(ipcrm));
        contest.measure(
                "4 096 System V segments, whole process",
                "ms",
                new Contest.Length(0, 4, 15),
                () -> process(SegmentKind.SYSV_SHM, SYSV),
                List.of(withoutGoal(ipcrm)));
        contest.measure(
                "100 000 files",
                "ms",
                new Contest.Length(1, 4, 60),
                () -> sweep(SegmentKind.POSIX_SHM, FILES),
                List.of(find));
        contest.measure(
                "100 000 files, whole process",
                "ms",
                new Contest.Length(0, 3, 15),
                () -> process(SegmentKind.POSIX_SHM, FILES),
                List.of(withoutGoal(find)));
    }

    private static Peer withoutGoal(Peer peer) {
        return new Peer(peer.name(), Peer.NO_GOAL, peer.arm());
    }

    static double sweep(SegmentKind kind, int count) throws Exception {
        DeadSession.leave(kind, count);
        long start = System.nanoTime();
        int removed = sweep();
        double took = (System.nanoTime() - start) / 1e6;
        if (removed != count) {
            throw new IllegalStateException("removed " + removed + " of " + count);
        }
        return took;
    }

    private static int sweep() {
        return Removal.run(SweepPolicy.standard()).removed().size();
    }

    private static double process(SegmentKind kind, int count) throws Exception {
        DeadSession.leave(kind, count);
        long start = System.nanoTime();
        int removed = Integer.parseInt(Programs.output(Programs.java(Whole.class)));
        double took = (System.nanoTime() - start) / 1e6;
        if (removed != count) {
            throw new IllegalStateException("removed " + removed + " of " + count);
        }
        return took;
    }

    static final class Whole {
        private Whole() {}

        @SuppressWarnings("SystemOut")
        public static void main(String[] args) {
            System.out.println(sweep());
        }
    }

    private static double ipcrm(int count) throws Exception {
        List<String> command = new ArrayList<>(List.of("ipcrm"));
        for (String id : Programs.output(Programs.kernel("sysv", count)).split("\n", -1)) {
            command.add("-m");
            command.add(id);
        }
        return time(command);
    }

    private static double find(int count) throws Exception {
        Path folder = Files.createTempDirectory(Path.of("/dev/shm"), "find");
        var unused = Programs.output(Programs.kernel("files", folder, count));
        double took = time(List.of("find", folder.toString(), "-type", "f", "-delete"));
        Files.delete(folder);
        return took;
    }

    private static double time(List<String> command) throws Exception {
        long start = System.nanoTime();
        var unused = Programs.output(command);
        return (System.nanoTime() - start) / 1e6;
    }
}
