package io.github.shmkit.internal.sweep.adversarial;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.shmkit.internal.ipc.IpcKind;
import io.github.shmkit.internal.ipc.ShmUsage;
import io.github.shmkit.internal.os.Os;
import io.github.shmkit.internal.os.OsException;
import io.github.shmkit.internal.os.RawName;
import io.github.shmkit.internal.os.Stranger;
import io.github.shmkit.internal.session.ForgedSession;
import io.github.shmkit.internal.session.ForgedSession.Made;
import io.github.shmkit.internal.session.HoldingJvm;
import io.github.shmkit.internal.session.KernelView;
import io.github.shmkit.internal.session.SessionSecret;
import io.github.shmkit.internal.sweep.Removal;
import io.github.shmkit.internal.sweep.RunningBuild;
import io.github.shmkit.internal.sweep.Survey;
import io.github.shmkit.internal.sweep.SweepPolicy;
import io.github.shmkit.internal.sweep.SweepReport;
import io.github.shmkit.internal.sweep.Verdict.Decision;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Isolated;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What another user of the machine can have this user's cleaning do: nothing. */
@Isolated
@ExtendWith(PrivateShm.class)
class StrangersTests {
    private static final String USUAL = "/dev/shm/.shmkit-" + Os.euid();

    @BeforeEach
    void needAStranger() throws Exception {
        Stranger.assumePossible();
    }

    /** The control is case 11: a process of this user's with the mark does. */
    @Test
    void theSessionsMarkOnAStrangersProcessKeepsNothing() throws Exception {
        try (ForgedSession session = ForgedSession.dead()) {
            Made made = session.newShm();
            Process knowsTheId = Stranger.start(Map.of(SessionSecret.VARIABLE, session.id()), "sleep", "60");
            Process knowsAll = Stranger.start(Map.of(SessionSecret.VARIABLE, session.secret()), "sleep", "60");
            try {
                assertThat(Removal.run(SweepPolicy.standard()).findings())
                        .singleElement()
                        .matches(finding -> finding.verdict().decision() == Decision.DELETE, "deleted");
                assertThat(made.exists()).isFalse();
            } finally {
                knowsTheId.destroyForcibly().waitFor();
                knowsAll.destroyForcibly().waitFor();
            }
        }
    }

    /** It has the mark, and what it creates is root's; the control is the same program of this user's. */
    @Test
    void aSetUserIdProgramOfAStrangersCreatesNothingOfTheBuilds(@TempDir Path folder) throws Exception {
        String program = Stranger.setUserId(Path.of(Holder.program()), folder).toString();
        Path file = folder.resolve("secret");
        try (RunningBuild build = RunningBuild.start(List.of(), "printf %s $SHMKIT_SESSION > " + file)) {
            String mark = SessionSecret.VARIABLE + "=" + Files.readString(file);
            try (Holder strangers = Holder.startProgram(
                            Stranger.command("env", mark, program, "create-sysv", "shm", randomKey()));
                    Holder own = Holder.startProgram(
                            List.of("env", mark, Holder.program(), "create-sysv", "shm", randomKey()))) {
                Path ledger = KernelView.privateDirOf(build.session()).resolve(build.session() + ".jrnl");
                await().until(() -> contentOf(ledger).contains("O V SYSV_SHM " + own.number() + " "));
                assertThat(contentOf(ledger)).doesNotContain("O V SYSV_SHM " + strangers.number() + " ");
            }
            build.tell("sweep");
        }
    }

    private static String randomKey() {
        return Integer.toHexString(ThreadLocalRandom.current().nextInt(1, Integer.MAX_VALUE));
    }

    private static String contentOf(Path file) throws IOException {
        return Files.readString(file, StandardCharsets.ISO_8859_1);
    }

    // --- names of objects ---

