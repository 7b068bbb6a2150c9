package io.github.shmkit.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** Measures ours and the peers in turn, round by round, and writes down what it saw. */
final class Contest {
    private static final int ROUNDS_MIN = 3;

    private final String id;
    private final int passes;
    private final Path samples;

    Contest(String id, int passes, Path samples) {
        this.id = id;
        this.passes = passes;
        this.samples = samples;
    }

    /**
     * How long: so many rounds in all passes together, behind some in each that only warm up, and no new one after so many
     * seconds in all.
     */
    record Length(int warmUps, int rounds, int seconds) {
        private int roundsOf(int passes) {
            return Math.max(ROUNDS_MIN, (rounds + passes - 1) / passes);
        }

        private long nanosOf(int passes) {
            return TimeUnit.SECONDS.toNanos(seconds) / passes;
        }
    }

    /** Measures and writes down. */
    void measure(String work, String unit, Length length, Arm ours, List<Peer> peers) throws Exception {
        compare(work, unit, length, ours, peers).values().forEach(this::add);
    }

    /** Measures only: the result is by the peer's name. */
    Map<String, Samples> compare(String work, String unit, Length length, Arm ours, List<Peer> peers) throws Exception {
        List<Double> ourFigures = new ArrayList<>();
        Map<Peer, List<Double>> peerFigures = new LinkedHashMap<>();
        for (Peer peer : peers) {
            peerFigures.put(peer, new ArrayList<>());
        }
        for (int i = 0; i < length.warmUps(); i++) {
            var unused = ours.measure();
            for (Peer peer : List.copyOf(peerFigures.keySet())) {
                try {
                    unused = peer.arm().measure();
                } catch (MissingException e) {
                    peerFigures.remove(peer);
                    note(peer.name() + " is left out of '" + work + "': " + e.getMessage());
                }
            }
        }
        long end = System.nanoTime() + length.nanosOf(passes);
        for (int round = 0;
                round < length.roundsOf(passes) && (round < ROUNDS_MIN || System.nanoTime() < end);
                round++) {
            ourFigures.add(ours.measure());
            for (Map.Entry<Peer, List<Double>> peer : peerFigures.entrySet()) {
                peer.getValue().add(peer.getKey().arm().measure());
            }
        }
        Map<String, Samples> measured = new LinkedHashMap<>();
        peerFigures.forEach((peer, figures) -> {
            Samples pairs = new Samples(id, work, unit, peer.name(), peer.goal(), array(ourFigures), array(figures));
            measured.put(peer.name(), pairs);
        });
        return measured;
    }

    /** Something that the reader has to know: a peer that is not here, a claim that holds. */
    void note(String text) {
        write("# " + id + ": " + text);
    }

    /** Figures that were measured elsewhere. */
    void add(Samples figures) {
        write(figures.line());
    }

    private void write(String line) {
        try {
            Files.write(
                    samples,
                    List.of(line),
                    StandardCharsets.UTF_8,
                    StandardOpenOption.CREATE,
                    StandardOpenOption.APPEND);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static double[] array(List<Double> figures) {
        return figures.stream().mapToDouble(Double::doubleValue).toArray();
    }
}
