package io.github.shmkit.internal.sweep.adversarial;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.InstanceOfAssertFactories.STRING;

import io.github.shmkit.Segment;
import io.github.shmkit.SegmentKind;
import io.github.shmkit.SegmentSpec;
import io.github.shmkit.internal.ipc.IpcKind;
import io.github.shmkit.internal.os.RawName;
import io.github.shmkit.internal.session.ForgedSession;
import io.github.shmkit.internal.session.ForgedSession.Made;
import io.github.shmkit.internal.session.PrivateDir;
import io.github.shmkit.internal.session.Session;
import io.github.shmkit.internal.session.SessionId;
import io.github.shmkit.internal.session.SessionSecret;
import io.github.shmkit.internal.sweep.Removal;
import io.github.shmkit.internal.sweep.Survey;
import io.github.shmkit.internal.sweep.SweepPolicy;
import io.github.shmkit.internal.sweep.SweepReport;
import java.io.Closeable;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Faults that were found once, each with the situation that showed it. */
@ExtendWith(PrivateShm.class)
class RegressionTests {
    static final Path SHM = Path.of("/dev/shm");

    @Test
    void aSweepInAPidNamespaceDoesNotForgetASegmentWhoseCommitIsMissing() throws Exception {
        int key = new Random().nextInt() | 1;
        try (Holder creator = Holder.start("create-sysv", "shm", Integer.toHexString(key));
                ForgedSession session =
                        ForgedSession.withHeader(h -> h[ForgedSession.PID] = Long.toString(creator.pid()))) {
            session.intent(IpcKind.SYSV_SHM, key, 4096);
            creator.end();
            Programs.java(List.of("unshare", "--pid", "--fork", "--mount-proc"), "sweep");
            boolean there = NaiveCleaners.segment(creator.number()).isPresent();
            assertThat(!there || session.hasFiles()).as("gone, or still known").isTrue();
        }
    }

    @Test
    void kindsThatCannotBeListedAreNotForgotten(@TempDir Path folder) throws Exception {
        int id = Kernel.newSegment(Kernel.IPC_PRIVATE, 4096);
        try (ForgedSession session = ForgedSession.dead()) {
            session.ownsSysv(IpcKind.SYSV_SHM, id);
            Kernel.check("mount", Kernel.LIBC.mount("none", "/proc/sysvipc", "tmpfs", 0, null));
            try {
                Removal.run(SweepPolicy.standard());
            } finally {
                Kernel.LIBC.umount2("/proc/sysvipc", 0);
            }
            assertThat(NaiveCleaners.segment(id).isEmpty() || session.hasFiles())
                    .as("gone, or still known")
                    .isTrue();
        } finally {
            if (NaiveCleaners.segment(id).isPresent()) {
                Kernel.removeSegment(id);
            }
        }
    }

    @Test
    void aQueueIsNotForgottenWhereNoneCanBeListed(@TempDir Path folder) throws Exception {
        Path mounted = Files.createDirectory(folder.resolve("queues"));
        Kernel.check("mount", Kernel.LIBC.mount("none", mounted.toString(), "mqueue", 0, null));
        try (ForgedSession session = ForgedSession.dead();
                Holder user = Holder.start("queue", "/" + session.id())) {
            user.end();
            session.intent(IpcKind.POSIX_MQ, RawName.of("/" + session.id()), 0);
            Removal.run(SweepPolicy.standard());
            boolean there = Files.deleteIfExists(mounted.resolve(session.id()));
            assertThat(!there || session.hasFiles()).as("gone, or still known").isTrue();
        } finally {
            Kernel.LIBC.umount2(mounted.toString(), 0);
        }
    }

    @Test
    void aPrivateDirectoryThatAnotherCleanerJustRemovedIsEmpty() throws Exception {
        try (PrivateDir dir = PrivateDir.openOrCreate(SessionId.random())) {
            Files.delete(Path.of(dir.path()));
            assertThatCode(dir::stems).doesNotThrowAnyException();
        }
    }

    /** In another directory its forks would be numbered from 1 again, and two of them give the same names. */
    @Test
    void aPrivateDirectoryThatJustWentWithAnotherSessionIsMadeAgainUnderItsName() throws Exception {
        Path usual = SHM.resolve(".shmkit-" + Session.uid());
        AtomicBoolean done = new AtomicBoolean();
        FutureTask<Integer> others = new FutureTask<>(() -> {
            int removed = 0;
            while (!done.get()) {
                removed += usual.toFile().delete() ? 1 : 0;
            }
            return removed;
        });
        new Thread(others).start();
        for (int i = 0; i < 5000; i++) {
            try (PrivateDir dir = PrivateDir.openOrCreate(SessionId.random())) {
                assertThat(dir.path()).isEqualTo(usual.toString());
            }
        }
        done.set(true);
        assertThat(others.get()).as("ends of other sessions").isPositive();
    }

