package io.github.shmkit.internal.sweep.adversarial;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.shmkit.internal.ipc.Identity;
import io.github.shmkit.internal.ipc.IpcKind;
import io.github.shmkit.internal.ipc.IpcObject;
import io.github.shmkit.internal.os.Os;
import io.github.shmkit.internal.os.ProcFs;
import io.github.shmkit.internal.session.ForgedSession;
import io.github.shmkit.internal.session.ForgedSession.Made;
import io.github.shmkit.internal.sweep.Declared;
import io.github.shmkit.internal.sweep.Removal;
import io.github.shmkit.internal.sweep.RunningBuild;
import io.github.shmkit.internal.sweep.Survey;
import io.github.shmkit.internal.sweep.SweepPolicy;
import io.github.shmkit.internal.sweep.SweepReport;
import io.github.shmkit.internal.sweep.Verdict.Decision;
import io.github.shmkit.internal.sweep.Verdict.Rule;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.parallel.Isolated;

/** What living programs outside of a session still need, though a process of the session had to do with it. */
@Isolated
@ExtendWith(PrivateShm.class)
class OutsiderTests {
    private static final Path SHM = Path.of("/dev/shm");
    private static final Duration LONG = Duration.ofMinutes(11);

    /** Of a process that has ended; and one that started when no process here did. */
    private long dead;

    private static final long LONG_AGO = 1;

    @BeforeEach
    void endAProcess() throws Exception {
        Process ended = new ProcessBuilder("true").start();
        ended.waitFor();
        dead = ended.pid();
    }

    private static Path newFile(String name) throws Exception {
        return Files.writeString(SHM.resolve(name), "data");
    }

    /** For the kernel it has rested for eleven minutes. */
    private static Path rested(Path file) throws Exception {
        Files.setLastModifiedTime(file, FileTime.from(Instant.now().minus(LONG)));
        return file;
    }

    private static SweepPolicy claiming(String text) {
        return SweepPolicy.standard().withDeclared(List.of(new Declared(text)));
    }

    private static SweepReport.Finding finding(SweepReport report, Path file) {
        return report.findings().stream()
                .filter(f -> f.object().address().equals(file.toString()))
                .findFirst()
                .orElseThrow(() -> new AssertionError(file + " is not among " + report.findings()));
    }

    // --- what was there before ---

    @Test
    void case38_whatWasThereBeforeStaysUnderANewName() throws Exception {
        Path old = newFile("old");
        Path twin = newFile("twin");
        try (ForgedSession session = ForgedSession.young();
                ForgedSession control = ForgedSession.young()) {
            session.baseline();
            Path renamed = Files.move(old, SHM.resolve("renamed"));
            session.observed(renamed, dead, LONG_AGO, 'D');
            control.record("B E POSIX_SHM");
            control.observed(twin, dead, LONG_AGO, 'D');

            Removal.run(SweepPolicy.standard());

            assertThat(renamed).hasContent("data");
            assertThat(twin).as("the control: it was not there before").doesNotExist();
            assertThat(session.hasFiles()).as("nothing of it remains").isFalse();
        }
    }

    @Test
    void case43_whatTakesAFormerNameStaysAndIsReported() throws Exception {
        Path store = newFile("store");
        int key = new Random().nextInt() | 1;
        int segment = Kernel.newSegment(key, 4096);
        int anew = -1;
        try (ForgedSession session = ForgedSession.young()) {
            session.baseline();
            Path fresh = newFile("fresh");
            Files.move(fresh, store, java.nio.file.StandardCopyOption.REPLACE_EXISTING);
            session.observed(store, dead, LONG_AGO, 'D');
            Kernel.removeSegment(segment);
            try (Holder maker = Holder.start("create-sysv", "shm", Integer.toHexString(key))) {
                anew = maker.number();
                maker.end();
                session.observedSysv(IpcKind.SYSV_SHM, anew, maker.pid(), LONG_AGO);

                SweepReport report = Removal.run(SweepPolicy.standard());

                assertThat(store).hasContent("data");
                assertThat(Kernel.exists(IpcKind.SYSV_SHM, anew)).isTrue();
                assertThat(report.findings())
                        .hasSize(2)
                        .allMatch(f -> f.verdict().decision() == Decision.SUSPECT)
                        .anyMatch(f -> f.verdict().reason().contains("something else was there by its name"))
                        .anyMatch(f -> f.verdict().reason().contains("something else was there by its key"));
                NaiveCleaners.byName(store);
                NaiveCleaners.byKey(key);
                assertThat(store).doesNotExist();
                assertThat(Kernel.exists(IpcKind.SYSV_SHM, anew)).isFalse();
            }
        } finally {
            Kernel.removeSegment(anew);
        }
    }

    /** So many that a list of them would not fit, of which nothing may pass for new. */
    @Test
    void case56_aHundredThousandObjectsBeforeTheBuildAreNotNew() throws Exception {
        List<Path> old = new ArrayList<>();
        for (int i = 0; i < 100_000; i++) {
            old.add(Files.createFile(SHM.resolve("old" + i)));
        }
        try (RunningBuild build = RunningBuild.start(List.of(), ": > /dev/shm/new; sleep 0.2")) {
            assertThat(build.tell("exclusive"))
                    .anyMatch(line -> line.startsWith("POSIX_SHM /dev/shm/new") && line.endsWith("[removed]"))
                    .noneMatch(line -> line.startsWith("POSIX_SHM /dev/shm/old"));
            assertThat(old).allMatch(Files::exists);
            assertThat(SHM.resolve("new")).as("the control").doesNotExist();
        }
        NaiveCleaners.byPrefix(SHM, "old");
    }

