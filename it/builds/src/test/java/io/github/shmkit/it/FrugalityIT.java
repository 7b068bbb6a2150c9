package io.github.shmkit.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
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
    void whereNoTestJvmIsStartedNoneOfOurNativeCodeIsLoaded(@TempDir Path folder) throws Exception {
        Path green = Mvn.project("green");
        Path bare = Files.createDirectories(green.resolveSibling("bare")); // as green, without tests
        Files.copy(green.resolve("pom.xml"), bare.resolve("pom.xml"), StandardCopyOption.REPLACE_EXISTING);

        assertThat(loadsJna(folder.resolve("none"), bare)).isFalse();
        assertThat(loadsJna(folder.resolve("skipped"), green, "-DskipTests")).isFalse();
        assertThat(loadsJna(folder.resolve("all-skipped"), green, "-Dmaven.test.skip"))
                .isFalse();
        assertThat(loadsJna(folder.resolve("run"), green)).as("the control").isTrue();
        assertThat(loadsJna(folder.resolve("scanned"), bare, "-DdependenciesToScan=org.junit.jupiter:none"))
                .as("tests may be elsewhere")
                .isTrue();
    }

    private static boolean loadsJna(Path logs, Path project, String... more) throws Exception {
        Files.createDirectories(logs);
        List<String> arguments = new ArrayList<>(List.of("surefire:test"));
        arguments.addAll(List.of(more));
        Mvn mvn = Mvn.runBy(
                List.of("env", "JAVA_TOOL_OPTIONS=-Xlog:class+load:file=" + logs + "/maven.log"),
                project,
                arguments.toArray(String[]::new));
        assertThat(mvn.exitCode()).as(mvn.log()).isZero();
        String ofMaven = "";
        try (DirectoryStream<Path> all = Files.newDirectoryStream(logs)) {
            for (Path log : all) { // a test JVM begins a new one, and gives the one that it finds a number
                String text = Files.readString(log, StandardCharsets.ISO_8859_1);
                ofMaven = text.contains("io.github.shmkit.maven.internal.BuildGuard ") ? text : ofMaven;
            }
        }
        assertThat(ofMaven.isEmpty()).as("no log of Maven's").isFalse();
        return ofMaven.contains("com.sun.jna.Native ");
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
