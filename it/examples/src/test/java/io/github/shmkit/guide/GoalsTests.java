package io.github.shmkit.guide;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What `shm:help` and an IDE tell of the goals is there, and says something. */
class GoalsTests {
    /** Maven's own. */
    private static final String HELP = "help";

    static Stream<PluginDescriptor.Goal> ours() {
        return PluginDescriptor.goals().stream().filter(goal -> !goal.name().equals(HELP));
    }

    @Test
    void allAreThere() {
        assertThat(PluginDescriptor.goals())
                .extracting(PluginDescriptor.Goal::name)
                .containsExactlyInAnyOrder("list", "snapshot", "check", "clean", "doctor", "exec", "report", HELP);
    }

    @ParameterizedTest
    @MethodSource("ours")
    void aGoalIsDescribedAndRunsWithoutAProjectAndBesideOthers(PluginDescriptor.Goal goal) {
        assertThat(goal.description()).hasSizeGreaterThan(20).contains(".");
        assertThat(goal.threadSafe()).isTrue();
        assertThat(goal.requiresProject()).isEqualTo(goal.name().equals("report"));
    }

    @ParameterizedTest
    @MethodSource("ours")
    void aParameterIsDescribedAndCanBeGivenOnTheCommandLine(PluginDescriptor.Goal goal) {
        assertThat(goal.parameters())
                .isNotEmpty()
                .allSatisfy(parameter -> assertThat(parameter.description())
                        .as(parameter.property())
                        .hasSizeGreaterThan(10)
                        .contains("."));
        assertThat(goal.forPomsOnly()).isSubsetOf(List.of("outputDirectory"));
    }
}
