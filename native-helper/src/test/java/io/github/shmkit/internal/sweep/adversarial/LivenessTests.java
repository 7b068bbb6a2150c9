package io.github.shmkit.internal.sweep.adversarial;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.github.shmkit.Segment;
import io.github.shmkit.SegmentKind;
import io.github.shmkit.SegmentSpec;
import io.github.shmkit.internal.ipc.IpcKind;
import io.github.shmkit.internal.os.ProcFs;
import io.github.shmkit.internal.os.RawName;
import io.github.shmkit.internal.session.ForgedSession;
import io.github.shmkit.internal.session.ForgedSession.Made;
import io.github.shmkit.internal.session.KernelView;
import io.github.shmkit.internal.session.Session;
import io.github.shmkit.internal.session.SessionId;
import io.github.shmkit.internal.session.SessionSecret;
import io.github.shmkit.internal.sweep.Removal;
import io.github.shmkit.internal.sweep.RunningBuild;
import io.github.shmkit.internal.sweep.Survey;
import io.github.shmkit.internal.sweep.SweepPolicy;
import io.github.shmkit.internal.sweep.SweepReport;
import io.github.shmkit.internal.sweep.Verdict.Decision;
import io.github.shmkit.internal.sweep.Verdict.Rule;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Isolated;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Who counts as alive, and what as used. */
@Isolated
@ExtendWith(PrivateShm.class)
class LivenessTests {
    private static final Path SHM = Path.of("/dev/shm");

    /** An object that nobody but the test knows of. */
    private static Path twin() throws IOException {
        return Files.write(SHM.resolve("twin"), new byte[4096], StandardOpenOption.CREATE_NEW);
    }

    private static void assertKept(Cleaner cleaner, ForgedSession session, Made made) throws Exception {
        cleaner.clean(session);
        assertThat(made.exists()).as("%s keeps %s", cleaner, made).isTrue();
        assertThat(session.hasFiles())
                .as("and what it must know to delete it later")
                .isTrue();
    }

    private static void assertDeleted(Cleaner cleaner, ForgedSession session, Made made) throws Exception {
        cleaner.clean(session);
        assertThat(made.exists()).as("%s deletes %s", cleaner, made).isFalse();
        assertThat(session.hasFiles()).isFalse();
    }

    // --- 1: pid reuse ---

    @ParameterizedTest
    @EnumSource
    void case01_whatADeadSessionMadeGoesAlthoughItsPidIsAnothersNow(Cleaner cleaner, @TempDir Path folder)
            throws Exception {
        int id = Kernel.newSegment(Kernel.IPC_PRIVATE, 4096);
        try (Holder bystander = Holder.start("nothing");
                ForgedSession session =
                        ForgedSession.withHeader(h -> h[ForgedSession.PID] = Long.toString(bystander.pid()))) {
            Made shm = session.newShm();
            Made file = session.newMappedFile(folder);
            Made segment = session.ownsSysv(IpcKind.SYSV_SHM, id);

            assertDeleted(cleaner, session, shm);

            assertThat(file.exists() || segment.exists()).isFalse();
            assertThat(bystander.isAlive()).isTrue();
        } finally {
            Kernel.removeSegment(id);
        }
    }

    @ParameterizedTest
    @EnumSource
    void case01_aHelpersPidThatIsABystandersNowIsNotKilled(Cleaner cleaner) throws Exception {
        try (Holder bystander = Holder.start("nothing");
                Holder helper = Holder.start("nothing");
                Holder twin = Holder.start("nothing");
                ForgedSession session = ForgedSession.dead()) {
            session.process(bystander.pid(), bystander.startTime() - 1, ProcFs.namespace("pid"));
            session.process(twin.pid(), twin.startTime(), ProcFs.namespace("pid") + 1);
            session.process(helper.pid(), helper.startTime(), ProcFs.namespace("pid"));

            cleaner.clean(session);

            assertThat(bystander.isAlive()).as("another start time").isTrue();
            assertThat(twin.isAlive()).as("another pid namespace").isTrue();
            assertThat(helper.waitFor()).as("the control: the helper itself").isEqualTo(137);
            NaiveCleaners.killByPid(twin.pid());
            assertThat(twin.waitFor()).isEqualTo(137);
        }
    }