    // --- other builds ---

    @Test
    void case39_whatARunningBuildMadeStaysWhoeverElseClaimsIt() throws Exception {
        Path file = newFile("shared");
        Path young = newFile("young");
        try (ForgedSession dying = ForgedSession.young();
                ForgedSession running = ForgedSession.young()) {
            running.record("B E POSIX_SHM");
            running.observed(file, dead, LONG_AGO, 'D');
            dying.record("B E POSIX_SHM");
            dying.observed(file, dead, LONG_AGO, 'D');
            dying.observed(young, dead, LONG_AGO, 'D');
            try (ForgedSession.Life life = running.live()) {
                SweepReport report = Removal.run(SweepPolicy.standard());
                assertThat(file).hasContent("data");
                assertThat(finding(report, file).verdict().reason())
                        .isEqualTo("session " + running.stem() + " is running");
                assertThat(young).as("the control: no running build has it").doesNotExist();
                assertThat(life.isSeen()).isTrue();
            }
            Removal.run(SweepPolicy.standard());
            assertThat(file).as("the control: that build has ended").doesNotExist();
        }
    }

    @Test
    void case39_aHintOfARunningBuildKeepsAFileToo() throws Exception {
        Path file = newFile("shared");
        try (ForgedSession dying = ForgedSession.young();
                ForgedSession running = ForgedSession.young()) {
            running.observed(file, dead, LONG_AGO, 'H');
            dying.record("B E POSIX_SHM");
            dying.observed(file, dead, LONG_AGO, 'D');
            try (ForgedSession.Life life = running.live()) {
                Removal.run(SweepPolicy.standard());
                assertThat(file).hasContent("data");
                assertThat(life.isSeen()).isTrue();
            }
            NaiveCleaners.byPrefix(SHM, "shared");
            assertThat(file).doesNotExist();
        }
    }

    @Test
    void case41_aClaimTakesNothingOfARunningBuildNorWhatIsYoung() throws Exception {
        Path running = rested(newFile("psm_running"));
        Path young = newFile("psm_young");
        Path rested = newFile("psm_rested");
        await().until(() -> Files.getAttribute(rested, "unix:ctime") instanceof FileTime time
                && time.toInstant().isBefore(Instant.now().minusSeconds(2)));
        try (ForgedSession other = ForgedSession.young()) {
            other.observed(running, dead, LONG_AGO, 'D');
            try (ForgedSession.Life life = other.live()) {
                Removal.run(claiming("psm_*"));
                assertThat(young).as("less than ten minutes old").exists();
                Removal.run(claiming("psm_r*").withMinAge(Duration.ofSeconds(1)));
                assertThat(running).exists();
                assertThat(rested).as("the control").doesNotExist();
                assertThat(life.isSeen()).isTrue();
                NaiveCleaners.byPrefix(SHM, "psm_");
                assertThat(running).doesNotExist();
            }
        }
    }

    @Test
    void case41_aClaimTakesWhatWasThereBeforeTheBuildOnlyAfterTenMinutes() throws Exception {
        Path before = newFile("psm_before");
        try (RunningBuild build = RunningBuild.start(List.of(), ": > /dev/shm/psm_during; sleep 0.2")) {
            List<String> said = build.tell("claim psm_*");
            assertThat(said)
                    .anyMatch(line -> line.startsWith("POSIX_SHM /dev/shm/psm_before")
                            && line.contains("LIVE R8_QUIESCENT")
                            && line.contains("minimum age of 600 s"))
                    .anyMatch(line -> line.startsWith("POSIX_SHM /dev/shm/psm_during") && line.endsWith("[removed]"));
            assertThat(before).exists();
        }
        NaiveCleaners.byPrefix(SHM, "psm_");
        assertThat(before).doesNotExist();
    }

    @Test
    void case47_aClaimedNumberMeansASegmentAndNoSetOrQueue() throws Exception {
        int key = new Random().nextInt() | 1;
        int segment = Kernel.newSegment(key, 4096);
        int set = Kernel.newSemaphores(key, 1);
        int queue = Kernel.newQueue(key);
        try {
            Removal.run(claiming("key:0x" + Integer.toHexString(key)).withMinAge(Duration.ZERO));
            assertThat(Kernel.exists(IpcKind.SYSV_SHM, segment)).isFalse();
            assertThat(Kernel.exists(IpcKind.SYSV_SEM, set)).isTrue();
            assertThat(Kernel.exists(IpcKind.SYSV_MSG, queue)).isTrue();

            Removal.run(claiming("sem:key:0x" + Integer.toHexString(key)).withMinAge(Duration.ZERO));
            assertThat(Kernel.exists(IpcKind.SYSV_SEM, set)).as("the control").isFalse();
            Removal.run(claiming("msg:id:" + queue).withMinAge(Duration.ZERO));
            assertThat(Kernel.exists(IpcKind.SYSV_MSG, queue)).as("the control").isFalse();
        } finally {
            Kernel.removeSegment(segment);
            Kernel.removeSemaphores(set);
            Kernel.removeQueue(queue);
        }
    }

    @Test
    void case48_whatTheUserExcludesStaysAndSoDoesWhatIsKnownOfIt() throws Exception {
        Path half = newFile("iox2_state");
        try (ForgedSession session = ForgedSession.young()) {
            session.record("B E POSIX_SHM");
            session.observed(half, dead, LONG_AGO, 'D');
            Declared excluded = new Declared("iox2_*");
            Removal.run(SweepPolicy.standard().withOnly(object -> !excluded.concerns(object)));
            assertThat(half).exists();
            assertThat(session.hasFiles()).as("for a sweep that may look at it").isTrue();
            Removal.run(SweepPolicy.standard());
            assertThat(half).as("the control").doesNotExist();
        }
    }

