package io.github.shmkit.internal.helper;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.shmkit.internal.guard.HelperProgram;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.CodeSigner;
import java.security.CodeSource;
import java.security.ProtectionDomain;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
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
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

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
            import io.github.shmkit.process.*;
            import io.github.shmkit.internal.helper.*;
            import io.github.shmkit.internal.session.Session;

            public class Main {
                public static void main(String[] args) {
                    try (Session session = Session.open();
                            SessionCheckpoints checkpoints = new SessionCheckpoints(session, new Timeouts(1));
                            JvmLauncher launcher = new JvmLauncher(session, new Timeouts(1), false);
                            Segment data = session.create(SegmentSpec.of(SegmentKind.POSIX_SHM).size(64).label("data"));
                            JvmHelper helper =
                                    new JvmHelpers(launcher, checkpoints, new Timeouts(1)).jvm("peer").attach(data).start()) {
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
                .filter(p -> p.getFileName().toString().matches("jna-[\\d.]+\\.jar"))
                .toList();
        assertThat(libraries).hasSize(1);
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

    /** Runs a program by a class loader of its own: {@code Loading <URLs> <context loader?> <main class>}. */
    public static final class Loading {
        private Loading() {}

        public static void main(String[] args) throws Exception {
            List<URL> urls = new ArrayList<>();
            for (String url : args[0].split(" ", -1)) {
                urls.add(URI.create(url).toURL());
            }
            ClassLoader all = new URLClassLoader(urls.toArray(URL[]::new));
            ClassLoader loader = args[1].equals("opaque") ? new Opaque(all) : all;
            if (args[1].equals("context")) {
                Thread.currentThread().setContextClassLoader(loader);
            }
            Class.forName(args[2], true, loader)
                    .getMethod("main", String[].class)
                    .invoke(null, (Object) new String[0]);
        }
    }

    /** Defines the classes that another loader would find, and says not where it finds them. */
    private static final class Opaque extends ClassLoader {
        private final ClassLoader finder;

        Opaque(ClassLoader finder) {
            super(ClassLoader.getSystemClassLoader());
            this.finder = finder;
        }

        @Override
        protected Class<?> findClass(String name) throws ClassNotFoundException {
            String path = name.replace('.', '/') + ".class";
            URL file = finder.getResource(path);
            try (InputStream in = finder.getResourceAsStream(path)) {
                byte[] bytes = Objects.requireNonNull(in, name).readAllBytes();
                URL place = URI.create(file.toString().replaceAll("^jar:|!?/?" + path + "$", ""))
                        .toURL();
                ProtectionDomain domain =
                        new ProtectionDomain(new CodeSource(place, (CodeSigner[]) null), null, this, null);
                return defineClass(name, bytes, 0, bytes.length, domain);
            } catch (IOException | NullPointerException e) {
                throw new ClassNotFoundException(name, e);
            }
        }

        @Override
        protected URL findResource(String name) {
            return finder.getResource(name);
        }
    }

    private List<String> loading(List<Path> here, List<Path> there, String how) throws Exception {
        Path bootstrap = dir.resolve("bootstrap");
        for (Class<?> type : List.of(Loading.class, Opaque.class)) {
            String file = type.getName().replace('.', '/') + ".class";
            Path copy = bootstrap.resolve(file);
            Files.createDirectories(copy.getParent());
            Files.copy(Path.of(type.getResource("/" + file).toURI()), copy, StandardCopyOption.REPLACE_EXISTING);
        }
        List<Path> classPath = new ArrayList<>(List.of(bootstrap));
        classPath.addAll(here);
        return List.of(
                "-cp",
                path(classPath),
                Loading.class.getName(),
                there.stream().map(p -> p.toUri().toString()).collect(Collectors.joining(" ")),
                how,
                "sample.Main");
    }

    /** As JUnit's console launcher with --class-path, Surefire without the system class loader, and Maven itself. */
    @ParameterizedTest
    @ValueSource(strings = {"context", "no context", "opaque"})
    void classPathOfALoader(String how) throws Exception {
        assertThat(run(loading(List.of(), classPath(), how))).isEqualTo("7 unnamed true");
    }

    /** As a worker that has its libraries from the command line and loads the tests itself. */
    @ParameterizedTest
    @ValueSource(strings = {"context", "no context", "opaque"})
    void testsInALoaderAndLibrariesOnTheClassPath(String how) throws Exception {
        List<Path> here = new ArrayList<>(List.of(ours));
        here.addAll(libraries);

        assertThat(run(loading(here, List.of(sample), how))).isEqualTo("7 unnamed true");
    }
}