    /** Of another user; the control is one of this user's. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aStrangersFileWithASessionsNameDoesNotKeepItsFiles(boolean strangers) throws Exception {
        try (ForgedSession session = ForgedSession.dead()) {
            Path inTheWay = session.newShm().file().resolveSibling("shmkit." + session.stem() + ".0123456789abcdef");
            make(strangers, inTheWay);
            session.intent(IpcKind.SYSV_SHM, ThreadLocalRandom.current().nextInt() | 1, 4096); // so that all is listed
            try {
                Removal.run(SweepPolicy.standard());
                assertThat(inTheWay).exists();
                assertThat(session.hasFiles()).isEqualTo(!strangers);
            } finally {
                Files.delete(inTheWay);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void norDoesOneThatTookTheNameOfARemovedObject(boolean strangers) throws Exception {
        try (ForgedSession session = ForgedSession.dead()) {
            Path name = session.newShm().file();
            Files.delete(name);
            Files.createFile(name.resolveSibling("keeps-the-inode-number-taken"));
            make(strangers, name);
            try {
                Removal.run(SweepPolicy.standard());
                assertThat(name).exists();
                assertThat(session.hasFiles()).isEqualTo(!strangers);
            } finally {
                Files.delete(name);
                Files.delete(name.resolveSibling("keeps-the-inode-number-taken"));
            }
        }
    }

    private static void make(boolean strangers, Path file) throws Exception {
        if (strangers) {
            Stranger.run(": > " + file);
        } else {
            Files.createFile(file);
        }
    }

    // --- directories ---

    @Test
    void testJvmsOfABuildMeetWhereAStrangerTookTheUsualDirectory() throws Exception {
        SessionSecret secret = SessionSecret.random();
        Map<String, String> ofTheBuild = Map.of(SessionSecret.VARIABLE, secret.text());
        Stranger.run("mkdir -m 700 " + USUAL);
        try (HoldingJvm first = HoldingJvm.start(ofTheBuild);
                HoldingJvm second = HoldingJvm.start(ofTheBuild)) {
            Path dir = Path.of(USUAL + "." + secret.id());
            assertThat(Files.isDirectory(dir)).isTrue();
            for (int fork = 1; fork <= 2; fork++) {
                assertThat(dir.resolve(secret.id() + "." + fork + ".lock")).exists();
            }
            second.process().destroyForcibly().waitFor();
            first.process().destroyForcibly().waitFor();
            await().until(() -> !first.hasObjects() && !first.hasFiles());
            await().until(() -> !Files.exists(dir));
        } finally {
            Stranger.run("rmdir " + USUAL);
        }
    }

    @Test
    void theWatchdogCleansInWhicheverDirectoryATestJvmWas(@TempDir Path folder) throws Exception {
        Path secret = folder.resolve("secret");
        Stranger.run("mkdir -m 700 " + USUAL);
        try (RunningBuild build = RunningBuild.start(List.of(), "printf %s $SHMKIT_SESSION > " + secret)) {
            Stranger.run("rmdir " + USUAL);
            try (HoldingJvm jvm = HoldingJvm.start(Map.of(SessionSecret.VARIABLE, Files.readString(secret)))) {
                assertThat(Path.of(USUAL, build.session() + ".1.lock")).exists();
                assertThat(Path.of(USUAL + "." + build.session(), build.session() + ".lock"))
                        .exists();
                jvm.killWithItsSupervisor();
                build.process().destroyForcibly().waitFor();
                await().until(() -> ProcessHandle.of(build.watchdog()).isEmpty());
                assertThat(jvm.hasObjects()).isFalse();
                assertThat(jvm.hasFiles()).isFalse();
            }
        }
    }

    @Test
    void sessionsOfOneNumberInTwoDirectoriesAreBothCleaned() throws Exception {
        try (ForgedSession first = ForgedSession.dead();
                ForgedSession second = first.twin()) {
            Path one = first.newShm().file();
            Path other = Files.createFile(one.resolveSibling("shmkit." + first.stem() + ".0123456789abcdef"));
            second.owns(IpcKind.POSIX_SHM, other);

            assertThat(Survey.report(SweepPolicy.standard()).findings()).hasSize(2);
            for (ForgedSession session : List.of(first, second)) {
                int lock = Os.open(session.lock().toString(), Os.O_RDONLY, 0);
                assertThat(Os.tryLock(lock)).as("a look lets go of it").isTrue();
                Os.close(lock);
            }
            Removal.run(SweepPolicy.standard());

            assertThat(one).doesNotExist();
            assertThat(other).doesNotExist();
            assertThat(first.hasFiles() || second.hasFiles()).isFalse();
            assertThat(second.dir()).doesNotExist();
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aMappedFileGoesToAnotherFolderAndIsCleaned(boolean bySweep, @TempDir Path folder) throws Exception {
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxrwxrwx"));
        Path squatted = folder.resolve("shmkit-" + Os.euid());
        Stranger.run("mkdir -m 700 " + squatted);
        try (HoldingJvm jvm = HoldingJvm.start(Map.of("JAVA_TOOL_OPTIONS", "-Djava.io.tmpdir=" + folder))) {
            Path own = folder.resolve(squatted.getFileName() + "." + jvm.session());
            assertThat(own.toFile().list()).hasSize(1);
            assertThat(Files.getPosixFilePermissions(own)).isEqualTo(PosixFilePermissions.fromString("rwx------"));
            if (bySweep) {
                jvm.killWithItsSupervisor();
                Removal.run(SweepPolicy.standard());
            } else {
                jvm.process().destroyForcibly().waitFor();
                await().until(() -> !jvm.hasFiles());
            }
            assertThat(own).doesNotExist();
            assertThat(squatted).isDirectory();
        }
    }

    // --- mounts ---

    /** As any user can by fusermount(1), on a directory of his own; the server need not even answer. */
    @Test
    void aMountThatKeepsRootOutHidesNothingElse() throws Exception {
        Path mounted = Path.of("/dev/shm/mounted");
        Stranger.run("mkdir " + mounted);
        int fuse = Kernel.LIBC.open("/dev/fuse\0".getBytes(StandardCharsets.US_ASCII), 2, 0);
        assumeTrue(fuse >= 0, "needs /dev/fuse");
        String options = "fd=%d,rootmode=40000,user_id=%2$d,group_id=%2$d".formatted(fuse, Stranger.UID);
        assertThat(Kernel.LIBC.mount("fuse", mounted.toString(), "fuse", 0, options))
                .isZero();
        try (ForgedSession session = ForgedSession.dead()) {
            assertThatThrownBy(() -> Os.lstatat(
                            Os.AT_FDCWD, RawName.of(mounted.toString()).bytes()))
                    .as("the control")
                    .isInstanceOf(OsException.class);
            Made made = session.newShm();
            session.intent(IpcKind.SYSV_SHM, ThreadLocalRandom.current().nextInt() | 1, 4096); // so that all is listed

            SweepReport report = Removal.run(SweepPolicy.standard());

            assertThat(made.exists()).isFalse();
            assertThat(session.hasFiles()).isFalse();
            assertThat(report.notes())
                    .anyMatch(note -> note.startsWith("1 of the names in /dev/shm cannot be looked at, the first: "));
            assertThat(ShmUsage.look().directories()).isEmpty();
        } finally {
            Kernel.LIBC.umount2(mounted.toString(), 0);
            Kernel.LIBC.close(fuse);
            Files.delete(mounted);
        }
    }
}