    // --- by turns ---

    @Test
    void case42_whatAnOutsiderWasSeenToUseStaysAndIsReported() throws Exception {
        Path lock = newFile("libpod_lock");
        Path unused = newFile("unused");
        try (ForgedSession session = ForgedSession.young()) {
            session.record("B E POSIX_SHM");
            session.observed(lock, dead, LONG_AGO, 'D');
            session.observed(unused, dead, LONG_AGO, 'D');
            session.used(lock, dead, LONG_AGO);
            SweepReport report = Removal.run(SweepPolicy.standard());
            assertThat(lock).exists();
            assertThat(finding(report, lock).verdict())
                    .satisfies(verdict -> assertThat(verdict.decision()).isEqualTo(Decision.SUSPECT))
                    .satisfies(verdict -> assertThat(verdict.reason())
                            .endsWith("made it, but process " + dead
                                    + " (outsider) of another session or of none used it"));
            assertThat(unused).as("the control").doesNotExist();
        }
    }

    /** No watchdog tells of them any more: they are seen while the sweep waits for its second look. */
    @Test
    void case42_whatIsOpenedByTurnsStays() throws Exception {
        List<Path> locks = new ArrayList<>();
        List<Process> outsiders = new ArrayList<>();
        try (ForgedSession session = ForgedSession.young()) {
            session.record("B E POSIX_SHM");
            for (int i = 0; i < 16; i++) {
                locks.add(newFile("lock" + i));
                session.observed(locks.get(i), dead, LONG_AGO, 'D');
                outsiders.add(new ProcessBuilder(
                                "perl",
                                "-e",
                                "while (1) { open(my $f, '+<', '/dev/shm/lock" + i
                                        + "'); close($f); select(undef, undef, undef, 2) }")
                        .start());
            }
            Path unused = newFile("unused");
            session.observed(unused, dead, LONG_AGO, 'D');
            SweepReport report = Removal.run(SweepPolicy.standard());
            assertThat(locks).allMatch(Files::exists);
            assertThat(finding(report, locks.get(0)).verdict().reason())
                    .isEqualTo("a process opened it between two looks");
            assertThat(unused).as("the control").doesNotExist();
            NaiveCleaners.byMapsAndFds(locks.get(0));
            assertThat(locks.get(0)).as("between two turns").doesNotExist();
        } finally {
            for (Process outsider : outsiders) {
                outsider.destroyForcibly().waitFor();
            }
        }
    }

    /** With a watchdog that tells of both: the outsider has ended by then, and only what was seen speaks for it. */
    @Test
    void case42_whatAnOutsiderUsesWhileTheBuildRunsStays() throws Exception {
        RunningBuild.assumeThatTheKernelTellsCreators(5, 17);
        Process outsider = new ProcessBuilder(
                        "perl",
                        "-e",
                        "while (1) { open(my $f, '<', '/dev/shm/lock') and close($f); select(undef, undef, undef, 0.02) }")
                .start();
        try (RunningBuild build =
                RunningBuild.start(List.of(), "echo data > /dev/shm/lock; echo data > /dev/shm/unused; sleep 1")) {
            outsider.destroyForcibly().waitFor();
            assertThat(build.tell("sweep"))
                    .anyMatch(line -> line.startsWith("POSIX_SHM /dev/shm/lock: SUSPECT R3_MINE")
                            && line.contains("but process " + outsider.pid())
                            && line.endsWith("of another session or of none used it"))
                    .anyMatch(
                            line -> line.startsWith("POSIX_SHM /dev/shm/unused: DELETE") && line.endsWith("[removed]"));
            assertThat(SHM.resolve("lock")).hasContent("data");
            NaiveCleaners.byMapsAndFds(SHM.resolve("lock"));
            assertThat(SHM.resolve("lock")).doesNotExist();
        } finally {
            outsider.destroyForcibly().waitFor();
        }
    }

    @Test
    void case46_aServerWithoutATokenKeepsItsStateAtTheEnd() throws Exception {
        RunningBuild.assumeThatTheKernelTellsCreators(5, 17);
        String server = "env -i setsid sh -c 'echo $$ > /dev/shm/pid; echo data > /dev/shm/state; exec sleep 60'";
        try (RunningBuild build = RunningBuild.start(List.of(), server + " > /dev/null 2>&1 & sleep 1.5")) {
            ProcessHandle process = ProcessHandle.of(
                            Long.parseLong(Files.readString(SHM.resolve("pid")).trim()))
                    .orElseThrow();
            try {
                assertThat(build.tell("sweep")).anyMatch(line -> line.startsWith("POSIX_SHM /dev/shm/state: LIVE"));
                assertThat(SHM.resolve("state")).hasContent("data");
            } finally {
                process.destroyForcibly();
                await().until(() -> ProcFs.startTime(process.pid()).isEmpty());
            }
            Removal.run(SweepPolicy.standard());
            assertThat(SHM.resolve("state"))
                    .as("the control: the server has ended")
                    .doesNotExist();
        }
    }