    /** The same with a pid that the kernel really gave to another process. */
    @Test
    void case01_aRecycledPidOfAHelperIsNotKilled() throws Exception {
        Programs.assumeUnshare("--pid", "--fork", "--mount-proc");
        String script = "recycle() { kill -9 $P; wait $P 2>/dev/null; echo $((P - 1)) > /proc/sys/kernel/ns_last_pid"
                + "; sleep 1000 & Q=$!; }\n"
                + "start() { cut -d' ' -f22 /proc/$1/stat; }\n"
                + "sleep 1000 & P=$!; S=$(start $P)\n"
                + "echo $P $S $(stat -L -c %i /proc/self/ns/pid); read go\n"
                + "recycle; while [ $Q = $P ] && [ $(start $Q) = $S ]; do recycle; done\n"
                + "echo $Q; \"$@\"\n"
                + "kill -0 $Q && echo alive; kill -9 $Q";
        List<String> command = Programs.javaCommand(
                List.of("unshare", "--pid", "--fork", "--mount-proc", "sh", "-c", script, "sh"), "sweep");
        Process inside = new ProcessBuilder(command).redirectErrorStream(true).start();
        try (ForgedSession session = ForgedSession.dead();
                var out = inside.inputReader()) {
            String[] helper = out.readLine().split(" ", -1);
            session.process(Long.parseLong(helper[0]), Long.parseLong(helper[1]), Long.parseLong(helper[2]));
            inside.getOutputStream().write('\n');
            inside.getOutputStream().close();
            assertThat(out.readLine()).as("the kernel gave the pid away again").isEqualTo(helper[0]);
            List<String> rest = out.lines().toList();
            assertThat(rest).contains("swept 0", "alive");
            assertThat(session.hasFiles()).isFalse();
        } finally {
            inside.destroyForcibly().waitFor();
        }
    }

    // --- 2, 3: other pid namespaces ---

    @ParameterizedTest
    @EnumSource
    void case02_aUserInAnotherPidNamespaceKeepsTheObject(Cleaner cleaner) throws Exception {
        Programs.assumeUnshare("--pid", "--fork", "--mount-proc");
        Path twin = twin();
        try (ForgedSession session = ForgedSession.dead();
                Holder holder = Holder.start(
                        List.of("unshare", "--pid", "--fork", "--kill-child", "--mount-proc"),
                        Map.of(),
                        "create-mapped",
                        session.nextName().toString())) {
            Made made = session.owns(IpcKind.POSIX_SHM, session.nextName());
            assertKept(cleaner, session, made);

            NaiveCleaners.byCreatorPidInPidNamespace(twin, holder.pid());
            assertThat(twin).doesNotExist();
            holder.end();
            assertDeleted(cleaner, session, made);
        }
    }

