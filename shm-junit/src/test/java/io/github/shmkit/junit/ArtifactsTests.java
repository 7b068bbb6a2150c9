package io.github.shmkit.junit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;

import io.github.shmkit.Segment;
import io.github.shmkit.SegmentSpec;
import io.github.shmkit.junit.internal.ArtifactFolder;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.launcher.LauncherSession;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestIdentifier;
import org.junit.platform.launcher.core.LauncherConfig;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;

/** The folder for artifacts belongs to all test JVMs of a build, and to this user alone. */
class ArtifactsTests {
    private static final int ROUNDS = 2_000;
    private static final String STRANGER = "65534";

    private static NestedRun run(Class<?> testClass, Path folder) {
        return new NestedRun(NestedRun.engine(testClass)
                .configurationParameter("shmkit.artifacts.dir", folder.toString())
                .execute());
    }

    // --- several that use it ---

    private static boolean useAndDiscard(Path folder) throws Exception {
        ArtifactFolder.Made made = new ArtifactFolder.Made();
        for (int i = 0; i < ROUNDS; i++) {
            ArtifactFolder artifacts = new ArtifactFolder(made, folder, Path.of("run"));
            try {
                Files.writeString(
                        artifacts.make().resolve(Thread.currentThread().getName()), "of no interest");
            } catch (NoSuchFileException | UncheckedIOException e) {
                continue; // the other one removed the folder at this moment, so that there is nothing to discard
            }
            artifacts.discard();
        }
        return true;
    }

    @Test
    void whatAnotherRemovesMeanwhileIsNoError(@TempDir Path folder) throws Exception {
        ExecutorService others = Executors.newFixedThreadPool(2);
        try {
            List<Callable<Boolean>> both = List.of(() -> useAndDiscard(folder), () -> useAndDiscard(folder));
            List<Boolean> ends = new ArrayList<>();
            for (Future<Boolean> end : others.invokeAll(both)) {
                ends.add(end.get());
            }
            assertThat(ends).containsExactly(true, true);
        } finally {
            others.shutdown();
        }
    }

    @ExtendWith(ShmExtension.class)
    static class HelperOfTheClassCase {
        @Shm
        static Segment shared;

        @BeforeAll
        static void start(ShmTestkit kit) throws IOException {
            kit.command("compiler", "true").start().awaitExit();
            Files.writeString(kit.artifacts().resolve("note.txt"), "of no interest");
        }

        @Test
        void fails(@Shm Segment segment) {
            throw new AssertionError("on purpose");
        }

        @Test
        void passes(@Shm Segment segment, ShmTestkit kit) throws IOException {
            Files.writeString(kit.artifacts().resolve("note.txt"), "of no interest");
        }
    }

    @Test
    void reportOfAFailedTestOutlivesItsClass(@TempDir Path folder) throws IOException {
        String text =
                NestedRun.diagnostics(run(HelperOfTheClassCase.class, folder).failure());

        Path report = folder.resolve(HelperOfTheClassCase.class.getName()).resolve("fails");
        assertThat(text).endsWith("all of it: " + report);
        assertThat(report.resolve("report.txt")).isNotEmptyFile();
        assertThat(entries(report.getParent())).containsExactly("fails");
    }

    @ExtendWith(ShmExtension.class)
    static class PassingCase {
        @BeforeAll
        static void start(ShmTestkit kit) throws IOException {
            Files.writeString(kit.artifacts().resolve("note.txt"), "of no interest");
        }

        @Test
        void passes(@Shm Segment segment, ShmTestkit kit) throws IOException {
            Files.writeString(kit.artifacts().resolve("note.txt"), "of no interest");
        }

        @Test
        void passesToo(ShmTestkit kit) throws IOException {
            Files.writeString(kit.artifacts().resolve("note.txt"), "of no interest");
        }
    }

    @Test
    void classThatPassesLeavesNoFolder(@TempDir Path folder) throws IOException {
        run(PassingCase.class, folder).allPassed(2);

        assertThat(entries(folder)).isEmpty();
    }