    @Test
    void case44_aSegmentThatALivingProcessAttachesByTurnsStays() throws Exception {
        try (ForgedSession session = ForgedSession.young();
                Holder maker = Holder.start("create-sysv", "shm", "0")) {
            session.record("B E SYSV_SHM");
            int id = maker.number();
            maker.end();
            session.observedSysv(IpcKind.SYSV_SHM, id, maker.pid(), LONG_AGO);
            try (Holder user = Holder.startPerl("shmread(" + id + ", $b, 0, 1); print \"ready\\n\"; sleep 60")) {
                SweepReport report = Removal.run(SweepPolicy.standard());
                assertThat(Kernel.exists(IpcKind.SYSV_SHM, id)).isTrue();
                assertThat(report.findings()).singleElement().satisfies(f -> {
                    assertThat(f.verdict().rule()).isEqualTo(Rule.R7_UNUSED);
                    assertThat(f.verdict().reason())
                            .isEqualTo("process " + user.pid() + " (perl), which used it last, still runs");
                });
                assertThat(NaiveCleaners.segment(id).orElseThrow().attaches()).isZero();
            }
            Removal.run(SweepPolicy.standard());
            assertThat(Kernel.exists(IpcKind.SYSV_SHM, id))
                    .as("the control: its user has ended")
                    .isFalse();
        }
    }

    @Test
    void case46_whatALivingServerMadeStaysWithoutAToken() throws Exception {
        Path state = newFile("state");
        Path other = newFile("other");
        try (ForgedSession session = ForgedSession.young();
                Holder server = Holder.startWithoutEnvironment("nothing")) {
            session.record("B E POSIX_SHM");
            session.observed(state, server.pid(), server.startTime(), 'D');
            SweepReport report = Removal.run(SweepPolicy.standard());
            assertThat(state).exists();
            assertThat(finding(report, state).verdict().decision()).isEqualTo(Decision.LIVE);

            session.observed(other, dead, LONG_AGO, 'D');
            session.member(server.pid(), server.startTime());
            Removal.run(SweepPolicy.standard());
            assertThat(other)
                    .as("of another process of a session that is not over")
                    .exists();
            NaiveCleaners.byEnvironment(other, session.id());
            assertThat(other).doesNotExist();

            server.kill();
            Removal.run(SweepPolicy.standard());
            assertThat(state).as("the control: the server has ended").doesNotExist();
        }
    }

    @Test
    void case46_anotherProcessWithAMembersPidKeepsNothing() throws Exception {
        Path state = newFile("state");
        try (ForgedSession session = ForgedSession.young();
                Holder another = Holder.startWithoutEnvironment("nothing")) {
            session.record("B E POSIX_SHM");
            session.observed(state, another.pid(), LONG_AGO, 'D');
            session.member(another.pid(), LONG_AGO);
            Removal.run(SweepPolicy.standard());
            assertThat(state).doesNotExist();
        }
    }

    // --- System V: ids, last users, waiters ---

    @Test
    void case45_anIdThatIsGivenOutAgainIsAnotherSegment() throws Exception {
        try (ForgedSession session = ForgedSession.young();
                Holder maker = Holder.start("create-sysv", "shm", "0")) {
            session.record("B E SYSV_SHM");
            int id = maker.number();
            IpcObject now = NaiveCleaners.segment(id).orElseThrow();
            maker.end();
            Identity.OfSysv sysv = (Identity.OfSysv) now.identity();
            session.observedSysv(with(now, sysv.ctimeSeconds() - 1, now.size()), maker.pid(), LONG_AGO);
            session.observedSysv(with(now, sysv.ctimeSeconds(), now.size() + 1), maker.pid(), LONG_AGO);
            session.observedSysv(now, maker.pid() + 1, LONG_AGO);
            Removal.run(SweepPolicy.standard());
            assertThat(Kernel.exists(IpcKind.SYSV_SHM, id)).isTrue();
        }
        try (ForgedSession session = ForgedSession.young();
                Holder maker = Holder.start("create-sysv", "shm", "0")) {
            session.record("B E SYSV_SHM");
            int id = maker.number();
            maker.end();
            session.observedSysv(IpcKind.SYSV_SHM, id, maker.pid(), LONG_AGO);
            Removal.run(SweepPolicy.standard());
            assertThat(Kernel.exists(IpcKind.SYSV_SHM, id)).as("the control").isFalse();
        }
    }

    private static IpcObject with(IpcObject object, long ctime, long size) {
        Identity.OfSysv sysv = (Identity.OfSysv) object.identity();
        return new IpcObject(
                object.kind(),
                object.name(),
                new Identity.OfSysv(sysv.id(), sysv.key(), sysv.creatorUid(), ctime),
                size,
                object.uid(),
                object.mode(),
                object.modifiedSeconds(),
                object.creatorPid(),
                object.lastPid(),
                object.attaches(),
                object.removable());
    }

    @Test
    void case50_setsAndQueuesOfLivingProcessesStay() throws Exception {
        int set = Kernel.newSemaphores(new Random().nextInt() | 1, 3);
        int queue = Kernel.newQueue(new Random().nextInt() | 1);
        int awaited = Kernel.newQueue(new Random().nextInt() | 1);
        try (ForgedSession session = ForgedSession.young();
                Holder operator =
                        Holder.startPerl("semop(" + set + ", pack('s3', 2, 1, 0)); print \"ready\\n\"; sleep 60");
                Holder sender = Holder.startPerl(
                        "msgsnd(" + queue + ", pack('l! a', 1, 'x'), 0); print \"ready\\n\"; sleep 60");
                Holder receiver =
                        Holder.startPerl("print \"ready\\n\"; msgrcv(" + awaited + ", $b, 8, 0, 0); sleep 60")) {
            List<Made> made = List.of(
                    session.ownsSysv(IpcKind.SYSV_SEM, set),
                    session.ownsSysv(IpcKind.SYSV_MSG, queue),
                    session.ownsSysv(IpcKind.SYSV_MSG, awaited));
            await().until(() -> Files.readString(Path.of("/proc", Long.toString(receiver.pid()), "wchan"))
                    .contains("msgrcv"));
            SweepReport report = Removal.run(SweepPolicy.standard());
            assertThat(made).allMatch(Made::exists);
            assertThat(report.findings())
                    .extracting(f -> f.verdict().reason())
                    .containsExactlyInAnyOrder(
                            "process " + operator.pid() + " (perl), which used it last, still runs",
                            "process " + sender.pid() + " (perl), which used it last, still runs",
                            "process " + receiver.pid() + " (perl), which waits at it, still runs");
            operator.kill();
            sender.kill();
            receiver.kill();
            Removal.run(SweepPolicy.standard());
            assertThat(made).as("the control: they have ended").noneMatch(Made::exists);
        } finally {
            Kernel.removeSemaphores(set);
            Kernel.removeQueue(queue);
            Kernel.removeQueue(awaited);
        }
    }

