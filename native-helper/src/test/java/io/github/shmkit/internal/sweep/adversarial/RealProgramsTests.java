package io.github.shmkit.internal.sweep.adversarial;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.shmkit.internal.ipc.IpcKind;
import io.github.shmkit.internal.os.ProcFs;
import io.github.shmkit.internal.os.RawName;
import io.github.shmkit.internal.session.ForgedSession;
import io.github.shmkit.internal.session.ForgedSession.Made;
import io.github.shmkit.internal.sweep.Removal;
import io.github.shmkit.internal.sweep.SweepPolicy;
import io.github.shmkit.internal.sweep.SweepReport;
import io.github.shmkit.internal.sweep.Verdict.Decision;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Isolated;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What real programs do with shared memory, as far as a ledger may name it; the numbers are those of the survey. */
@Isolated
@ExtendWith(PrivateShm.class)
class RealProgramsTests {
    private static final Path SHM = Path.of("/dev/shm");

    @ParameterizedTest
    @EnumSource
    void program04_aNamedSemaphoreIsFoundByItsInodeNotByTheNameInMaps(Cleaner cleaner) throws Exception {
        try (ForgedSession session = ForgedSession.dead()) {
            Path path = SHM.resolve("sem." + session.id());
            Path twin = SHM.resolve("sem.twin-" + session.id());
            try (Holder user = Holder.start("semaphore", "/" + session.id());
                    Holder twinsUser = Holder.start("semaphore", "/twin-" + session.id())) {
                Made made = session.owns(IpcKind.POSIX_SEM, path);
                assertThat(Files.readString(Path.of("/proc/" + user.pid() + "/maps")))
                        .doesNotContain(path.toString());
                cleaner.clean(session);
                assertThat(made.exists()).isTrue();
                NaiveCleaners.byMaps(twin);
                assertThat(twin).doesNotExist();
                assertThat(twinsUser.isAlive()).isTrue();
                user.end();
            }
            cleaner.clean(session);
            assertThat(path).doesNotExist();
        }
    }

    @ParameterizedTest
    @EnumSource
    void program05_whatIsOpenAndNotMappedIsInUse(Cleaner cleaner) throws Exception {
        Path twin = Files.createFile(SHM.resolve("twin"));
        try (ForgedSession session = ForgedSession.dead()) {
            Made made = session.newShm();
            try (Holder opener = Holder.start("fd-ro", made.path().text());
                    Holder twinsOpener = Holder.start("fd-ro", twin.toString())) {
                cleaner.clean(session);
                assertThat(made.exists()).isTrue();
                NaiveCleaners.byMaps(twin);
                assertThat(twin).doesNotExist();
                assertThat(opener.isAlive() && twinsOpener.isAlive()).isTrue();
            }
            cleaner.clean(session);
            assertThat(made.exists()).isFalse();
        }
    }

    @Test
    void program08_directoriesSocketsAndDatabasesOfOthersStay(@TempDir Path folder) throws Exception {
        Path pool = Files.createDirectory(SHM.resolve("pool"));
        Path database = Files.writeString(SHM.resolve("cache.mdb"), "committed data");
        try (ForgedSession session = ForgedSession.dead();
                Holder server =
                        Holder.start("listen", SHM.resolve("server.sock").toString())) {
            Made made = session.newShm();
            SweepReport report = Removal.run(SweepPolicy.standard().withForeign(true));
            assertThat(report.findings())
                    .filteredOn(f -> f.object().address().equals(database.toString()))
                    .singleElement()
                    .satisfies(f -> assertThat(f.verdict().decision()).isEqualTo(Decision.FOREIGN));
            assertThat(made.exists()).isFalse();
            assertThat(pool).isEmptyDirectory();
            assertThat(database).hasContent("committed data");
            assertThat(SHM.resolve("server.sock")).exists();
            assertThat(server.isAlive()).isTrue();
            Path twin = Files.writeString(folder.resolve("cache.mdb"), "committed data");
            NaiveCleaners.byMapsAndFds(twin);
            assertThat(twin).doesNotExist();
        }
    }

    @ParameterizedTest
    @EnumSource
    void program10_aHelperThatIsAZombieCountsAsDead(Cleaner cleaner) throws Exception {
        try (ForgedSession session = ForgedSession.dead();
                Holder parent = Holder.start("zombie")) {
            Made made = session.newShm();
            String stat = Files.readString(Path.of("/proc/" + parent.number() + "/stat"));
            String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
            assertThat(fields[0]).isEqualTo("Z");
            session.process(parent.number(), Long.parseLong(fields[19]), ProcFs.namespace("pid"));
            if (cleaner == Cleaner.SWEEP) {
                assertThat(Removal.run(SweepPolicy.standard()).processes()).isZero();
            }
            cleaner.clean(session);
            assertThat(made.exists()).isFalse();
            assertThat(parent.isAlive()).isTrue();
        }
    }

    /** The queue file system need not be mounted where the cleaner looks: the reaper knows the name. */
    @Test
    void program13_aQueueStaysWhileItIsOpenAndGoesAfterwards(@TempDir Path folder) throws Exception {
        Path mounted = Files.createDirectory(folder.resolve("queues"));
        assumeTrue(
                Kernel.LIBC.mount("none", mounted.toString(), "mqueue", 0, null) == 0,
                "needs root in this IPC namespace, to mount its message queues");
        try (ForgedSession session = ForgedSession.dead()) {
            Path queue = mounted.resolve(session.id());
            Path twin = mounted.resolve("twin");
            try (Holder user = Holder.start("queue", "/" + session.id());
                    Holder twinsUser = Holder.start("queue", "/twin")) {
                var status = io.github.shmkit.internal.os.Os.lstatat(
                                io.github.shmkit.internal.os.Os.AT_FDCWD,
                                RawName.of(queue.toString()).bytes())
                        .orElseThrow();
                session.commit(session.intent(IpcKind.POSIX_MQ, RawName.of("/" + session.id()), 0), status);
                Cleaner.REAPER.clean(session);
                assertThat(queue).exists();
                NaiveCleaners.byName(twin);
                assertThat(twin).doesNotExist();
                assertThat(twinsUser.isAlive()).isTrue();
                user.end();
            }
            Cleaner.REAPER.clean(session);
            assertThat(queue).doesNotExist();
            assertThat(session.hasFiles()).isFalse();
        } finally {
            Kernel.LIBC.umount2(mounted.toString(), 0);
        }
    }

    /** So that the marks by which others know a file in use do not change: no truncation, no change of mode. */
    @ParameterizedTest
    @EnumSource
    void whatStaysIsNotEvenWrittenTo(Cleaner cleaner) throws Exception {
        try (ForgedSession session = ForgedSession.dead()) {
            Made made = session.newShm();
            Files.writeString(made.file(), "contents", StandardOpenOption.WRITE);
            List<Object> before = facts(made);
            try (Holder holder = Holder.start("shared-ro", made.path().text())) {
                cleaner.clean(session);
                assertThat(holder.isAlive()).isTrue();
            }
            assertThat(facts(made)).isEqualTo(before);
            NaiveCleaners.truncateThenUnlink(made.file());
            assertThat(made.exists()).isFalse();
        }
    }

    private static List<Object> facts(Made made) throws Exception {
        return List.of(
                Files.readString(made.file()),
                Files.getLastModifiedTime(made.file()),
                Files.getPosixFilePermissions(made.file()),
                Files.getAttribute(made.file(), "unix:ino"));
    }
}
