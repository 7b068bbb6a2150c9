package io.github.shmkit.internal.sweep.adversarial;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.shmkit.Segment;
import io.github.shmkit.SegmentAddress;
import io.github.shmkit.SegmentKind;
import io.github.shmkit.SegmentSpec;
import io.github.shmkit.ShmException;
import io.github.shmkit.internal.guard.Actuator;
import io.github.shmkit.internal.guard.Actuator.Outcome;
import io.github.shmkit.internal.helper.NativeHelpers;
import io.github.shmkit.internal.helper.Timeouts;
import io.github.shmkit.internal.ipc.IpcKind;
import io.github.shmkit.internal.os.FileStatus;
import io.github.shmkit.internal.os.Os;
import io.github.shmkit.internal.os.RawName;
import io.github.shmkit.internal.session.ForgedSession;
import io.github.shmkit.internal.session.ForgedSession.Made;
import io.github.shmkit.internal.session.Session;
import io.github.shmkit.internal.sweep.Declared;
import io.github.shmkit.internal.sweep.Removal;
import io.github.shmkit.internal.sweep.RunningBuild;
import io.github.shmkit.internal.sweep.SweepPolicy;
import io.github.shmkit.internal.sweep.SweepReport;
import io.github.shmkit.internal.sweep.Verdict.Decision;
import io.github.shmkit.internal.sweep.Verdict.Rule;
import io.github.shmkit.process.NativeHelper;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.parallel.Isolated;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Programs that have nothing to do with a build and make objects while it runs, before it, or under misleading signs. */
@Isolated
@ExtendWith(PrivateShm.class)
class BystanderProgramTests {
    private static final Path SHM = Path.of("/dev/shm");

    /** Where a whole build and its exclusive sweep meet nobody; what comes first is done before the build begins. */
    private static List<String> ownWorld(String before) {
        Programs.assumeUnshare("--ipc", "--mount");
        return List.of(
                "unshare",
                "--ipc",
                "--mount",
                "sh",
                "-c",
                "mount -t tmpfs -o mode=1777 tmpfs /dev/shm && { " + before + "; } && exec \"$@\"",
                "sh");
    }

    /** Makes a segment, and attaches it for the moment of each access only: so does Perl. */
    private static final String ATTACHES_FOR_EACH_ACCESS = "$id = shmget(0, 4096, 0x380); shmwrite($id, 'kept', 0, 4);"
            + "print \"ready $id\\n\"; <STDIN>; print shmread($id, $text, 0, 4) ? \"$text\\n\" : \"lost\\n\"; shmctl($id, 0, 0)";

    @Test
    void program01_aSegmentThatIsAttachedForEachAccessOnlyStays() throws Exception {
        try (RunningBuild build = RunningBuild.start(List.of(), "true");
                Holder program = Holder.startPerl(ATTACHES_FOR_EACH_ACCESS);
                Holder twin = Holder.startPerl(ATTACHES_FOR_EACH_ACCESS)) {
            assertThat(build.tell("sweep"))
                    .anyMatch(line -> line.startsWith("SYSV_SHM id " + program.number() + " ")
                            && line.contains("SUSPECT R4_EXCLUSIVE"));
            NaiveCleaners.byAttachCount(twin.number());
            assertThat(program.end()).isEqualTo("kept");
            assertThat(twin.end()).isEqualTo("lost");
        }
    }

    @Test
    void program01_program09_whatWasThereBeforeTheBuildStaysEvenWhereTheBuildIsAlone() throws Exception {
        String before = "ipcmk -M 4096 -S 2 -Q > /dev/null; echo warm > /dev/shm/cache; touch /dev/shm/data.mdb";
        try (RunningBuild build = RunningBuild.start(
                ownWorld(before),
                "ipcmk -M 8192 > /dev/null; echo new > /dev/shm/leak; touch -d '1 hour ago' /dev/shm/*")) {
            List<String> said = build.tell("exclusive");
            assertThat(said)
                    .as("the control: what came during the build goes")
                    .anyMatch(line -> line.startsWith("POSIX_SHM /dev/shm/leak") && line.endsWith("[removed]"))
                    .anyMatch(line -> line.startsWith("SYSV_SHM id ") && line.endsWith("[removed]"));
            assertThat(said).noneMatch(line -> line.contains("cache") || line.contains("data.mdb"));
            assertThat(said.stream().filter(line -> line.startsWith("SYSV_"))).hasSize(1);
        }
        Path twin = Files.writeString(SHM.resolve("cache"), "warm");
        NaiveCleaners.byMapsAndFds(twin);
        assertThat(twin).doesNotExist();
    }