    @Test
    void case50_aQueueThatMayNotBeReadStays() throws Exception {
        List<String> bound = List.of("setpriv", "--bounding-set=-ipc_owner");
        assumeTrue(
                Programs.succeeds("setpriv", "--bounding-set=-ipc_owner", "true"),
                "needs root, to give up CAP_IPC_OWNER by setpriv(1)");
        int queue = Kernel.newQueue(new Random().nextInt() | 1);
        try (ForgedSession session = ForgedSession.young()) {
            Made made = session.ownsSysv(IpcKind.SYSV_MSG, queue);
            Kernel.closeQueueToAll(queue);
            String output = Programs.java(bound, "sweep");
            assertThat(output).contains(" UNKNOWN R7_UNUSED -").contains("swept");
            assertThat(made.exists()).isTrue();
            Removal.run(SweepPolicy.standard());
            assertThat(made.exists()).as("the control: root may read all").isFalse();
        } finally {
            Kernel.removeQueue(queue);
        }
    }

    // --- namespaces ---

    /** The kernel gives the number of a dead namespace to the next one. */
    @Test
    void case40_aNamespaceWithADeadOnesNumberIsAnotherOne() throws Exception {
        Programs.assumeUnshare("--ipc");
        assumeTrue(
                Os.fileHandle("/proc/self/ns/ipc").isPresent(),
                "needs Linux 6.18: before that only containers with a process 1 of their own are told apart");
        String output = "";
        for (int attempt = 0; attempt < 5 && output.isEmpty(); attempt++) {
            String first = Programs.run(inNamespace("readlink /proc/self/ns/ipc; " + java("leave")))
                    .lines()
                    .findFirst()
                    .orElseThrow();
            // As many segments as the dead session had, so that the ids of both are the same.
            String script = "[ \"$(readlink /proc/self/ns/ipc)\" = '" + first + "' ] || exit 0; "
                    + "for i in 1 2 3; do ipcmk -M 4096; done; " + java("sweep count") + "; ipcrm -m 0; "
                    + java("count");
            for (int other = 0; other < 200 && output.isEmpty(); other++) {
                output = Programs.run(inNamespace(script));
            }
        }
        assumeTrue(!output.isEmpty(), "the kernel gave no number again, since others made namespaces meanwhile");
        assertThat(output)
                .contains("is void for System V objects and message queues: it is of another IPC namespace")
                .containsSubsequence("segments 3", "segments 2"); // the control goes by the number
    }

    private static String[] inNamespace(String script) {
        return new String[] {"unshare", "--ipc", "sh", "-ec", script};
    }

    private static String java(String words) {
        return String.join(" ", Programs.javaCommand(List.of(), words.split(" ", -1)));
    }

    @Test
    void case51_filesNeedNoMoreThanTheSameShm() throws Exception {
        try (ForgedSession session = ForgedSession.withHeader(h -> h[ForgedSession.IPC_NAMESPACE] = "1")) {
            Made file = session.newShm();
            int id = Kernel.newSegment(new Random().nextInt() | 1, 4096);
            try {
                Made segment = session.ownsSysv(IpcKind.SYSV_SHM, id);
                SweepReport report = Removal.run(SweepPolicy.standard());
                assertThat(file.exists()).isFalse();
                assertThat(segment.exists()).isTrue();
                assertThat(report.notes())
                        .singleElement()
                        .asString()
                        .contains("is void for System V objects and message queues: it is of another IPC namespace");
                assertThat(session.hasFiles()).as("for that namespace").isTrue();
                NaiveCleaners.byId(id);
                assertThat(segment.exists()).isFalse();
            } finally {
                Kernel.removeSegment(id);
            }
        }
    }

    @Test
    void case51_aLedgerOfFilesAloneIsForgottenWithThem() throws Exception {
        try (ForgedSession session = ForgedSession.withHeader(h -> h[ForgedSession.IPC_IDENTITY] = "00/1")) {
            Made file = session.newShm();
            SweepReport report = Removal.run(SweepPolicy.standard());
            assertThat(file.exists() || session.hasFiles()).isFalse();
            assertThat(report.notes()).isEmpty();
        }
    }

