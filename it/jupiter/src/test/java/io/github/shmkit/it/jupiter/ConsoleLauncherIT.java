package io.github.shmkit.it.jupiter;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.shmkit.it.jupiter.suite.OtherJvms;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** JUnit's own launcher for the command line, which loads the tests by a class loader of its own, or not. */
class ConsoleLauncherIT {
    /** A packed launcher, and a Java to run it on. */
    record Launcher(Path jar, Path javaHome) {
        @Override
        public String toString() {
            return jar.getFileName() + " on " + javaHome.getFileName();
        }
    }

    static List<Launcher> all() throws IOException {
        List<Launcher> all = new ArrayList<>();
        try (Stream<Path> jars = Files.list(Path.of(System.getProperty("console.launchers")))) {
            for (Path jar : jars.sorted().toList()) {
                for (Path home : JupiterMatrixIT.homes()) {
                    all.add(new Launcher(jar, home));
                }
            }
        }
        assertThat(all).hasSizeGreaterThanOrEqualTo(2);
        return all;
    }

    /** What is tested and what it needs, without any JUnit. */
    private static String tests() {
        return Arrays.stream(System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"))
                        .split(File.pathSeparator, -1))
                .filter(element -> !element.contains("/org/junit/"))
                .collect(Collectors.joining(File.pathSeparator));
    }

    private static void passes(Launcher launcher, String... arguments) throws Exception {
        List<String> command =
                new ArrayList<>(List.of(launcher.javaHome() + "/bin/java", "--enable-native-access=ALL-UNNAMED"));
        command.addAll(List.of(arguments));
        command.addAll(List.of("--details=tree", "--disable-banner", "--select-class=" + OtherJvms.class.getName()));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(output).isZero();
        assertThat(output).contains(OtherJvms.TESTS + " tests successful");
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("all")
    void testsOfItsOwnClassLoaderFindThemselves(Launcher launcher) throws Exception {
        passes(launcher, "-jar", launcher.jar().toString(), "execute", "--class-path", tests());
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("all")
    void testsOnTheClassPathOfJavaFindThemselves(Launcher launcher) throws Exception {
        passes(
                launcher,
                "-cp",
                launcher.jar() + File.pathSeparator + tests(),
                "org.junit.platform.console.ConsoleLauncher",
                "execute");
    }
}
