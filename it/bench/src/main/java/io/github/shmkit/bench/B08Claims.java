package io.github.shmkit.bench;

import io.github.shmkit.internal.session.Session;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

final class B08Claims implements Benchmark {
    private static final int INTS = 10_000;
    private static final double HALF = 0.5;
    private static final String C1 = "C1: 10 000 ints through mmap";
    private static final String C2 = "C2: handed over by two copies";
    private static final String C3 = "C3: handed over in place";

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
    public int passes() {
        return PASSES_OF_TWO_SIDES;
    }

    @Override
    public void run(Contest contest) throws Exception {
        Path file = Files.createTempFile(Path.of("/dev/shm"), "ints", "");
        Files.write(file, new byte[INTS * Integer.BYTES]);
        contest.measure(
                C1,
                "µs",
                new Contest.Length(2, 20, 25),
                ints("mmap", file, 500),
                List.of(
                        new Peer("read and write, all at once", Peer.NO_GOAL, ints("readwrite", file, 500)),
                        new Peer("read and write, one by one", Peer.NO_GOAL, ints("each", file, 5))));
        Files.delete(file);

        Handover handover = Handover.of(64 << 10, 1L << 28);
        try (Session session = Session.open()) {
            contest.measure(
                    C2,
                    "ms",
                    new Contest.Length(5, 20, 25),
                    handover.segment(session, true),
                    B07Transfer.peers(handover, Peer.NO_GOAL));
            contest.measure(
                    C3,
                    "ms",
                    new Contest.Length(5, 20, 15),
                    handover.segment(session, false),
                    List.of(new Peer("two copies", Peer.NO_GOAL, handover.segment(session, true))));
        }
    }

    @Override
    public List<String> conclusions(List<Row> rows) {
        return List.of(
                "claim C1, mmap takes a half to a third of the time of read and write: "
                        + figures(rows, C1, row -> holds(row, HALF) + ", " + figure(row), "; "),
                "claim C2, shared memory is the fastest IPC, two copies where pipes and message queues make four: "
                        + (of(rows, C2).allMatch(row -> row.ratio().median() < 1)
                                ? "holds here"
                                : "does not hold here for all")
                        + ", " + figures(rows, C2, B08Claims::figure, ", "),
                "claim C3, no copy at all when producer and consumer work in place: "
                        + figures(rows, C3, row -> holds(row, 1) + ", " + figure(row), "; "));
    }

    private static Stream<Row> of(List<Row> rows, String work) {
        return rows.stream().filter(row -> row.work().equals(work));
    }

    private static String figures(List<Row> rows, String work, Function<Row, String> text, String between) {
        return of(rows, work).map(text).collect(Collectors.joining(between));
    }

    private static Arm ints(String how, Path file, int repetitions) {
        return Programs.kernelFigure("ints", how, file, repetitions).per(1_000);
    }

    private static String holds(Row row, double most) {
        return row.ratio().median() <= most ? "holds here" : "does not hold here";
    }

    private static String figure(Row row) {
        return String.format(Locale.ROOT, "%.2f of %s", row.ratio().median(), row.peerName());
    }
}