    @Test
    void case49_aFileThatAMountNamespaceHasMountedStays() throws Exception {
        Programs.assumeUnshare("--mount");
        Path point = newFile("point");
        Path source = newFile("source");
        Path unused = newFile("unused");
        String mount = "mount --bind /etc/hostname /dev/shm/point && mount --bind /dev/shm/source /etc/hostname";
        try (ForgedSession session = ForgedSession.young();
                Holder container = Holder.startProgram(
                        List.of("unshare", "--mount", "sh", "-c", mount + " && echo ready && exec sleep 60"))) {
            session.record("B E POSIX_SHM");
            for (Path file : List.of(point, source, unused)) {
                session.observed(file, dead, LONG_AGO, 'D');
            }
            SweepReport report = Removal.run(SweepPolicy.standard());
            assertThat(List.of(point, source)).allMatch(Files::exists);
            assertThat(finding(report, point).verdict().reason())
                    .isEqualTo("a mount namespace has it, or something on it, mounted");
            assertThat(unused).as("the control").doesNotExist();
            NaiveCleaners.byMapsAndFds(point);
            assertThat(point).doesNotExist();
            assertThat(container.isAlive()).isTrue();
        }
    }

    @Test
    void case53_inAUserNamespaceWithoutAUidAClaimTakesNothing() throws Exception {
        Programs.assumeUnshare("--user");
        Programs.assumeOtherUser(4711);
        Path others = rested(newFile("psm_1"));
        Files.setAttribute(others, "unix:uid", 4711);
        String output = Programs.java(List.of("unshare", "--user"), "claim=psm_*");
        assertThat(output).contains("finding " + others + " UNKNOWN R2_OWNER -");
        assertThat(others).exists();
        NaiveCleaners.byPrefix(SHM, "psm_");
        assertThat(others).doesNotExist();
    }

    // --- names ---

    @Test
    void case52_theLongestNamesGoToo() throws Exception {
        List<Path> names = new ArrayList<>();
        try (ForgedSession session = ForgedSession.young()) {
            session.record("B E POSIX_SHM POSIX_SEM");
            for (int length : List.of(188, 189, 254, 255)) {
                names.add(newFile("n".repeat(length)));
                session.observed(names.get(names.size() - 1), dead, LONG_AGO, 'D');
            }
            Removal.run(SweepPolicy.standard());
            assertThat(names).noneMatch(Files::exists);
            assertThat(session.hasFiles()).isFalse();
            assertThat(session.dir()).as("the quarantine in it is gone, too").doesNotExist();
        }
    }

    @Test
    void case52_theLongestNameIsGivenBackAfterAKill() throws Exception {
        Path file = newFile("n".repeat(255));
        try (ForgedSession session = ForgedSession.young()) {
            Path held = Files.createDirectory(session.dir().resolve("q.r")).resolve(file.getFileName());
            Files.move(file, held);
            Removal.run(SweepPolicy.standard());
            assertThat(file).hasContent("data");
            assertThat(held.getParent()).doesNotExist();
        }
    }

    @Test
    void case59_anOrphanOfASemaphoreIsKnownByItsName() throws Exception {
        try (ForgedSession session = ForgedSession.young()) {
            Path semaphore = newFile("sem.shmkit." + session.stem() + ".1");
            Path odd = newFile("sem.shmkit." + session.stem());
            SweepReport report = Survey.report(SweepPolicy.standard());
            assertThat(finding(report, semaphore).verdict().decision()).isEqualTo(Decision.SUSPECT);
            assertThat(report.findings()).hasSize(1);
            Removal.run(SweepPolicy.standard());
            assertThat(List.of(semaphore, odd)).allMatch(Files::exists);
            NaiveCleaners.byPrefix(SHM, "sem.shmkit.");
            assertThat(semaphore).doesNotExist();
        }
    }

