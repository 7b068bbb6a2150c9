package io.github.shmkit.maven.internal;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ForkingGoalsTests {
    @ParameterizedTest
    @CsvSource({
        "maven-surefire-plugin, test, true",
        "maven-surefire-plugin, help, false",
        "maven-failsafe-plugin, integration-test, true",
        "maven-failsafe-plugin, verify, false",
        "maven-antrun-plugin, run, true",
        "exec-maven-plugin, exec, true",
        "exec-maven-plugin, java, true",
        "maven-compiler-plugin, compile, false"
    })
    void areThoseThatStartProcesses(String plugin, String goal, boolean expected) {
        assertThat(ForkingGoals.contains(plugin, goal)).isEqualTo(expected);
    }

    @ParameterizedTest
    @CsvSource({
        "maven-surefire-plugin, test, true, true",
        "maven-surefire-plugin, help, false, false",
        "exec-maven-plugin, exec, false, true",
        "exec-maven-plugin, java, false, false",
        "maven-antrun-plugin, run, false, false"
    })
    void differInWhatTheyTake(String plugin, String goal, boolean testJvm, boolean environment) {
        assertThat(ForkingGoals.startsTestJvm(plugin, goal)).isEqualTo(testJvm);
        assertThat(ForkingGoals.takesEnvironment(plugin, goal)).isEqualTo(environment);
    }
}