    /** Its last operator is dead, its owner is not, and needs it. */
    private static final String REGISTRY =
            "$id = semget(0, 1, 0x380); fork or do { semop($id, pack('s3', 0, 2, 0)); exit };"
                    + "wait; print \"ready $id\\n\"; <STDIN>;"
                    + "print semop($id, pack('s3', 0, -1, 04000)) ? \"kept\\n\" : \"lost\\n\"; semctl($id, 0, 0, 0)";

    @Test
    void program06_aSemaphoreSetWhoseLastUserIsDeadStays() throws Exception {
        try (RunningBuild build = RunningBuild.start(List.of(), "true");
                Holder registry = Holder.startPerl(REGISTRY);
                Holder twin = Holder.startPerl(REGISTRY)) {
            assertThat(build.tell("sweep"))
                    .anyMatch(line -> line.startsWith("SYSV_SEM id " + registry.number() + " ")
                            && line.contains("SUSPECT R7_UNUSED"));
            NaiveCleaners.byLastOperator(twin.number());
            assertThat(registry.end()).isEqualTo("kept");
            assertThat(twin.end()).isEqualTo("lost");
        }
    }

    @Test
    void program11_aPidInANameProvesNothing() throws Exception {
        Path object = Files.write(SHM.resolve("pulse-shm-2147483647"), new byte[4096]);
        Path twin = Files.write(SHM.resolve("twin-2147483647"), new byte[4096]);
        SweepPolicy declared = SweepPolicy.standard()
                .withDeclared(List.of(new Declared("pulse-shm-*")))
                .withMinAge(Duration.ZERO);
        try (Holder user = Holder.start("shared-rw", object.toString());
                Holder twinsUser = Holder.start("shared-rw", twin.toString())) {
            Removal.run(declared);
            assertThat(object).exists();
            NaiveCleaners.byPidInName(twin);
            assertThat(twin).doesNotExist();
            assertThat(user.isAlive() && twinsUser.isAlive()).isTrue();
        }
        Removal.run(declared);
        assertThat(object).as("once nobody uses it").doesNotExist();
    }

    private static final int BULK = 1000;

    private static List<String> queues(List<String> told) {
        return told.stream().filter(line -> line.startsWith("SYSV_MSG id ")).toList();
    }

    @Test
    void program12_aThousandQueuesWithoutAPidStayUntilTheHostIsDeclaredExclusive() throws Exception {
        String stressor = "perl -e \"msgget(0, 0x380) // die for 1 .. " + BULK + "\"";
        try (RunningBuild build = RunningBuild.start(ownWorld("true"), stressor)) {
            assertThat(queues(build.tell("sweep")))
                    .as("the kernel does not say whose they are")
                    .hasSize(BULK)
                    .allMatch(line -> line.contains("SUSPECT R7_UNUSED"));
        }
        try (RunningBuild build = RunningBuild.start(ownWorld("true"), stressor)) {
            assertThat(queues(build.tell("exclusive")))
                    .as("new, and neither a sender nor a receiver nor a waiting process is recorded")
                    .hasSize(BULK)
                    .allMatch(line -> line.endsWith("[removed]"));
        }
        String naive = stressor + "; ipcrm $(awk 'NR > 1 && $6 == 0 { print \"-q \" $2 }' /proc/sysvipc/msg);"
                + "wc -l < /proc/sysvipc/msg";
        assertThat(Programs.run("unshare", "--ipc", "sh", "-c", naive).trim())
                .as("no pid, so nobody's: only the heading is left")
                .isEqualTo("1");
    }

    @Test
    void program16_theSweepLeavesTheKernelsOwnBroomAlone() throws Exception {
        Programs.assumeUnshare("--ipc");
        String setting = "/proc/sys/kernel/shm_rmid_forced";
        String count = "echo parked $(($(wc -l < /proc/sysvipc/shm) - 1)) of $(cat " + setting + ")";
        String output = Programs.java(
                List.of(
                        "unshare",
                        "--ipc",
                        "sh",
                        "-c",
                        "ipcmk -M 4096 > /dev/null; \"$@\"; " + count + "; echo 1 > " + setting + "; " + count,
                        "sh"),
                "leave",
                "sweep");
        assertThat(output.lines().filter(line -> line.startsWith("parked")))
                .as("what the parked segment of somebody else survives, and, the control, what not")
                .containsExactly("parked 1 of 0", "parked 0 of 1");
        assertThat(output.lines().filter(line -> line.endsWith("DELETED"))).hasSize(4);
    }

    private static final int RACES = 10;
    private static final int ATTEMPTS = 10;