    @Test
    void case60_aMappedFileWithoutItsLedgerIsListedAndTakenOnlyByAClaim() throws Exception {
        Path folder = Path.of(System.getProperty("java.io.tmpdir"), "shmkit-" + Os.euid());
        boolean made = !Files.exists(folder);
        if (made) {
            Files.createDirectory(
                    folder, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        }
        ForgedSession session = ForgedSession.young();
        Path file = Files.writeString(folder.resolve("shmkit." + session.stem() + ".1"), "data");
        try {
            session.close(); // with the container's /dev/shm
            SweepReport listed = Survey.report(SweepPolicy.standard());
            assertThat(finding(listed, file).verdict().decision()).isEqualTo(Decision.SUSPECT);
            Removal.run(SweepPolicy.standard());
            Removal.run(claiming("shmkit." + session.stem() + ".*"));
            assertThat(file).as("younger than ten minutes").exists();
            try (Holder user = Holder.start("fd-ro", file.toString())) {
                Removal.run(claiming("shmkit." + session.stem() + ".*").withMinAge(Duration.ZERO));
                assertThat(user.isAlive() && Files.exists(file)).isTrue();
            }
            Removal.run(claiming("shmkit." + session.stem() + ".*").withMinAge(Duration.ZERO));
            assertThat(file).as("the control").doesNotExist();
        } finally {
            Files.deleteIfExists(file);
            if (made) {
                Files.deleteIfExists(folder);
            }
        }
    }

    // --- bad input ---

    /** Nobody can see there who is of the session. */
    @Test
    void case54_withAProcThatHidesNothingSeenIsRemoved() throws Exception {
        Programs.assumeUnshare("--pid", "--fork");
        Path file = newFile("made");
        try (ForgedSession session = ForgedSession.young();
                Holder maker = Holder.start("create-sysv", "shm", "0")) {
            session.record("B E POSIX_SHM SYSV_SHM");
            int id = maker.number();
            session.observedSysv(IpcKind.SYSV_SHM, id, maker.pid(), maker.startTime());
            session.observed(file, maker.pid(), maker.startTime(), 'D');
            session.member(maker.pid(), maker.startTime());

            String output = Programs.java(List.of("unshare", "--pid", "--fork", "--mount-proc"), "sweep");

            assertThat(file).as(output).exists();
            assertThat(Kernel.exists(IpcKind.SYSV_SHM, id)).isTrue();
            NaiveCleaners.byCreatorPidInPidNamespace(file, maker.pid());
            NaiveCleaners.byCreatorPidOfSegmentInPidNamespace(id);
            assertThat(file).doesNotExist();
            assertThat(Kernel.exists(IpcKind.SYSV_SHM, id)).isFalse();
        }
    }

    /** As root without the right to look at all, from whom hidepid=4 hides root's other processes. */
    private static List<String> lookingAtNobody(String mountOptions) {
        List<String> wrapper = List.of(
                "unshare",
                "--mount",
                "sh",
                "-c",
                "mount -t proc " + mountOptions + " proc /proc && exec setpriv --bounding-set=-sys_ptrace \"$@\"",
                "sh");
        List<String> trial = new ArrayList<>(wrapper);
        trial.add("true");
        assumeTrue(
                Programs.succeeds(trial.toArray(String[]::new)),
                "needs root and Linux 5.8, to mount /proc with hidepid=4 and give up CAP_SYS_PTRACE");
        return wrapper;
    }

    @Test
    void case54_withHiddenProcessesNothingSeenIsRemovedAndThatIsSaid() throws Exception {
        List<String> hidden = lookingAtNobody("-o hidepid=4");
        Path file = newFile("made");
        try (ForgedSession session = ForgedSession.young()) {
            session.record("B E POSIX_SHM");
            session.observed(file, dead, LONG_AGO, 'D');

            String output = Programs.java(hidden, "sweep");

            assertThat(output)
                    .contains("finding " + file + " UNKNOWN R6_NO_CARRIER")
                    .contains("note /proc hides processes from this user (hidepid, see proc(5))");
            assertThat(file).exists();
            assertThat(Programs.java(lookingAtNobody(""), "sweep")).doesNotContain("hides");
            assertThat(file).as("the control").doesNotExist();
        }
    }

    @Test
    void case54_whatAHiddenProcessUsedLastStays() throws Exception {
        List<String> hidden = lookingAtNobody("-o hidepid=4");
        int id = Kernel.newSegment(new Random().nextInt() | 1, 4096);
        try (ForgedSession session = ForgedSession.young()) {
            Made segment = session.ownsSysv(IpcKind.SYSV_SHM, id);
            try (Holder user =
                    Holder.startPerl("shmread(" + id + ", $bytes, 0, 1) or die $!; print \"ready\\n\"; sleep 60")) {
                assertThat(Programs.java(hidden, "sweep")).contains(" LIVE R7_UNUSED");
                assertThat(segment.exists()).isTrue();
                user.kill();
                assertThat(Programs.java(hidden, "sweep")).contains("DELETED");
                assertThat(segment.exists()).as("the control: it has ended").isFalse();
            }
        } finally {
            Kernel.removeSegment(id);
        }
    }

    @Test
    void case54_aHiddenHelperIsNotEndedAndKeepsItsObjects() throws Exception {
        List<String> hidden = lookingAtNobody("-o hidepid=4");
        try (ForgedSession session = ForgedSession.young();
                Holder helper = Holder.start("nothing")) {
            Made made = session.newShm();
            session.process(helper.pid(), helper.startTime(), ProcFs.namespace("pid"));
            assertThat(Programs.java(hidden, "sweep")).contains(" LIVE R6_NO_CARRIER");
            Cleaner.reap(Cleaner.program(), hidden, session);
            assertThat(made.exists()).isTrue();
            assertThat(helper.isAlive() && session.hasFiles()).isTrue();
            Cleaner.reap(Cleaner.program(), List.of(), session);
            assertThat(made.exists()).as("the control").isFalse();
            await().until(() -> !helper.isAlive());
        }
    }

    @Test
    void case54_aQueueAtWhichAHiddenProcessMayWaitStays() throws Exception {
        int queue = Kernel.newQueue(new Random().nextInt() | 1);
        String claim = "claim-at-once=msg:id:" + queue;
        try (Holder waiter = Holder.startPerl("print \"ready\\n\"; msgrcv(" + queue + ", $bytes, 1, 0, 0)")) {
            assertThat(Programs.java(lookingAtNobody("-o hidepid=4"), claim)).contains(" UNKNOWN R7_UNUSED");
            assertThat(Kernel.exists(IpcKind.SYSV_MSG, queue)).isTrue();
            waiter.kill();
            assertThat(Programs.java(List.of(), claim)).contains("DELETED");
            assertThat(Kernel.exists(IpcKind.SYSV_MSG, queue)).as("the control").isFalse();
        } finally {
            Kernel.removeQueue(queue);
        }
    }

    @Test
    void case55_aShmThatIsFullTakesNoBuildAndLosesNothing() throws Throwable {
        PrivateShm.with("1m", () -> {
            Path outsider = newFile("outsider");
            Path filler = SHM.resolve("filler");
            String all = "exec 3>/dev/shm/filler; cat /dev/zero >&3 2> /dev/null";
            assertThat(new ProcessBuilder("sh", "-c", all).start().waitFor()).isNotZero();
            String refused = Programs.java(List.of(), "build");
            assertThat(refused).contains("refused", "/dev/shm is full");
            assertThat(SHM.toFile().list()).containsExactlyInAnyOrder("outsider", "filler");
            for (long room = 4096; room <= 128 << 10; room += 4096) {
                Files.delete(filler);
                long left = Files.getFileStore(SHM).getUsableSpace() - room;
                try (var out = Files.newOutputStream(filler)) {
                    out.write(new byte[(int) left]);
                }
                assertThat(Programs.java(List.of(), "build")).containsAnyOf("refused", "began");
                assertThat(SHM.toFile().list())
                        .as("with " + room + " bytes left")
                        .containsExactlyInAnyOrder("outsider", "filler");
                room = room == 4096 ? 16384 : room * 2 - 4096;
            }
            NaiveCleaners.byPrefix(SHM, "outsider");
            assertThat(outsider).doesNotExist();
            return true;
        });
    }

    private static Process byTurns(Path file) throws Exception {
        return new ProcessBuilder(
                        "perl",
                        "-e",
                        "while (1) { open(my $f, '<', '" + file + "'); close($f); select(undef, undef, undef, 2) }")
                .start();
    }

    /** The watchdog can note neither who makes anything nor who uses it, but that it cannot. */
    @Test
    void case61_aShmThatIsFullWhileABuildRunsLosesNothing() throws Throwable {
        RunningBuild.assumeThatTheKernelTellsCreators(5, 17);
        PrivateShm.with("4m", () -> {
            Path lock = SHM.resolve("lock");
            Process outsider = new ProcessBuilder(
                            "sh", "-c", "until [ -e " + lock + "299 ]; do sleep 0.01; done; exec cat " + lock)
                    .start();
            String command = ": > /dev/shm/lock; : > /dev/shm/unused; sleep 0.5; cat /dev/zero > /dev/shm/filler "
                    + "2> /dev/null; for i in $(seq 299); do : > /dev/shm/lock$i; done; sleep 1; rm /dev/shm/filler";
            try (RunningBuild build = RunningBuild.start(List.of(), command)) {
                assertThat(outsider.waitFor()).isZero();
                Process turns = byTurns(lock);
                List<String> said = build.tell("sweep");
                turns.destroyForcibly().waitFor();
                assertThat(said)
                        .anyMatch(line -> line.startsWith("caught up")
                                && line.contains("could not note all that it saw, since /dev/shm was full"))
                        .anyMatch(line -> line.startsWith("POSIX_SHM /dev/shm/unused") && line.endsWith("[removed]"));
                assertThat(lock).as("another process uses it by turns").exists();
                for (int i = 1; i < 300; i++) {
                    String name = "POSIX_SHM /dev/shm/lock" + i + ": ";
                    assertThat(said).as("told, whether it stays or not").anyMatch(line -> line.startsWith(name));
                }
                assertThat(SHM.resolve("unused")).as("the control").doesNotExist();
            }
            return true;
        });
    }

    /** What it would have seen nobody knows. */
    @Test
    void case62_withoutItsWatchdogWhatIsOpenedByTurnsStays() throws Exception {
        RunningBuild.assumeThatTheKernelTellsCreators(5, 17);
        Path lock = SHM.resolve("lock");
        try (RunningBuild build = RunningBuild.start(List.of(), ": > /dev/shm/lock; : > /dev/shm/unused; sleep 0.5")) {
            ProcessHandle watchdog = ProcessHandle.of(build.watchdog()).orElseThrow();
            watchdog.destroyForcibly();
            await().until(() -> !watchdog.isAlive());
            Process turns = byTurns(lock);
            List<String> said = build.tell("sweep");
            turns.destroyForcibly().waitFor();
            assertThat(said)
                    .contains("caught up the watchdog of this build is gone: it was killed by SIGKILL")
                    .anyMatch(line -> line.startsWith("POSIX_SHM /dev/shm/lock: ")
                            && line.contains("a process opened it between two looks"));
            assertThat(lock).exists();
            assertThat(SHM.resolve("unused")).as("the control").doesNotExist();
        }
    }

    /** A clock that was set makes times of the kernel lie; what was seen of an object has to fit all the same. */
    @Test
    void case57_aClockThatJumpsRemovesNothingMore() throws Exception {
        Path future = newFile("psm_future");
        Files.setLastModifiedTime(future, FileTime.from(Instant.now().plus(Duration.ofDays(1))));
        Path claimed = newFile("psm_now");
        Removal.run(claiming("psm_*").withMinAge(Duration.ofMinutes(10)));
        assertThat(List.of(future, claimed)).allMatch(Files::exists);
        Removal.run(claiming("psm_*").withMinAge(Duration.ZERO));
        assertThat(future).as("touched in the future").exists();
        assertThat(claimed).as("the control").doesNotExist();
    }

    @Test
    void case58_whoOnlyLooksKeepsNobodyFromCleaning() throws Exception {
        try (ForgedSession session = ForgedSession.young()) {
            Made made = session.newShm();
            Process looker = new ProcessBuilder(Programs.javaCommand(List.of(), "look=200"))
                    .redirectErrorStream(true)
                    .start();
            assertThat(looker.inputReader().readLine()).isEqualTo("looking");
            SweepReport report = Removal.run(SweepPolicy.standard());
            assertThat(looker.isAlive()).as("it looked meanwhile").isTrue();
            assertThat(made.exists()).as(report.toString()).isFalse();
            looker.destroyForcibly().waitFor();
        }
        try (ForgedSession session = ForgedSession.young();
                ForgedSession.Life cleaner = session.live()) {
            Made made = session.newShm();
            int ledger = Os.open(session.ledger().toString(), Os.O_RDONLY, 0);
            assertThat(Os.tryLock(ledger)).isTrue();
            SweepReport report = Removal.run(SweepPolicy.standard().withExclusive(true));
            Os.close(ledger);
            assertThat(made.exists()).as("another cleaner is at work on it").isTrue();
            assertThat(report.removed()).isEmpty();
            assertThat(cleaner.isSeen()).isTrue();
            NaiveCleaners.byPrefix(SHM, "shmkit.");
            assertThat(made.exists()).isFalse();
        }
    }
}