    /** The sweep itself inside a pid namespace, where nobody who uses the object has a pid. */
    @Test
    void case02_case03_program15_aSweepInAPidNamespaceKeepsWhatOutsidersUse() throws Exception {
        Programs.assumeUnshare("--pid", "--fork", "--mount-proc");
        int attached = Kernel.newSegment(Kernel.IPC_PRIVATE, 4096);
        try (ForgedSession dead = ForgedSession.dead();
                ForgedSession live = ForgedSession.dead();
                Holder lock = Holder.start("lock", live.lock().toString());
                Holder attacher = Holder.start("sysv", Integer.toString(attached));
                Holder creator = Holder.start("create-sysv", "shm", "0");
                Holder twin = Holder.start("create-sysv", "shm", "0")) {
            Made used = dead.newShm();
            Made segment = dead.ownsSysv(IpcKind.SYSV_SHM, attached);
            Made parked = live.ownsSysv(IpcKind.SYSV_SHM, creator.number());
            try (Holder mapper = Holder.start("shared-ro", used.path().text())) {
                String report =
                        Programs.java(List.of("unshare", "--pid", "--fork", "--kill-child", "--mount-proc"), "sweep");

                assertThat(report).contains("finding " + used.path() + " DELETE R7_UNUSED BUSY");
                assertThat(report).contains("swept 0");
                assertThat(mapper.isAlive() && lock.isAlive() && attacher.isAlive())
                        .isTrue();
            }
            assertThat(used.exists() && segment.exists() && parked.exists()).isTrue();
            NaiveCleaners.byCreatorPidOfSegmentInPidNamespace(twin.number());
            assertThat(NaiveCleaners.segment(twin.number())).isEmpty();

            attacher.end();
            lock.end();
            Removal.run(SweepPolicy.standard());
            assertThat(used.exists() || segment.exists() || parked.exists()).isFalse();
        } finally {
            Kernel.removeSegment(attached);
        }
    }

    // --- 4, 5: users that outlive the creator ---

    @ParameterizedTest
    @EnumSource
    void case04_everyWayOfHoldingKeepsTheObjectUntilItEnds(Cleaner cleaner, @TempDir Path folder) throws Exception {
        List<Holder> holders = new ArrayList<>();
        try (ForgedSession session = ForgedSession.dead()) {
            List<Made> made = new ArrayList<>();
            for (String way : List.of("shared-rw", "shared-ro", "private", "fd-rw", "fd-ro", "in-flight")) {
                for (Made held : List.of(session.newShm(), session.newMappedFile(folder))) {
                    made.add(held);
                    holders.add(Holder.start(way, held.path().text()));
                }
            }
            cleaner.clean(session);
            assertThat(made).hasSize(12).allMatch(Made::exists);
            assertThat(holders).allMatch(Holder::isAlive);
            for (Holder holder : holders) {
                holder.end();
            }
            assertDeleted(cleaner, session, made.get(0));
            assertThat(made).noneMatch(Made::exists);
        } finally {
            holders.forEach(Holder::close);
        }
        Path twin = twin();
        try (Holder creator = Holder.start("nothing");
                Holder holder = Holder.start("shared-rw", twin.toString())) {
            creator.end();
            NaiveCleaners.byCreatorPid(twin, creator.pid());
            assertThat(twin).doesNotExist();
            assertThat(holder.isAlive()).isTrue();
        }
    }

    @ParameterizedTest
    @EnumSource
    void case04_anAttachedSegmentStaysUntilItIsDetached(Cleaner cleaner) throws Exception {
        try (Holder creator = Holder.start("create-sysv", "shm", "0");
                ForgedSession session = ForgedSession.dead();
                Holder twinsCreator = Holder.start("create-sysv-attached", "shm", "0")) {
            Made segment = session.ownsSysv(IpcKind.SYSV_SHM, creator.number());
            creator.end();
            try (Holder holder = Holder.start("sysv", creator.said().substring(6))) {
                assertKept(cleaner, session, segment);
                holder.end();
            }
            assertDeleted(cleaner, session, segment);

            NaiveCleaners.byId(twinsCreator.number());
            assertThat(NaiveCleaners.segment(twinsCreator.number())
                            .orElseThrow()
                            .isMarkedForDestruction())
                    .isTrue();
        }
    }

    @ParameterizedTest
    @EnumSource
    void case05_fileDescriptorInFlightKeepsTheObject(Cleaner cleaner) throws Exception {
        Path twin = twin();
        try (ForgedSession session = ForgedSession.dead()) {
            Made made = session.newShm();
            try (Holder holder = Holder.start("in-flight", made.path().text());
                    Holder twinsHolder = Holder.start("in-flight", twin.toString())) {
                assertKept(cleaner, session, made);
                NaiveCleaners.byMapsAndFds(twin);
                assertThat(twin).doesNotExist();
                assertThat(holder.isAlive() && twinsHolder.isAlive()).isTrue();
            }
            assertDeleted(cleaner, session, made);
        }
    }

