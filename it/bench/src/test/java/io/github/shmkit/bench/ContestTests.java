package io.github.shmkit.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ContestTests {
    private final List<String> calls = new ArrayList<>();

    @TempDir
    private Path folder;

    private Arm arm(String name, double figure) {
        return () -> {
            calls.add(name);
            return figure;
        };
    }

    private Results measure(Contest.Length length, Peer... peers) throws Exception {
        Path samples = folder.resolve("samples.tsv");
        new Contest("B0", 1, samples).measure("work", "ms", length, arm("ours", 3), List.of(peers));
        return Results.read(samples);
    }

    @Test
    void ourTurnAndThePeersAlternateAndTheWarmUpIsNotCounted() throws Exception {
        Results results =
                measure(new Contest.Length(1, 3, 60), new Peer("a", 2, arm("a", 2)), new Peer("b", 1, arm("b", 6)));
        assertThat(calls).containsExactly("ours", "a", "b", "ours", "a", "b", "ours", "a", "b", "ours", "a", "b");
        assertThat(results.rows())
                .extracting(row -> row.peerName() + " " + row.ratio().median() + " " + row.met() + " " + row.runs())
                .containsExactly("a 1.5 true 3", "b 0.5 true 3");
    }

    @Test
    void noRoundBeginsOnceTheTimeIsUpButAFewAreAlwaysMade() throws Exception {
        Results results = measure(new Contest.Length(0, 1_000, 0), new Peer("a", 2, arm("a", 2)));
        assertThat(results.rows()).singleElement().extracting(Row::runs).isEqualTo(3);
    }

    @Test
    void eachPassTakesItsPartOfTheRounds() throws Exception {
        Path samples = folder.resolve("samples.tsv");
        for (int pass = 1; pass <= 3; pass++) {
            new Contest("B0", 3, samples)
                    .measure("work", "ms", new Contest.Length(2, 14, 60), arm("ours", 3), List.of());
        }
        assertThat(calls).hasSize(3 * (2 + 5));
    }

    @Test
    void aPeerThatIsNotInstalledIsLeftOutWithALine() throws Exception {
        Arm missing = () -> Double.parseDouble(Programs.output(List.of("/nonexistent/python")));
        Results results =
                measure(new Contest.Length(1, 3, 60), new Peer("p", 2, missing), new Peer("a", 2, arm("a", 2)));
        assertThat(results.rows()).extracting(Row::peerName).containsExactly("a");
        assertThat(results.notes())
                .singleElement()
                .asString()
                .startsWith("B0: p is left out of 'work'")
                .contains("/nonexistent/python");
    }

    @Test
    void anArmTellsNanosecondsOfOneRepetition() throws Exception {
        int[] calls = {0};
        double figure = Arm.nanos(1_000, () -> calls[0]++).per(1e9).measure();
        assertThat(calls[0]).isEqualTo(1_000);
        assertThat(figure).isPositive().isLessThan(1);
    }

    @Test
    void namespacesNeedTheUsersOwnOnlyWithoutRoot() {
        assertThat(Namespaces.in(true, List.of("true")))
                .doesNotContain("--user")
                .endsWith("bench", "true");
        assertThat(Namespaces.in(false, List.of("true"))).contains("--user", "--map-root-user");
    }
}