    @Test
    void aFullShmDoesNotEndTheLedgerAfterItsFirst64KiB() throws Throwable {
        PrivateShm.with("1m", () -> {
            Path filler = SHM.resolve("filler");
            try (Session session = Session.open()) {
                try (var out = Files.newOutputStream(filler)) {
                    while (true) out.write(new byte[4096]);
                } catch (java.io.IOException full) {
                    // meant to
                }
                for (int i = 0; i < 2000; i++) {
                    session.create(SegmentSpec.of(SegmentKind.SYSV_SHM)).close();
                }
            } finally {
                Files.deleteIfExists(filler);
            }
            return true;
        });
    }

    @Test
    void closingASegmentAfterItsSessionDoesNotWriteIntoAnotherFile(@TempDir Path folder) throws Exception {
        Session session = Session.open();
        Segment segment = session.create(SegmentSpec.of(SegmentKind.SYSV_SHM));
        session.end();
        List<Closeable> open = new ArrayList<>();
        List<Path> files = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            Path file = folder.resolve("data" + i);
            open.add(Files.newOutputStream(file));
            files.add(file);
        }
        segment.close();
        for (Closeable file : open) {
            file.close();
        }
        assertThat(files).allMatch(f -> f.toFile().length() == 0);
    }

    @Test
    void aReadOnlyShmIsANoteNotAnException() throws Exception {
        String out = Programs.java(
                List.of("unshare", "--mount", "--ipc", "sh", "-c", "mount -t tmpfs none /dev/shm && exec \"$@\"", "sh"),
                "leave",
                "read-only",
                "sweep",
                "create=POSIX_SHM");
        assertThat(out).contains("swept 0");
        assertThat(out.lines().filter(line -> line.startsWith("finding /dev/shm/shmkit.")))
                .singleElement(STRING)
                .as("nothing can be renamed there, so nobody can tell")
                .endsWith("DELETE R7_UNUSED UNKNOWN");
        assertThat(out.lines().filter(line -> line.startsWith("refused")))
                .singleElement(STRING)
                .contains("cannot begin a session in /dev/shm/.shmkit-", "EROFS", "/dev/shm must be writable");
    }

    @Test
    void anOddEntryInOurDirectoryDoesNotEndTheSweep() throws Exception {
        try (ForgedSession session = ForgedSession.dead()) {
            Made made = session.newShm();
            Path odd = Files.createDirectory(session.dir().resolve(SessionId.random() + ".1.lock"));
            try {
                assertThatCode(() -> Removal.run(SweepPolicy.standard())).doesNotThrowAnyException();
                assertThat(made.exists()).isFalse();
            } finally {
                Files.delete(odd);
            }
        }
    }

    @Test
    void whatIsPutBackFromQuarantineIsNotForgotten() throws Exception {
        try (ForgedSession session = ForgedSession.dead()) {
            Made made = session.newShm();
            Path held = session.dir().resolve(session.quarantineName(1));
            Files.move(made.file(), held);
            try (Holder user = Holder.start("shared-rw", held.toString())) {
                Removal.run(SweepPolicy.standard());
                assertThat(user.isAlive() && made.exists()).as("put back").isTrue();
                assertThat(session.hasFiles()).as("still known").isTrue();
            }
        }
    }

    @Test
    void aFileBehindALinkIsNotCalledGone(@TempDir Path folder) throws Exception {
        try (ForgedSession session = ForgedSession.dead()) {
            Path before = Files.createDirectory(folder.resolve("before"));
            Made file = session.newMappedFile(before);
            Files.move(before, folder.resolve("after"));
            Files.createSymbolicLink(before, folder.resolve("after"));
            SweepReport report = Removal.run(SweepPolicy.standard());
            assertThat(Files.exists(file.file())).isTrue();
            assertThat(report.removed()).isEmpty();
            assertThat(session.hasFiles()).isTrue();
        }
    }

    @Test
    void aPathThatLeadsNowhereDoesNotEndTheSweep(@TempDir Path folder) throws Exception {
        try (ForgedSession broken = ForgedSession.dead();
                ForgedSession session = ForgedSession.dead()) {
            Made made = session.newShm();
            Path plain = Files.createFile(folder.resolve("plain"));
            broken.intent(IpcKind.MMAP_FILE, RawName.of(plain + "/child"), 4096);
            assertThatCode(() -> Removal.run(SweepPolicy.standard())).doesNotThrowAnyException();
            assertThat(made.exists()).isFalse();
        }
    }

    @Test
    void aBusyBuildBesideUsDoesNotKeepTheSweepFromEnding() throws Exception {
        ProcessBuilder busy = new ProcessBuilder(
                "sh",
                "-c",
                "for i in 1 2 3 4 5 6 7 8; do (while kill -0 $$ 2>/dev/null; do sleep 0.05; done) & done; wait");
        busy.environment().put(SessionSecret.VARIABLE, SessionSecret.random().text());
        Process other = busy.start();
        try (ForgedSession session = ForgedSession.dead()) {
            Made made = session.newShm();
            FutureTask<SweepReport> sweep = new FutureTask<>(() -> Removal.run(SweepPolicy.standard()));
            Thread t = new Thread(sweep);
            t.setDaemon(true);
            t.start();
            try {
                sweep.get(4, TimeUnit.SECONDS);
            } finally {
                other.destroyForcibly().waitFor();
                sweep.get(20, TimeUnit.SECONDS);
            }
            assertThat(made.exists()).isFalse();
        }
    }

    @Test
    void onlyFoldersOfOursAreRemoved(@TempDir Path folder) throws Exception {
        Path users = Files.createDirectory(folder.resolve("users-folder"));
        Path file = Files.createFile(users.resolve("f"));
        try (ForgedSession session = ForgedSession.dead()) {
            session.owns(IpcKind.MMAP_FILE, file);
            Cleaner.SWEEP.clean(session);
            assertThat(file).doesNotExist();
            assertThat(users).exists();
        }
    }

    @Test
    void aDryRunSeesCarriersToo() throws Exception {
        try (ForgedSession session = ForgedSession.dead()) {
            session.newShm();
            try (Holder daemon = Holder.start(List.of(), Map.of(SessionSecret.VARIABLE, session.secret()), "nothing")) {
                assertThat(Survey.report(SweepPolicy.standard())
                                .findings()
                                .get(0)
                                .verdict()
                                .decision())
                        .isEqualTo(Removal.run(SweepPolicy.standard())
                                .findings()
                                .get(0)
                                .verdict()
                                .decision());
                assertThat(daemon.isAlive()).isTrue();
            }
        }
    }

    @Test
    void aPidNamespaceWithTheProcOfAnotherOne() throws Exception {
        try (ForgedSession session = ForgedSession.dead()) {
            Made made = session.newShm();
            String out = Programs.java(List.of("unshare", "--pid", "--fork"), "sweep", "create=POSIX_SHM");
            assertThat(made.exists()).isFalse();
            assertThat(out).contains("created");
        }
    }

    /** B15: a size that differs from what the ledger says. */
    @Test
    void sizeOfACommittedSegmentIsCompared() throws Exception {
        int key = new Random().nextInt() | 1;
        int id = Kernel.newSegment(key, 8192);
        try (ForgedSession session = ForgedSession.dead()) {
            session.record(String.format("I 1 SYSV_SHM %08x 4096", key));
            session.record(String.format("C 1 V %d 1 0", id));
            Cleaner.REAPER.clean(session);
            assertThat(NaiveCleaners.segment(id)).as("reaper").isPresent();
            Cleaner.SWEEP.clean(session);
            assertThat(NaiveCleaners.segment(id)).as("sweep").isPresent();
        } finally {
            Kernel.removeSegment(id);
        }
    }

    /** B16: shm_open("sem.x") is POSIX_SHM to its maker. */
    @Test
    void aSharedMemoryObjectWhoseNameBeginsLikeASemaphoresIsNotForgotten() throws Exception {
        try (ForgedSession session = ForgedSession.dead()) {
            Made made = session.owns(IpcKind.POSIX_SHM, Kernel.createFile(RawName.of("/dev/shm/sem.x")));
            Cleaner.SWEEP.clean(session);
            assertThat(!made.exists() || session.hasFiles()).isTrue();
        }
    }

    /** B17: POSIX_SHM file of another user's directory etc: kept object whose INTENT alone is there and euid. */
    @Test
    void ledgerThatIsNotReadable() throws Exception {
        try (ForgedSession session = ForgedSession.dead();
                ForgedSession other = ForgedSession.dead()) {
            Made made = session.newShm();
            Files.delete(other.ledger());
            Files.createDirectory(other.ledger());
            try {
                SweepReport report = Removal.run(SweepPolicy.standard());
                assertThat(made.exists()).isFalse();
                assertThat(report.notes())
                        .singleElement(STRING)
                        .contains("the ledger of session " + other.stem(), "is void: it is no regular file");
                assertThat(other.lock()).exists();
            } finally {
                Files.delete(other.ledger());
            }
        }
    }
}