    /** The long form, with a bound on what was not seen, is in it/torture. */
    @Test
    void case15_whoOpensAFileWhileItIsDeletedKeepsIt() throws Exception {
        List<Path> names = List.of(SHM.resolve("race1"), SHM.resolve("race2"), SHM.resolve("race3"));
        try (ForgedSession session = ForgedSession.dead()) {
            Holder opener = race(names);
            int refused = 0;
            for (int i = 0; i < RACES; i++) {
                Map<Path, FileStatus> files = create(names);
                while (!files.isEmpty()) {
                    refused += delete(session, files);
                }
            }
            assertThat(refused).as("deletes that an opener forbade").isPositive();
            assertThat(opener.end()).as("files lost by their opener").isEqualTo("0");
        }
        Holder opener = race(names);
        for (int i = 0; i < RACES; i++) {
            for (Path file : create(names).keySet()) {
                LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(1)); // it is there long enough to be found
                Files.delete(file);
            }
        }
        assertThat(Integer.parseInt(opener.end())).as("the control").isPositive();
    }

    private static Map<Path, FileStatus> create(List<Path> names) throws Exception {
        Map<Path, FileStatus> files = new LinkedHashMap<>();
        for (Path name : names) {
            Files.createFile(name);
            files.put(
                    name,
                    Os.lstatat(Os.AT_FDCWD, RawName.of(name.toString()).bytes()).orElseThrow());
        }
        return files;
    }

    private static Holder race(List<Path> files) throws Exception {
        List<String> arguments = new ArrayList<>(List.of("open-and-look"));
        files.forEach(file -> arguments.add(file.toString()));
        return Holder.start(arguments.toArray(String[]::new));
    }

    /** Tries each of them a few times in one go; how often one was in use. */
    private static int delete(ForgedSession session, Map<Path, FileStatus> files) {
        List<Path> paths = List.copyOf(files.keySet());
        List<String> plan = new ArrayList<>();
        for (int i = 0; i < paths.size() * ATTEMPTS; i++) {
            Path path = paths.get(i % paths.size());
            String name = path.getFileName().toString();
            FileStatus status = Objects.requireNonNull(files.get(path));
            plan.add("S " + i + " " + RawName.of(name).base64() + " " + status.device() + " " + status.inode() + " "
                    + status.btimeNanos() + " " + RawName.of("q.r." + name).base64() + " 1");
        }
        int[] refused = new int[1];
        Actuator.run(session.dir().toString(), plan, (index, result) -> {
            Path path = paths.get(index % paths.size());
            if (files.containsKey(path)) {
                assertThat(result.outcome()).isIn(Outcome.DELETED, Outcome.BUSY);
            } else {
                assertThat(result.outcome()).isEqualTo(Outcome.GONE);
            }
            if (result.outcome() == Outcome.DELETED) {
                files.remove(path);
            }
            refused[0] += result.outcome() == Outcome.BUSY ? 1 : 0;
        });
        return refused[0];
    }

    /** As logind does with RemoveIPC=yes at its user's last logout: everything, our own files in /dev/shm included. */
    @Test
    void case32_whenLogindRemovesOurObjectsTheErrorSaysSo() throws Exception {
        try (Session session = Session.open();
                Segment posix =
                        session.create(SegmentSpec.of(SegmentKind.POSIX_SHM).label("file"));
                Segment sysv =
                        session.create(SegmentSpec.of(SegmentKind.SYSV_SHM).label("segment"))) {
            NativeHelpers helpers = new NativeHelpers(session.supervisor(), new Timeouts(1));
            NativeHelper early = helpers.helper("early").attach(posix).start();
            NativeHelper late = helpers.helper("late").start();
            posix.putLong(0, 42);
            int id = ((SegmentAddress.BySysv) sysv.address()).shmid();
            Programs.run("find", SHM.toString(), "-mindepth", "1", "-delete");
            Kernel.removeSegment(id);

            assertThatThrownBy(() -> late.attach(posix))
                    .isInstanceOf(ShmException.class)
                    .hasMessageContaining("cannot attach segment 'file'")
                    .hasMessageContaining("ENOENT")
                    .hasMessageContaining("systemd-logind")
                    .hasMessageContaining("RemoveIPC=no");
            assertThat(early.getAndAddLong(0, 1)).as("who had it keeps it").isEqualTo(42);
            assertThat(posix.getLong(0)).isEqualTo(43);
        }
        assertThat(SHM).isEmptyDirectory();
    }

    /** As after a clock that was set forward a day, or back an hour: no namespace has a wall clock of its own. */
    @ParameterizedTest
    @EnumSource
    void case34_aClockThatWasSetDecidesNothing(Cleaner cleaner) throws Exception {
        for (Duration step : List.of(Duration.ofDays(-1), Duration.ofHours(1))) {
            FileTime stepped = FileTime.from(Instant.now().plus(step));
            Path twin = Files.createFile(SHM.resolve("twin"));
            Files.setLastModifiedTime(twin, stepped);
            try (ForgedSession dead = ForgedSession.dead();
                    ForgedSession live = ForgedSession.dead();
                    Holder owner = Holder.start("lock", live.lock().toString())) {
                Made leftover = dead.newShm();
                Made wanted = live.newShm();
                Files.setLastModifiedTime(leftover.file(), stepped);
                Files.setLastModifiedTime(wanted.file(), stepped);
                cleaner.clean(dead);
                assertThat(leftover.exists()).as("left by the dead, %s", step).isFalse();
                assertThat(wanted.exists() && owner.isAlive()).as("%s", step).isTrue();
                if (step.isNegative()) {
                    NaiveCleaners.byAge(twin, Duration.ofMinutes(10));
                    assertThat(twin).doesNotExist();
                } else {
                    assertDeclaredIsUnknown(twin);
                }
                owner.end();
                cleaner.clean(live);
            } finally {
                Files.deleteIfExists(twin);
            }
        }
    }

    private static void assertDeclaredIsUnknown(Path object) {
        SweepPolicy declared = SweepPolicy.standard()
                .withDeclared(List.of(new Declared(object.getFileName() + "*")))
                .withMinAge(Duration.ZERO);
        assertThat(Removal.run(declared).findings())
                .filteredOn(f -> f.object().address().equals(object.toString()))
                .singleElement()
                .satisfies(f -> assertThat(f.verdict().decision()).isEqualTo(Decision.UNKNOWN))
                .satisfies(f -> assertThat(f.verdict().rule()).isEqualTo(Rule.R8_QUIESCENT));
        assertThat(object).exists();
    }

    private static List<Path> temporarySemaphores() throws Exception {
        try (var files = Files.list(SHM)) {
            return files.filter(file -> file.getFileName().toString().matches("sem\\.[A-Za-z0-9]{6}"))
                    .toList();
        }
    }

    @Test
    void case36_theTemporaryFileOfACrashedSemOpenGoesByTheUsersWordOnly() throws Exception {
        try (Holder crashed = Holder.start("crash-in-sem-open", "/never-made");
                Holder user = Holder.start("semaphore", "/used-by-somebody")) {
            assertThat(temporarySemaphores()).hasSize(1);
            Path leaked = temporarySemaphores().get(0);

            SweepReport report = Removal.run(SweepPolicy.standard().withForeign(true));
            assertThat(report.findings())
                    .filteredOn(f -> f.object().address().equals(leaked.toString()))
                    .singleElement()
                    .satisfies(f -> assertThat(f.object().kind()).isEqualTo(IpcKind.POSIX_SEM))
                    .satisfies(f -> assertThat(f.verdict().decision()).isEqualTo(Decision.FOREIGN));
            assertThat(leaked).exists();

            Removal.run(SweepPolicy.standard()
                    .withDeclared(List.of(new Declared("sem.??????")))
                    .withMinAge(Duration.ZERO));
            assertThat(leaked).doesNotExist();
            assertThat(SHM.resolve("sem.used-by-somebody")).as("it is in use").exists();
            NaiveCleaners.byPrefix(SHM, "sem.");
            assertThat(SHM.resolve("sem.used-by-somebody")).doesNotExist();
            assertThat(crashed.isAlive() && user.isAlive()).isTrue();
        }
    }

    /** A container of the same pod shares /dev/shm and the IPC namespace, and neither sees the other's processes. */
    @Test
    void case37_whatASidecarParksIsSuspectAndStays() throws Exception {
        Programs.assumeUnshare("--pid", "--fork", "--mount-proc");
        List<String> sidecar = List.of("unshare", "--pid", "--fork", "--kill-child", "--mount-proc");
        Path parked = SHM.resolve("sidecars");
        try (RunningBuild build = RunningBuild.start(List.of(), "true");
                Holder segment = Holder.start(sidecar, Map.of(), "create-sysv", "shm", "0");
                Holder twin = Holder.start(sidecar, Map.of(), "create-sysv", "shm", "0");
                Holder maker = Holder.start(sidecar, Map.of(), "create-mapped", parked.toString())) {
            maker.end(); // it wants the file again later
            assertThat(build.tell("sweep"))
                    .anyMatch(line -> line.startsWith("SYSV_SHM id " + segment.number() + " ")
                            && line.contains("SUSPECT R4_EXCLUSIVE"))
                    .anyMatch(line -> line.startsWith("POSIX_SHM " + parked) && line.contains("SUSPECT R4_EXCLUSIVE"));
            assertThat(NaiveCleaners.segment(segment.number())).isPresent();
            assertThat(parked).exists();
            NaiveCleaners.byAttachCount(twin.number());
            assertThat(NaiveCleaners.segment(twin.number())).isEmpty();
            Kernel.removeSegment(segment.number());
        }
    }
}
