package io.github.shmkit.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the plugin asks of those who use it. */
class FrugalityIT {
    private static final int JARS_MAX = 6;
    /** Maven before 3.9 gives it to every plugin. */
    private static final String OF_OLD_MAVENS = "org.codehaus.plexus:plexus-utils:jar:1.1";

    private static final Pattern INCLUDED = Pattern.compile("Included: (\\S+)");

    @Test
    void itLoadsFewJars(@TempDir Path nowhere) throws Exception {
        Mvn mvn = Mvn.run(nowhere, "-X", Mvn.GOAL + "list");

        assertThat(mvn.exitCode()).isZero();
        List<String> jars = INCLUDED.matcher(mvn.log())
                .results()
                .map(match -> match.group(1))
                .filter(jar -> !jar.equals(OF_OLD_MAVENS))
                .distinct()
                .toList();
        assertThat(jars)
                .hasSizeLessThanOrEqualTo(JARS_MAX)
                .anyMatch(jar -> jar.contains("shm-maven-plugin"))
                .anyMatch(jar -> jar.contains("shm-native-helper"))
                .anyMatch(jar -> jar.contains(":jna:"));
    }

    @Test
    void noGoalHasTheDependenciesOfTheProjectResolved() throws Exception {
        String descriptor;
        try (var in = FrugalityIT.class.getResourceAsStream("/META-INF/maven/plugin.xml")) {
            descriptor = new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
        assertThat(Stream.of("list", "snapshot", "check", "clean", "exec", "report", "help"))
                .allMatch(goal -> descriptor.contains("<goal>" + goal + "</goal>"));
        assertThat(descriptor).doesNotContain("<requiresDependencyResolution>", "<requiresDependencyCollection>");
    }

    @Test
    void itNeedsNeitherNetworkNorAHomeThatCanBeWrittenTo() throws Exception {
        // The kernel lets nobody make a file there, not even root.
        List<String> homeless = List.of("env", "HOME=/proc", "JAVA_TOOL_OPTIONS=-Duser.home=/proc");

        Mvn mvn = Mvn.runBy(homeless, Mvn.project("leaky"), "-o", "surefire:test", Mvn.GOAL + "check");

        assertThat(mvn.exitCode()).isEqualTo(1);
        assertThat(mvn.log())
                .contains("leaked POSIX_SHM /dev/shm/leaky.")
                .contains("This build left IPC objects behind: 2 objects")
                .containsPattern("shmkit: removed 2 objects \\(.*\\) that a program of this build left")
                .doesNotContain("shmkit: cannot", "failed: ");
    }
}
