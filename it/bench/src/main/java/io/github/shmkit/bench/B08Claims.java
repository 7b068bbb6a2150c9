package io.github.shmkit.bench;

import io.github.shmkit.internal.session.Session;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;

final class B08Claims implements Benchmark {
    private static final int INTS = 10_000;
    private static final double HALF = 0.5;

    @Override
    public String id() {
        return "B8";
    }

    @Override
    public String work() {
        return "claims C1 to C3 with their own workload (10 000 ints through mmap and through read and write)";
    }

    @Override
    public String peers() {
        return "–";
    }

    @Override
    public String goal() {
        return "the page says whether the claim holds here, with the figures";
    }

    @Override
    public String method() {
        return "C1 in C, from open to close of a file on tmpfs: all ints by one read and one write, or each by a pread and "
                + "a pwrite of its own. C2 and C3 hand 256 MiB over in messages of 64 KiB as B7 does.";
    }

    @Override
    public void run(Contest contest) throws Exception {
        Path file = Files.createTempFile(Path.of("/dev/shm"), "ints", "");
        Files.write(file, new byte[INTS * Integer.BYTES]);
        Map<String, Samples> c1 = contest.measure(
                "C1: 10 000 ints through mmap",
                "µs",
                new Contest.Length(1, 12, 15),
                ints("mmap", file, 500),
                List.of(
                        new Peer("read and write, all at once", Peer.NO_GOAL, ints("readwrite", file, 500)),
                        new Peer("read and write, one by one", Peer.NO_GOAL, ints("each", file, 5))));
        Files.delete(file);
        String one = c1.values().stream()
                .map(samples -> claim(samples, HALF))
                .reduce((a, b) -> a + "; " + b)
                .orElseThrow();
        contest.note("claim C1, mmap takes a half to a third of the time of read and write: " + one);

        Handover handover = Handover.of(64 << 10, 1L << 28);
        try (Session session = Session.open()) {
            Map<String, Samples> c2 = contest.measure(
                    "C2: handed over by two copies",
                    "ms",
                    new Contest.Length(1, 9, 15),
                    handover.segment(session, true),
                    B07Transfer.peers(handover, Peer.NO_GOAL));
            boolean fastest = c2.values().stream().allMatch(samples -> ratio(samples) < 1);
            contest.note(
                    "claim C2, shared memory is the fastest IPC, two copies where pipes and message queues make four: "
                            + (fastest ? "holds here" : "does not hold here for all") + ", "
                            + String.join(
                                    ", ",
                                    c2.values().stream().map(B08Claims::figure).toList()));
            Map<String, Samples> c3 = contest.measure(
                    "C3: handed over in place",
                    "ms",
                    new Contest.Length(1, 9, 10),
                    handover.segment(session, false),
                    List.of(new Peer("two copies", Peer.NO_GOAL, handover.segment(session, true))));
            contest.note("claim C3, no copy at all when producer and consumer work in place: "
                    + c3.values().stream()
                            .map(samples -> claim(samples, 1))
                            .findFirst()
                            .orElseThrow());
        }
    }

    private static Arm ints(String how, Path file, int repetitions) {
        return Programs.kernelFigure("ints", how, file, repetitions).per(1_000);
    }

    private static String claim(Samples samples, double most) {
        return (ratio(samples) <= most ? "holds here, " : "does not hold here, ") + figure(samples);
    }

    private static String figure(Samples samples) {
        return String.format(Locale.ROOT, "%.2f of %s", ratio(samples), samples.peer());
    }

    private static double ratio(Samples samples) {
        return Stats.ofRatios(samples.ours(), samples.theirs()).median();
    }
}
