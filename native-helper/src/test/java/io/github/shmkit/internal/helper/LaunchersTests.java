package io.github.shmkit.internal.helper;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.shmkit.internal.guard.HelperProgram;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.jar.Attributes;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * A test's JVM may have been started in many ways; a JVM helper finds the test's classes in each.
 *
 * <p>Surefire and Failsafe run all our other tests. Here a program in a JVM of its own stands for a test.
 */
@Timeout(120)
class LaunchersTests {
    private static final String PROGRAM = """
            package sample;

            import io.github.shmkit.*;
            import io.github.shmkit.internal.helper.*;
            import io.github.shmkit.internal.session.Session;

            public class Main {
                public static void main(String[] args) {
                    try (Session session = Session.open();
                            SessionCheckpoints checkpoints = new SessionCheckpoints(session, 1);
                            JvmLauncher launcher = new JvmLauncher(session, 1, false);
                            Segment data = session.create(SegmentSpec.of(SegmentKind.POSIX_SHM).size(64).label("data"));
                            JvmHelper helper =
                                    new JvmHelpers(launcher, checkpoints, 1).jvm("peer").attach(data).start()) {
                        String there = helper.call(context -> {
                            context.segment().putInt(0, 7);
                            Module module = Main.class.getModule();
                            return (module.isNamed() ? module.getName() : "unnamed") + " " + (module == JvmHelper.class.getModule());
                        });
                        System.out.println(data.getInt(0) + " " + there);
                    }
                }
            }
            """;

    @TempDir
    private static Path dir;

    /** Our code as users get it; a module by its manifest. */
    private static Path ours;

    private static Path sample;
    private static List<Path> libraries;

    @BeforeAll
    static void build() throws Exception {
        ours = dir.resolve("shm-native-helper.jar");
        Path classes = Path.of(HelperProgram.class
                .getProtectionDomain()
                .getCodeSource()
                .getLocation()
                .toURI());
        pack(ours, "Automatic-Module-Name", "io.github.shmkit", classes);
        libraries = Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator, -1))
                .map(Path::of)
                .filter(p -> p.getFileName().toString().matches("jna(-platform)?-[\\d.]+\\.jar"))
                .toList();
        assertThat(libraries).hasSize(2);
        Path source = Files.createDirectories(dir.resolve("source/sample")).resolve("Main.java");
        Files.writeString(source, PROGRAM);
        sample = dir.resolve("classes");
        compile("-cp", ours.toString(), "-d", sample.toString(), source.toString());
    }

    private static void pack(Path jar, String attribute, String value, Path classes) throws IOException {
        Manifest manifest = new Manifest();
        manifest.getMainAttributes().put(Attributes.Name.MANIFEST_VERSION, "1.0");
        manifest.getMainAttributes().putValue(attribute, value);
        try (JarOutputStream out = new JarOutputStream(Files.newOutputStream(jar), manifest);
                Stream<Path> files = Files.walk(classes)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                out.putNextEntry(new ZipEntry(classes.relativize(file).toString()));
                Files.copy(file, out);
            }
        }
    }

    private static void compile(String... arguments) {
        assertThat(ToolProvider.getSystemJavaCompiler().run(null, null, null, arguments))
                .isZero();
    }

    private static String path(List<Path> elements) {
        return elements.stream().map(Path::toString).collect(Collectors.joining(File.pathSeparator));
    }

    private static List<Path> classPath() {
        List<Path> elements = new ArrayList<>(List.of(sample, ours));
        elements.addAll(libraries);
        return elements;
    }

    private static String run(List<String> arguments) throws Exception {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED"));
        command.addAll(arguments);
        Process process = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(said).isZero();
        return said.strip();
    }

    /** As IntelliJ IDEA and Surefire's manifest-only jar have it: the class path stands in a manifest. */
    @Test
    void theClassPathInAManifest() throws Exception {
        Path empty = Files.createDirectories(dir.resolve("empty"));
        Path pathing = dir.resolve("pathing.jar");
        pack(
                pathing,
                "Class-Path",
                classPath().stream().map(p -> p.toUri().toString()).collect(Collectors.joining(" ")),
                empty);
        assertThat(run(List.of("-cp", pathing.toString(), "sample.Main"))).isEqualTo("7 unnamed true");
    }

    /** As Gradle's worker and Eclipse have it, for class paths that are too long for a command. */
    @Test
    void theClassPathInAnArgumentFile() throws Exception {
        List<Path> longPath = new ArrayList<>(classPath());
        for (int i = 0; i < 4000; i++) {
            longPath.add(dir.resolve("no-such-library-with-a-long-name-" + i + ".jar"));
        }
        Path arguments = dir.resolve("worker classpath.txt");
        Files.writeString(arguments, "-cp\n\"" + path(longPath) + "\"\n");
        assertThat(path(longPath).length())
                .as("more than one argument may have")
                .isGreaterThan(128 << 10);
        assertThat(run(List.of("@" + arguments, "sample.Main"))).isEqualTo("7 unnamed true");
    }

    @Test
    void theModulePath() throws Exception {
        Path descriptor = Files.writeString(
                dir.resolve("source/module-info.java"), "module sample { requires io.github.shmkit; }");
        Path modular = dir.resolve("modular");
        String modulePath =
                path(Stream.concat(Stream.of(ours), libraries.stream()).toList());
        compile(
                "-p",
                modulePath,
                "-d",
                modular.toString(),
                descriptor.toString(),
                dir.resolve("source/sample/Main.java").toString());
        assertThat(run(List.of(
                        "--enable-native-access=com.sun.jna",
                        "-p",
                        modulePath + File.pathSeparator + modular,
                        "-m",
                        "sample/sample.Main")))
                .isEqualTo("7 sample false");
    }
}