    // --- 6: concurrent builds ---

    @ParameterizedTest
    @EnumSource
    void case06_aConcurrentBuildOfTheSameUserLosesNothing(Cleaner cleaner, @TempDir Path folder) throws Exception {
        Path unclaimed = SHM.resolve("shmkit." + SessionId.random() + ".1.1");
        Files.createFile(unclaimed);
        try (ForgedSession dead = ForgedSession.dead();
                ForgedSession live = ForgedSession.dead();
                Holder build = Holder.start("lock", live.lock().toString())) {
            Made ours = dead.newShm();
            Made theirs = live.newShm();
            assertDeleted(cleaner, dead, ours);
            assertThat(theirs.exists()).isTrue();

            Removal.run(SweepPolicy.standard());
            SweepReport report = Survey.report(SweepPolicy.standard());
            assertThat(report.findings())
                    .filteredOn(f -> f.object().address().equals(unclaimed.toString()))
                    .singleElement()
                    .satisfies(f -> assertThat(f.verdict().decision()).isEqualTo(Decision.SUSPECT));
            assertThat(unclaimed).exists();
            assertThat(theirs.exists() && build.isAlive()).isTrue();
            Path twin = Files.createFile(folder.resolve(theirs.file().getFileName()));
            NaiveCleaners.byPrefix(folder, "shmkit.");
            assertThat(twin).doesNotExist();

            build.end();
            assertDeleted(cleaner, live, theirs);
        } finally {
            Files.deleteIfExists(unclaimed);
        }
    }

    // --- 10: stopped sessions ---

    @Test
    void case10_aStoppedSessionKeepsWhatItHasNotTouchedForAnHour() throws Exception {
        Path twin = twin();
        try (ForgedSession session = ForgedSession.dead();
                Holder owner = Holder.start("lock", session.lock().toString()).stop()) {
            Made made = session.newShm();
            FileTime hourAgo = FileTime.from(Instant.now().minus(Duration.ofHours(1)));
            Files.setLastModifiedTime(made.file(), hourAgo);
            Files.setLastModifiedTime(twin, hourAgo);

            assertKept(Cleaner.SWEEP, session, made);
            NaiveCleaners.byAge(twin, Duration.ofMinutes(10));
            assertThat(twin).doesNotExist();

            owner.kill();
            assertDeleted(Cleaner.SWEEP, session, made);
        }
    }

    // --- 11, 12: users that hide ---

    @ParameterizedTest
    @EnumSource
    void case11_aHelperWithoutOurMarkThatStillMapsTheObjectKeepsIt(Cleaner cleaner) throws Exception {
        try (ForgedSession session = ForgedSession.dead()) {
            Map<String, String> mark = Map.of(SessionSecret.VARIABLE, session.secret());
            Made made = session.newShm();
            String path = made.path().text();
            for (Holder holder : List.of(
                    Holder.start("shared-rw", path),
                    Holder.start(List.of("env", "-i"), mark, "shared-rw", path),
                    Holder.start(List.of(), mark, "clobber-env", "shared-rw", path))) {
                try (holder) {
                    assertThat(Files.readString(
                                    Path.of("/proc/" + holder.pid() + "/environ"),
                                    java.nio.charset.StandardCharsets.ISO_8859_1))
                            .doesNotContain(session.secret());
                    assertKept(cleaner, session, made);
                    Path twin = twin();
                    try (Holder twinsHolder = Holder.startWithoutEnvironment("shared-rw", twin.toString())) {
                        NaiveCleaners.byEnvironment(twin, SessionSecret.VARIABLE + "=" + session.secret());
                        assertThat(twin).doesNotExist();
                        assertThat(twinsHolder.isAlive()).isTrue();
                    }
                }
            }
            assertDeleted(cleaner, session, made);
        }
    }