    @Test
    void whatWasThereBeforeTheRunStays(@TempDir Path folder) throws IOException {
        Path before = Files.createDirectories(
                folder.resolve(PassingCase.class.getName()).resolve("passes"));
        Files.writeString(before.resolve("report.txt"), "of yesterday");

        run(PassingCase.class, folder).allPassed(2);

        assertThat(entries(before)).containsExactly("report.txt");
        assertThat(entries(before.getParent())).containsExactly("passes");
    }

    private static List<String> entries(Path folder) throws IOException {
        try (Stream<Path> entries = Files.list(folder)) {
            return entries.map(entry -> entry.getFileName().toString()).toList();
        }
    }

    // --- whose it is ---

    @Test
    void foldersAndFilesAreThisUsersAlone(@TempDir Path folder) throws IOException {
        run(HelperOfTheClassCase.class, folder);

        try (Stream<Path> all = Files.walk(folder.resolve(HelperOfTheClassCase.class.getName()))) {
            assertThat(all)
                    .hasSizeGreaterThan(3)
                    .allSatisfy(path -> assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(path)))
                            .isEqualTo(Files.isDirectory(path) ? "rwx------" : "rw-------"));
        }
    }

    @ExtendWith(ShmExtension.class)
    static class BothCase {
        @Test
        void passes(ShmTestkit kit) throws IOException {
            Files.writeString(kit.artifacts().resolve("note.txt"), "of no interest");
        }

        @Test
        void fails(ShmTestkit kit) {
            kit.create(SegmentSpec.of(io.github.shmkit.SegmentKind.MEMFD).label("ring"));
            throw new AssertionError("on purpose");
        }
    }

    private static Path victim(Path folder) throws IOException {
        Path victim = Files.createDirectories(folder.resolve("victim"));
        Files.writeString(Files.createDirectories(victim.resolve("passes")).resolve("precious"), "precious");
        Files.writeString(victim.resolve("precious"), "precious");
        return victim;
    }

    private static void assertIntact(Path victim) throws IOException {
        assertThat(victim.resolve("precious")).hasContent("precious");
        assertThat(victim.resolve("passes/precious")).hasContent("precious");
        assertThat(entries(victim)).containsExactlyInAnyOrder("passes", "precious");
        assertThat(entries(victim.resolve("passes"))).containsExactly("precious");
    }

    @Test
    void linkInPlaceOfAFolderIsNotFollowed(@TempDir Path folder) throws IOException {
        Path victim = victim(folder);
        Path all = Files.createDirectories(folder.resolve("artifacts"));
        Files.createSymbolicLink(all.resolve(BothCase.class.getName()), victim);

        String text = NestedRun.diagnostics(run(BothCase.class, all).failure());

        assertIntact(victim);
        Path report = Path.of(text.substring(text.indexOf("all of it: ") + "all of it: ".length()));
        assertThat(report.toString()).startsWith("/tmp/shmkit-artifacts-");
        assertThat(report.resolve("report.txt")).isNotEmptyFile();
        delete(report.getParent().getParent());
    }

    @Test
    void linkInPlaceOfAFileIsNotFollowed(@TempDir Path folder) throws IOException {
        Path victim = victim(folder);
        Path report =
                Files.createDirectories(folder.resolve(BothCase.class.getName()).resolve("fails"));
        for (String name : List.of("report.txt", "segment-ring.bin", "replay.sh")) {
            Files.createSymbolicLink(report.resolve(name), victim.resolve("precious"));
        }

        run(BothCase.class, folder);

        assertIntact(victim);
        assertThat(report.resolve("segment-ring.bin")).hasSize(4096);
        assertThat(report.resolve("replay.sh")).isNotEmptyFile();
    }

    private static void delete(Path tree) throws IOException {
        try (Stream<Path> all = Files.walk(tree)) {
            for (Path path : all.sorted(java.util.Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        }
    }

    // --- where there is no folder for what a build makes ---

    /** Prints what fails, with what is suppressed. */
    public static final class Main {
        private Main() {}

        /**
         * Runs one class.
         *
         * @param arguments its name
         */
        public static void main(String[] arguments) {
            LauncherConfig config = LauncherConfig.builder()
                    .enablePostDiscoveryFilterAutoRegistration(false)
                    .build();
            try (LauncherSession session = LauncherFactory.openSession(config)) {
                session.getLauncher()
                        .execute(
                                LauncherDiscoveryRequestBuilder.request()
                                        .selectors(selectClass(arguments[0]))
                                        .build(),
                                new TestExecutionListener() {
                                    @Override
                                    public void executionFinished(TestIdentifier test, TestExecutionResult result) {
                                        result.getThrowable().ifPresent(t -> t.printStackTrace(System.out));
                                    }
                                });
            }
        }
    }

    private static String runWithoutOutputFolder(Path current, Path temporary) throws Exception {
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "--enable-native-access=ALL-UNNAMED",
                        "-XX:TieredStopAtLevel=1",
                        "-XX:+UseSerialGC",
                        "-Djava.io.tmpdir=" + temporary,
                        "-cp",
                        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
                        Main.class.getName(),
                        BothCase.class.getName())
                .directory(current.toFile())
                .redirectErrorStream(true)
                .start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(output).isZero();
        return output;
    }

    private static Path temporary() throws IOException {
        Path temporary = Files.createTempDirectory(Path.of("/tmp"), "artifacts-test-");
        // As /tmp is, and not below a folder of JUnit, where no other user comes.
        assertThat(succeeds("chmod", "1777", temporary.toString())).isTrue();
        return temporary;
    }

    private static boolean succeeds(String... command) throws IOException {
        try {
            return new ProcessBuilder(command)
                            .redirectErrorStream(true)
                            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                            .start()
                            .waitFor()
                    == 0;
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private static Object uid() throws IOException {
        return Files.getAttribute(Path.of("/proc/self"), "unix:uid");
    }

    @Test
    void withoutOutputFolderItIsBelowOneOfThisUser(@TempDir Path current) throws Exception {
        Path temporary = temporary();
        try {
            String output = runWithoutOutputFolder(current, temporary);

            Path own = temporary.resolve("shmkit-" + uid());
            Path report =
                    own.resolve("artifacts").resolve(BothCase.class.getName()).resolve("fails");
            assertThat(output).contains("on purpose", "all of it: " + report);
            assertThat(report.resolve("report.txt")).isNotEmptyFile();
            assertThat(entries(report.getParent())).containsExactly("fails");
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(own)))
                    .isEqualTo("rwx------");
        } finally {
            delete(temporary);
        }
    }

    @Test
    void folderThatAnotherUserPreparedIsNotUsed(@TempDir Path current) throws Exception {
        assumeTrue(
                succeeds("setpriv", "--reuid=" + STRANGER, "--regid=" + STRANGER, "--clear-groups", "true"),
                "needs root, to prepare the folder as another user by setpriv(1)");
        Path temporary = temporary();
        try {
            Path victim = victim(current);
            String script = "umask 0; mkdir -p " + temporary + "/shmkit-" + uid() + "/artifacts; ln -s " + victim + " "
                    + temporary + "/shmkit-" + uid() + "/artifacts/'" + BothCase.class.getName() + "'";
            assertThat(succeeds(
                            "setpriv",
                            "--reuid=" + STRANGER,
                            "--regid=" + STRANGER,
                            "--clear-groups",
                            "sh",
                            "-c",
                            script))
                    .isTrue();

            String output = runWithoutOutputFolder(current, temporary);

            assertIntact(victim);
            assertThat(output).contains("on purpose").containsPattern("all of it: " + temporary + "/shmkit-artifacts-");
            assertThat(succeeds("sh", "-c", "test -s " + temporary + "/shmkit-artifacts-*/*/*/*/fails/report.txt"))
                    .isTrue();
        } finally {
            delete(temporary);
        }
    }
}
