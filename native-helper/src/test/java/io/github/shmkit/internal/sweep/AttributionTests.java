package io.github.shmkit.internal.sweep;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.shmkit.internal.os.Os;
import io.github.shmkit.internal.session.KernelView;
import io.github.shmkit.internal.session.SessionId;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Isolated;

/** What code under test leaves without us: who made it is seen while he lives, and judged when he is gone. */
@Isolated
class AttributionTests {
    /** Attached by nobody, kept by a creator that lives a while longer. */
    private static final String SYSV = "perl -e '$id = shmget(%d, 4096, 0x380); select(undef, undef, undef, 0.4)'";

    /** Longer than a file that was just made can have been there. */
    private static final long OLD_MILLIS = 3_500;

    private String name;
    private int key;

    @BeforeEach
    void chooseNames() {
        name = "leak-" + ThreadLocalRandom.current().nextLong(1L << 62);
        key = ThreadLocalRandom.current().nextInt(1, Integer.MAX_VALUE);
    }

    @AfterEach
    void leaveNothing() throws Exception {
        Files.deleteIfExists(Path.of("/dev/shm", name));
        new ProcessBuilder("ipcrm", "-M", Integer.toString(key))
                .redirectErrorStream(true)
                .start()
                .waitFor();
    }

    private String sysv() {
        return SYSV.formatted(key);
    }

    private String posix() {
        return "exec 3> /dev/shm/" + name + "; echo data >&3; sleep 0.4";
    }

    private boolean sysvExists() throws IOException {
        return Files.readAllLines(Path.of("/proc/sysvipc/shm")).stream()
                .skip(1)
                .anyMatch(row -> row.trim().startsWith(key + " "));
    }

    private Path file() {
        return Path.of("/dev/shm", name);
    }

    @Test
    void whatAProcessOfTheBuildLeftIsRemovedAtItsEndAndTheProcessNamed() throws Exception {
        try (RunningBuild build = RunningBuild.start(List.of(), sysv() + "; " + posix())) {
            assertThat(sysvExists()).isTrue();
            assertThat(file()).exists();

            List<String> said = build.tell("sweep");

            assertThat(said)
                    .anyMatch(line -> line.startsWith("SYSV_SHM id ")
                            && line.contains("DELETE R7_UNUSED")
                            && line.contains("(perl -e")
                            && line.endsWith("[removed]"))
                    .anyMatch(line -> line.startsWith("POSIX_SHM " + file())
                            && line.contains("DELETE R7_UNUSED")
                            && line.contains("sleep 0.4")
                            && line.endsWith("[removed]"))
                    .contains("finished true");
            assertThat(sysvExists()).isFalse();
            assertThat(file()).doesNotExist();
            assertThat(KernelView.shmFiles(build.session())).isEmpty();
        }
    }

    /** Who holds a file no more when we look is known only where the kernel tells of its creation, see fanotify(7). */
    @Test
    void aCreatorThatClosesTheFileAtOnceIsNamedWhereTheKernelTells() throws Exception {
        RunningBuild.assumeThatTheKernelTellsCreators(5, 17);
        try (RunningBuild build = RunningBuild.start(
                List.of(), ": > /dev/shm/" + name + "; perl -e 'select(undef, undef, undef, 0.2)'")) {
            assertThat(build.tell("sweep"))
                    .anyMatch(line -> line.startsWith("POSIX_SHM " + file())
                            && line.contains("DELETE R7_UNUSED")
                            && line.contains("(sh -c")
                            && line.endsWith("[removed]"));
            assertThat(file()).doesNotExist();
        }
    }

    /** Its name is new, it is not: a link is announced as a creation, too. */
    @Test
    void aLinkToSomebodyElsesFileDoesNotMakeItTheBuilds() throws Exception {
        Path other = Path.of("/dev/shm", "other-" + name);
        Files.writeString(other, "somebody else's");
        long made = Files.getLastModifiedTime(other).toMillis();
        await().until(() -> System.currentTimeMillis() - made > OLD_MILLIS);
        String command = "ln %2$s %1$s; rm %2$s; perl -e 'select(undef, undef, undef, 0.2)'".formatted(file(), other);
        try (RunningBuild build = RunningBuild.start(List.of(), command)) {
            build.tell("sweep");
            assertThat(file()).hasContent("somebody else's");
        }
    }

    /** The name's last file counts: a process of the build made it once, but what stands there now is somebody else's. */
    @Test
    void aNameThatTheBuildGaveUpIsNotItsOwn() throws Exception {
        Path other = Path.of("/dev/shm", "other-" + name);
        Files.writeString(other, "somebody else's");
        String command = ": > %1$s; rm %1$s; sleep 0.2".formatted(file());
        try (RunningBuild build = RunningBuild.start(List.of(), command)) {
            Files.move(other, file());
            build.tell("sweep");
            assertThat(file()).hasContent("somebody else's");
        }
    }

