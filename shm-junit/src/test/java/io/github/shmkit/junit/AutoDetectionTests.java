package io.github.shmkit.junit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;

import io.github.shmkit.Segment;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.platform.launcher.LauncherSession;
import org.junit.platform.launcher.core.LauncherConfig;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;
import org.junit.platform.launcher.listeners.SummaryGeneratingListener;

/** Registered for every test of a run by the service loader, the extension costs nothing where nobody uses it. */
class AutoDetectionTests {
    private static final int SECONDS = 60;

    /** Runs one class with the extension registered for all. */
    public static final class Main {
        private Main() {}

        /**
         * Runs it.
         *
         * @param arguments the name of the class
         */
        public static void main(String[] arguments) {
            LauncherConfig config = LauncherConfig.builder()
                    .enablePostDiscoveryFilterAutoRegistration(false)
                    .build();
            SummaryGeneratingListener summary = new SummaryGeneratingListener();
            try (LauncherSession session = LauncherFactory.openSession(config)) {
                session.getLauncher()
                        .execute(
                                LauncherDiscoveryRequestBuilder.request()
                                        .selectors(selectClass(arguments[0]))
                                        .configurationParameter(
                                                "junit.jupiter.extensions.autodetection.enabled", "true")
                                        .build(),
                                summary);
            }
            long passed = summary.getSummary().getTestsSucceededCount();
            if (passed != 1 || summary.getSummary().getTotalFailureCount() != 0) {
                throw new AssertionError(summary.getSummary().getFailures().toString());
            }
        }
    }

    static class PlainCase {
        @Test
        void test() {}
    }

    static class UsingCase {
        @Test
        void test(@Shm Segment segment) {}
    }

    /** Only the service loader gives it what it takes. */
    static class KitCase {
        @Test
        void test(ShmTestkit kit) {
            assertThat(kit.random()).isNotNull();
        }
    }

    @TempDir
    private Path folder;

    @Test
    void aTestThatSharesNothingLoadsNothingNative() throws Exception {
        List<String> loaded = classesLoadedBy(PlainCase.class);

        assertThat(loaded).contains(ShmExtension.class.getName());
        assertThat(loaded).noneMatch(name -> name.startsWith("com.sun.jna."));
        assertThat(loaded).noneMatch(name -> name.startsWith("org.awaitility."));
        assertThat(loaded.stream().filter(name -> name.startsWith("io.github.shmkit.internal.")))
                .isEmpty();
    }

    @Test
    void aTestThatSharesMemoryLoadsIt() throws Exception {
        assertThat(classesLoadedBy(UsingCase.class)).anyMatch(name -> name.startsWith("com.sun.jna."));
    }

    @Test
    void itIsRegisteredWithoutAnyAnnotation() throws Exception {
        assertThat(classesLoadedBy(KitCase.class)).contains(SessionTestkit.class.getName());
    }

    private List<String> classesLoadedBy(Class<?> testClass) throws IOException, InterruptedException {
        Path log = folder.resolve("classes.log");
        Path output = folder.resolve("output.log");
        Process jvm = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "--enable-native-access=ALL-UNNAMED",
                        "-Xlog:class+load:file=" + log + "::filecount=0",
                        "-cp",
                        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
                        Main.class.getName(),
                        testClass.getName())
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
        try {
            assertThat(jvm.waitFor(SECONDS, TimeUnit.SECONDS)).isTrue();
        } finally {
            jvm.destroyForcibly();
        }
        assertThat(jvm.exitValue()).as(() -> read(output)).isZero();
        try (Stream<String> lines = Files.lines(log)) {
            return lines.filter(line -> line.contains(" source: "))
                    .map(line -> line.replaceAll("^(\\[[^]]*\\])+ ", "").replaceAll(" source: .*", ""))
                    .toList();
        }
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