    @Test
    void case11_aLivingProcessWithOurMarkKeepsAllThatTheSessionMade() throws Exception {
        int id = Kernel.newSegment(Kernel.IPC_PRIVATE, 4096);
        try (ForgedSession session = ForgedSession.dead()) {
            Made made = session.newShm();
            Made segment = session.ownsSysv(IpcKind.SYSV_SHM, id);
            try (Holder daemon = Holder.start(List.of(), Map.of(SessionSecret.VARIABLE, session.secret()), "nothing")) {
                SweepReport report = Removal.run(SweepPolicy.standard());
                assertThat(report.findings())
                        .hasSize(2)
                        .allMatch(f -> f.verdict().rule() == Rule.R6_NO_CARRIER
                                && f.verdict().reason().contains(Long.toString(daemon.pid())));
                assertThat(made.exists() && segment.exists()).isTrue();
            }
            assertDeleted(Cleaner.SWEEP, session, made);
            assertThat(segment.exists()).isFalse();
        } finally {
            Kernel.removeSegment(id);
        }
    }

    private static final int NOBODY = 65534;

    /** The cleaner is another program of the same ordinary user; hidepid hides the holder from it besides. */
    @Test
    void case12_program14_aProcessThatNobodyMayLookAtKeepsTheObject() throws Exception {
        Programs.assumeOtherUser(NOBODY);
        List<String> nobody = List.of(Programs.asUser(NOBODY));
        List<String> unprivilegedWithHiddenProcesses = new ArrayList<>(List.of(
                "unshare", "--mount", "sh", "-c", "mount -t proc -o hidepid=2 proc /proc && exec \"$@\"", "sh"));
        unprivilegedWithHiddenProcesses.addAll(nobody);
        Path program = Files.createTempFile("shm-helper", "");
        try (ForgedSession session = ForgedSession.ofUser(NOBODY)) {
            Files.copy(Cleaner.program(), program, java.nio.file.StandardCopyOption.REPLACE_EXISTING);
            assertThat(program.toFile().setExecutable(true, false)).isTrue();
            Path object = session.nextName();
            try (Holder holder = Holder.start(nobody, Map.of(), "no-dump", "create-mapped", object.toString())) {
                Made made = session.owns(IpcKind.POSIX_SHM, object);
                for (List<String> wrapper : List.of(nobody, unprivilegedWithHiddenProcesses)) {
                    Cleaner.reap(program, wrapper, session);
                    assertThat(made.exists()).as("reaped by %s", wrapper).isTrue();
                }

                Path twin = SHM.resolve("twin");
                try (Holder twinsHolder = Holder.start(nobody, Map.of(), "no-dump", "create-mapped", twin.toString())) {
                    List<String> naive = new ArrayList<>(nobody);
                    naive.addAll(List.of(
                            "sh", "-c", "cat /proc/[0-9]*/maps 2>/dev/null | grep -q ' " + twin + "$' || rm " + twin));
                    Programs.run(naive.toArray(String[]::new));
                    assertThat(twin).doesNotExist();
                    assertThat(twinsHolder.isAlive()).isTrue();
                }
                holder.end();
                Cleaner.reap(program, nobody, session);
                assertThat(made.exists()).as("once the holder is gone").isFalse();
            }
        } finally {
            Files.delete(program);
        }
    }