    @Test
    void whatAProcessThatStillRunsMadeStays() throws Exception {
        try (RunningBuild build =
                RunningBuild.start(List.of(), "(" + posix() + "; exec sleep 60) > /dev/null & sleep 0.3")) {
            assertThat(build.tell("sweep"))
                    .anyMatch(line -> line.startsWith("POSIX_SHM " + file()) && line.contains("LIVE R6_NO_CARRIER"))
                    .contains("finished false");
            assertThat(file()).exists();
            endCarriers(build.session());
            Removal.run(SweepPolicy.standard());
            assertThat(file()).doesNotExist();
            assertThat(KernelView.shmFiles(build.session())).isEmpty();
        }
    }

    @Test
    void whenTheWholeBuildWasKilledTheNextSweepJudgesWhatWasSeen() throws Exception {
        try (RunningBuild build = RunningBuild.start(List.of(), sysv() + "; " + posix())) {
            build.kill();
            assertThat(sysvExists()).isTrue();
            assertThat(file()).exists();

            SweepReport report = Removal.run(SweepPolicy.standard());

            assertThat(report.findings())
                    .filteredOn(f -> f.object().address().equals(file().toString()))
                    .singleElement()
                    .matches(SweepReport.Finding::isRemoved);
            assertThat(sysvExists()).isFalse();
            assertThat(file()).doesNotExist();
            assertThat(KernelView.shmFiles(build.session())).isEmpty();
        }
    }

    @Test
    void anotherProcessesObjectIsNotTakenForTheBuilds() throws Exception {
        Files.writeString(file(), "somebody else's");
        try (RunningBuild build = RunningBuild.start(List.of(), "true")) {
            build.tell("sweep");
            assertThat(file()).exists();
        }
    }

    @Test
    void whatIsOnlyNewIsReportedAndStays() throws Exception {
        try (RunningBuild build = RunningBuild.start(List.of(), "true")) {
            Files.writeString(file(), "made by nobody of the build");
            assertThat(build.tell("sweep"))
                    .anyMatch(line -> line.startsWith("POSIX_SHM " + file()) && line.contains("SUSPECT R4_EXCLUSIVE"));
            assertThat(file()).exists();
        }
    }

    @Test
    void onAnExclusiveHostWhatIsNewIsRemoved() throws Exception {
        List<String> ownWorld = List.of(
                "unshare", "--ipc", "--mount", "sh", "-c", "mount -t tmpfs tmpfs /dev/shm && " + "exec \"$@\"", "sh");
        assumeTrue(canRun(ownWorld), "no namespaces of one's own here: needs root or unprivileged user namespaces");
        String command = "ipcmk -M 4096 > /dev/null; : > /dev/shm/" + name;
        try (RunningBuild build = RunningBuild.start(ownWorld, command)) {
            assertThat(build.tell("exclusive"))
                    .anyMatch(line -> line.startsWith("POSIX_SHM " + file()) && line.endsWith("[removed]"))
                    .anyMatch(line -> line.startsWith("SYSV_SHM id ") && line.endsWith("[removed]"));
        }
    }

    @Test
    void whatTheUserDeclaresIsRemovedOnceItHasRested() throws Exception {
        Files.writeString(file(), "an old leak");
        SweepPolicy declared = SweepPolicy.standard().withDeclared(List.of(new Declared(name.substring(0, 12) + "*")));
        Removal.run(declared);
        assertThat(file()).as("it is younger than ten minutes").exists();
        Removal.run(declared.withMinAge(Duration.ZERO));
        assertThat(file()).doesNotExist();
    }

    @Test
    void whatACleanerThatWasKilledHadTakenOnProbationIsGivenBack() throws Exception {
        Files.writeString(file(), "perhaps wanted");
        try (RunningBuild build = RunningBuild.start(List.of(), "true")) {
            Path quarantined = Path.of("/dev/shm")
                    .resolve(KernelView.privateDirOf(build.session()))
                    .resolve("q.r")
                    .resolve(name);
            Files.createDirectory(quarantined.getParent());
            Files.move(file(), quarantined);
            Removal.run(SweepPolicy.standard());
            assertThat(quarantined.getParent()).doesNotExist();
            assertThat(file()).hasContent("perhaps wanted");
            build.tell("sweep");
        }
    }

    private static boolean canRun(List<String> prefix) throws Exception {
        List<String> command = new ArrayList<>(prefix);
        command.add("true");
        return new ProcessBuilder(command).redirectErrorStream(true).start().waitFor() == 0;
    }

    private static void endCarriers(String session) {
        Carriers.find(Os.euid())
                .of(new SessionId(session))
                .forEach(pid -> ProcessHandle.of(pid).ifPresent(ProcessHandle::destroyForcibly));
        await().until(() -> Carriers.find(Os.euid()).of(new SessionId(session)).isEmpty());
    }
}
