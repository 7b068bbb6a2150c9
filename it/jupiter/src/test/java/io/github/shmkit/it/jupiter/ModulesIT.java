package io.github.shmkit.it.jupiter;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.io.StringWriter;
import java.lang.module.ModuleDescriptor;
import java.lang.module.ModuleDescriptor.Exports;
import java.lang.module.ModuleFinder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.tools.JavaCompiler;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The packed jars as modules: what they export, and a test in a module that uses them. */
class ModulesIT {
    private static final int SECONDS = 120;

    private static final String DESCRIPTOR = """
            open module sample {
                requires io.github.shmkit.junit;
                requires org.junit.platform.launcher;
            }
            """;

    private static final String TEST = """
            package sample;

            import io.github.shmkit.Segment;
            import io.github.shmkit.junit.Shm;
            import io.github.shmkit.junit.ShmTestkit;
            import io.github.shmkit.process.NativeHelper;
            import org.junit.jupiter.api.Assertions;
            import org.junit.jupiter.api.Test;
            import org.junit.platform.engine.discovery.DiscoverySelectors;
            import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
            import org.junit.platform.launcher.core.LauncherFactory;
            import org.junit.platform.launcher.listeners.SummaryGeneratingListener;

            public class SampleTest {
                @Test
                void test(@Shm(size = 64) Segment segment, ShmTestkit kit) {
                    NativeHelper peer = kit.nativeHelper("peer").attach(segment).start();
                    peer.putLong(0, 42);
                    kit.await().untilLong(segment, 0, 42);
                    long value = kit.jvm("jvm").attach(segment).start()
                            .call(context -> context.segment().getAndAddLong(0, 1) + 1);
                    Assertions.assertEquals(43, value);
                }

                public static void main(String[] args) {
                    SummaryGeneratingListener listener = new SummaryGeneratingListener();
                    LauncherFactory.create().execute(
                            LauncherDiscoveryRequestBuilder.request()
                                    .selectors(DiscoverySelectors.selectClass(SampleTest.class)).build(),
                            listener);
                    listener.getSummary().getFailures().forEach(f -> f.getException().printStackTrace(System.out));
                    System.out.println(Segment.class.getModule() + ", passed " + listener.getSummary().getTestsSucceededCount());
                }
            }
            """;

    @TempDir
    private Path folder;

    private static List<Path> jars() {
        return Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
                .filter(element -> element.endsWith(".jar"))
                .map(Path::of)
                .toList();
    }

    private static String modulePath() {
        return jars().stream().map(Path::toString).collect(Collectors.joining(File.pathSeparator));
    }

    private static ModuleDescriptor module(String name) {
        return ModuleFinder.of(jars().toArray(Path[]::new))
                .find(name)
                .orElseThrow()
                .descriptor();
    }

    private static Set<String> exported(ModuleDescriptor module) {
        return module.exports().stream()
                .filter(exports -> !exports.isQualified())
                .map(Exports::source)
                .collect(Collectors.toSet());
    }

    @Test
    void exportNothingInternal() {
        assertThat(module("io.github.shmkit").isAutomatic()).isFalse();
        assertThat(exported(module("io.github.shmkit")))
                .containsExactlyInAnyOrder(
                        "io.github.shmkit",
                        "io.github.shmkit.process",
                        "io.github.shmkit.script",
                        "io.github.shmkit.syscall",
                        "io.github.shmkit.trace");
        assertThat(exported(module("io.github.shmkit.junit"))).containsExactly("io.github.shmkit.junit");
    }

    private int compile(StringWriter said, String... sources) throws IOException {
        Path root = Files.createDirectories(folder.resolve("src"));
        Files.createDirectories(root.resolve("sample"));
        Files.writeString(root.resolve("module-info.java"), DESCRIPTOR);
        for (int i = 0; i < sources.length; i += 2) {
            Files.writeString(root.resolve("sample").resolve(sources[i]), sources[i + 1]);
        }
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        try (var files = compiler.getStandardFileManager(null, null, StandardCharsets.UTF_8);
                Stream<Path> all = Files.walk(root)) {
            var units = files.getJavaFileObjectsFromPaths(
                    all.filter(file -> file.toString().endsWith(".java")).toList());
            List<String> options = List.of(
                    "-cp",
                    folder.toString(),
                    "-p",
                    modulePath(),
                    "-d",
                    folder.resolve("classes").toString());
            return compiler.getTask(said, files, null, options, null, units).call() ? 0 : 1;
        }
    }

    @Test
    void internalsDoNotCompile() throws IOException {
        StringWriter said = new StringWriter();

        assertThat(compile(
                        said,
                        "Intruder.java",
                        "package sample; class Intruder { io.github.shmkit.internal.session.Session session; }"))
                .isNotZero();
        assertThat(said.toString())
                .contains("package io.github.shmkit.internal.session is declared in module io.github.shmkit, which "
                        + "does not export it to module sample");
    }

    @Test
    void testOfAModulePasses() throws Exception {
        StringWriter said = new StringWriter();
        assertThat(compile(said, "SampleTest.java", TEST)).as(said.toString()).isZero();

        Path output = folder.resolve("output");
        Process java = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "--enable-native-access=com.sun.jna",
                        "-p",
                        folder.resolve("classes") + File.pathSeparator + modulePath(),
                        "--add-modules",
                        "org.junit.jupiter.engine",
                        "-m",
                        "sample/sample.SampleTest")
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
        assertThat(java.waitFor(SECONDS, TimeUnit.SECONDS)).isTrue();
        assertThat(Files.readString(output)).contains("module io.github.shmkit, passed 1");
    }
}