    /** Without leases nobody can tell, and what nobody can tell stays, used or not. */
    @Test
    void case12_withoutLeasesEverythingStays() throws Exception {
        Path setting = Path.of("/proc/sys/fs/leases-enable");
        org.junit.jupiter.api.Assumptions.assumeTrue(
                Files.isWritable(setting) && Programs.setting(setting) == 1,
                "needs root, to switch fs.leases-enable off for a moment");
        try (ForgedSession session = ForgedSession.dead()) {
            Made made = session.newShm();
            SweepReport report;
            Files.writeString(setting, "0");
            try {
                report = Removal.run(SweepPolicy.standard());
                Cleaner.REAPER.clean(session);
            } finally {
                Files.writeString(setting, "1");
            }
            assertThat(made.exists()).isTrue();
            assertThat(report.notes())
                    .containsExactly("no lease could be taken on " + made.path().text() + ": EINVAL (Invalid argument);"
                            + " without leases no file can be proved unused, so that all of them stay (sysctl"
                            + " fs.leases-enable=1)");
            assertThat(report.findings())
                    .singleElement()
                    .satisfies(f -> assertThat(f.result().orElseThrow().outcome())
                            .isEqualTo(io.github.shmkit.internal.guard.Actuator.Outcome.UNKNOWN));
            assertDeleted(Cleaner.SWEEP, session, made);
        }
    }

    // --- 25: parked ---

    @Test
    void case25_aParkedSegmentOfALivingSessionStays() throws Exception {
        int id = Kernel.newSegment(Kernel.IPC_PRIVATE, 4096);
        int twin = Kernel.newSegment(Kernel.IPC_PRIVATE, 4096);
        try (ForgedSession session = ForgedSession.dead();
                Holder owner = Holder.start("lock", session.lock().toString())) {
            Made parked = session.ownsSysv(IpcKind.SYSV_SHM, id);
            assertThat(KernelView.attaches(id)).isZero();
            assertKept(Cleaner.SWEEP, session, parked);
            NaiveCleaners.byAttachCount(twin);
            assertThat(NaiveCleaners.segment(twin)).isEmpty();
            owner.end();
            assertDeleted(Cleaner.SWEEP, session, parked);
        } finally {
            Kernel.removeSegment(id);
            Kernel.removeSegment(twin);
        }
    }

    // --- 26, 27: one JVM ---

    @Test
    void case26_readingTheLockFileInTheJvmThatHoldsItDoesNotLoseIt(@TempDir Path folder) throws Exception {
        try (Session session = Session.open();
                Segment segment = session.create(SegmentSpec.of(SegmentKind.POSIX_SHM))) {
            Path lock = SHM.resolve(".shmkit-" + io.github.shmkit.internal.os.Os.euid())
                    .resolve(session.id() + ".1.lock");
            assertThat(Files.readAllBytes(lock)).isEmpty();
            try (FileChannel channel = FileChannel.open(lock)) {
                assertThat(channel.size()).isZero();
            }

            assertThat(Programs.succeeds("flock", "--nonblock", lock.toString(), "true"))
                    .isFalse();
            Removal.run(SweepPolicy.standard());
            segment.putInt(0, 1);
            assertThat(KernelView.shmFiles("shmkit." + session.id())).hasSize(1);
        }
        Path naive = Files.createFile(folder.resolve("lock"));
        try (FileChannel channel = FileChannel.open(naive, StandardOpenOption.WRITE);
                var lock = channel.lock();
                Holder before = Holder.start("try-record-lock", naive.toString())) {
            assertThat(before.said()).isEqualTo("held");
            assertThat(Files.readAllBytes(naive)).isEmpty();
            try (Holder after = Holder.start("try-record-lock", naive.toString())) {
                assertThat(lock.isValid()).isTrue();
                assertThat(after.said())
                        .as("the control: lost, and nobody says so")
                        .isEqualTo("free");
            }
        }
    }

