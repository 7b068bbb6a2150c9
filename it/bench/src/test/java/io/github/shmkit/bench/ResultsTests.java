package io.github.shmkit.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ResultsTests {
    private static Samples samples(double goal, double... ours) {
        double[] peer = new double[ours.length];
        java.util.Arrays.fill(peer, 10);
        return new Samples("B1", "a <segment>", "µs", "C & co", goal, ours, peer);
    }

    private static Results results(double goal, double... ours) {
        return Results.of(List.of(samples(goal, ours).line(), "# B1: a note"));
    }

    @Test
    void whatIsWrittenIsReadAgain() {
        Samples read = Samples.parse(samples(1.5, 12, 14, 13).line());
        assertThat(read.ours()).containsExactly(12, 14, 13);
        assertThat(read.goal()).isEqualTo(1.5);
        assertThat(read.peer()).isEqualTo("C & co");
        assertThatIllegalArgumentException().isThrownBy(() -> Samples.parse("B1\tx"));
    }

    @Test
    void thePassesOfARowAreOneRow() {
        Results both = Results.of(List.of(
                samples(1.5, 12, 14, 13).line(),
                "# B1: a note",
                samples(1.5, 16, 15).line(),
                "# B1: a note",
                "# B1: another"));
        assertThat(both.rows()).singleElement().satisfies(row -> {
            assertThat(row.runs()).isEqualTo(5);
            assertThat(row.ratio()).isEqualTo(new Stats(1.4, 1.3, 1.5, 1.2, 1.6));
        });
        assertThat(both.notes()).containsExactly("B1: a note", "B1: another");
    }

    @Test
    void aGoalIsMetUpToItsOwnValue() {
        assertThat(results(1.3, 13).goalsMet()).isOne();
        assertThat(results(1.29, 13).goalsMet()).isZero();
    }

    @Test
    void aRowWithoutAGoalCountsNeitherWay() {
        Results results = results(Peer.NO_GOAL, 13);
        assertThat(results.goals()).isZero();
        assertThat(results.goalsMet()).isZero();
        assertThat(Json.of(results.json(Map.of()))).doesNotContain("goal", "met\"", "NaN");
    }

    @Test
    void theJsonHasTheFieldsOfARow() {
        assertThat(Json.of(results(1.5, 12, 14, 13).json(Map.of("java", "17")))).isEqualTo("""
                        {
                          "java": "17",
                          "rows": [
                            {
                              "id": "B1",
                              "work": "a <segment>",
                              "unit": "µs",
                              "ours": 13.0000,
                              "peer name": "C & co",
                              "peer": 10.0000,
                              "ratio": 1.30000,
                              "runs": 3,
                              "spread": {
                                "low": 1.25000,
                                "high": 1.35000
                              },
                              "goal": 1.50000,
                              "met": true
                            }
                          ],
                          "notes": [
                            "B1: a note"
                          ]
                        }
                        """);
    }

    @Test
    void jsonHasNoControlCharactersInText() {
        assertThat(Json.of(Map.of("a\"\\\n", List.of()))).isEqualTo("{\n  \"a\\\"\\\\\\u000a\": []\n}\n");
        assertThatIllegalArgumentException().isThrownBy(() -> Json.of(Double.NaN));
    }

    @Test
    void twoRunsAgreeIfEachRatioLiesInTheOthersSpread() {
        Results run = results(2, 12, 13, 14);
        assertThat(run.comparedWith(results(2, 12.4, 13.2, 14)))
                .singleElement()
                .asString()
                .startsWith("1 of 1 ratios")
                .contains("; 1 among all");
        assertThat(run.comparedWith(results(2, 12, 14, 14)).get(0))
                .startsWith("0 of 1 ratios")
                .contains("; 1 among all");
        assertThat(run.comparedWith(results(2, 15, 16, 17)).get(0)).contains("; 0 among all");
        // Its median is in our spread, but ours is not in its own.
        assertThat(run.comparedWith(results(2, 13.4, 13.4, 13.4)))
                .hasSize(2)
                .last()
                .isEqualTo("B1 / a <segment> / C & co: 1.34 (1.34–1.34) before, 1.30 (1.25–1.35) now");
        assertThat(run.comparedWith(Results.of(List.of()))).isEmpty();
    }

    @Test
    void aClaimIsJudgedByAllPasses() {
        Samples holds = new Samples(
                "B8", "C3: handed over in place", "ms", "two copies", Peer.NO_GOAL, new double[] {5}, new double[] {10
                });
        Samples doesNot = new Samples(
                "B8",
                "C3: handed over in place",
                "ms",
                "two copies",
                Peer.NO_GOAL,
                new double[] {15, 16},
                new double[] {10, 10});
        assertThat(Results.of(List.of(holds.line())).notes().get(2)).endsWith(": holds here, 0.50 of two copies");
        assertThat(Results.of(List.of(holds.line(), doesNot.line())).notes().get(2))
                .endsWith(": does not hold here, 1.50 of two copies");
    }

    @Test
    void theFirstRunHasNoneBeforeIt(@TempDir Path folder) throws Exception {
        assertThat(Results.read(folder.resolve("none")).rows()).isEmpty();
    }

    @Test
    void figuresHaveThreeDigits() {
        assertThat(List.of(0.0123456, 0.5, 1.0, 12.345, 123.45, 12345.6, 0.0))
                .map(Text::figure)
                .containsExactly("0.0123", "0.500", "1.00", "12.3", "123", "12346", "0.000");
    }

    @Test
    void theTableHasALineForEachRow() {
        assertThat(Text.table(results(1.5, 12, 14, 13)))
                .hasSize(2)
                .last()
                .asString()
                .contains(
                        "B1", "a <segment>", "13.0 µs", "10.0 µs", "C & co", "1.30 (1.25–1.35)", "≤ 1.50", "met", "3");
    }
}