    /** As with a build daemon or an IDE: the pid of the dead session is that of a JVM that lives on. */
    @Test
    void case27_theFirstSessionOfAJvmIsCleanedWhileItsSecondOneRuns() throws Exception {
        long pid = ProcessHandle.current().pid();
        long start = ProcFs.startTime(pid).orElseThrow();
        try (ForgedSession first = ForgedSession.withHeader(h -> {
                    h[ForgedSession.PID] = Long.toString(pid);
                    h[ForgedSession.START_TIME] = Long.toString(start);
                });
                Session second = Session.open();
                Session third = Session.open();
                Segment segment = second.create(SegmentSpec.of(SegmentKind.POSIX_SHM))) {
            Segment other = third.create(SegmentSpec.of(SegmentKind.SYSV_SHM));
            Made leftover = first.newShm();

            assertDeleted(Cleaner.SWEEP, first, leftover);

            assertThat(second.id()).isNotEqualTo(third.id());
            assertThat(KernelView.shmFiles("shmkit." + second.id())).hasSize(1);
            segment.putInt(0, 1);
            other.putInt(0, 1);
            other.close();
            third.end();
            assertThat(KernelView.shmFiles(third.id().text())).isEmpty();
            assertThat(KernelView.shmFiles(second.id().text())).hasSizeGreaterThan(1);
        }
    }

    /** So that the names above are those that a session really gives. */
    @Test
    void theForgedSessionIsLikeARealOne() throws Exception {
        try (Session real = Session.open();
                Segment segment = real.create(SegmentSpec.of(SegmentKind.POSIX_SHM));
                ForgedSession forged = ForgedSession.dead()) {
            assertThat(segment.size()).isEqualTo(4096);
            Made made = forged.owns(IpcKind.POSIX_SHM, RawName.of(twin().toString()));
            String[] theirs = Files.readString(forged.ledger()).split("\\s", -1);
            String[] ours = Files.readString(forged.dir().resolve(real.id() + ".1.jrnl"))
                    .split("\\s", -1);
            for (int field : List.of(
                    0,
                    ForgedSession.SCHEMA,
                    ForgedSession.BOOT_ID,
                    ForgedSession.SHM_DEVICE,
                    ForgedSession.IPC_NAMESPACE,
                    ForgedSession.PID_NAMESPACE,
                    8,
                    ForgedSession.EUID)) {
                assertThat(theirs[field]).as("field %d", field).isEqualTo(ours[field]);
            }
            assertDeleted(Cleaner.SWEEP, forged, made);
        }
    }

    /** For /proc it is a zombie then, without an environment. */
    @Test
    void aProcessWhoseMainThreadHasEndedStillNeedsWhatItMade(@TempDir Path folder) throws Exception {
        Path made = Path.of("/dev/shm/made-by-the-main-thread");
        Path pid = folder.resolve("pid");
        Programs.run("mkfifo", folder.resolve("input").toString());
        String program = "echo $$ > %s; exec 3> %s; echo data >&3; sleep 0.4; exec 3>&-; exec %s main-thread-ends"
                .formatted(pid, made, Holder.program());
        String command = "sh -c '%s' <> %s > %s & until grep -q ready %3$s; do sleep 0.05; done"
                .formatted(program, folder.resolve("input"), folder.resolve("output"));
        Files.createFile(folder.resolve("output"));
        try (RunningBuild build = RunningBuild.start(List.of(), command)) {
            long process = Long.parseLong(Files.readString(pid).trim());
            assertThatThrownBy(() -> Files.readString(Path.of("/proc", Long.toString(process), "environ")))
                    .as("the environment of the main thread")
                    .hasMessageContaining("No such process");

            assertThat(build.tell("sweep"))
                    .anyMatch(line -> line.startsWith("POSIX_SHM " + made) && line.contains("LIVE R6_NO_CARRIER"));
            assertThat(made).hasContent("data");

            ProcessHandle.of(process).orElseThrow().destroyForcibly();
            await().until(() -> ProcFs.startTime(process).isEmpty());
            Removal.run(SweepPolicy.standard());
            assertThat(made).as("the control: nobody needs it").doesNotExist();
        } finally {
            if (Files.exists(pid)) {
                ProcessHandle.of(Long.parseLong(Files.readString(pid).trim()))
                        .ifPresent(ProcessHandle::destroyForcibly);
            }
            Files.deleteIfExists(made);
        }
    }
}
