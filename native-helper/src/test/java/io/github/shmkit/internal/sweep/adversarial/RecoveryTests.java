package io.github.shmkit.internal.sweep.adversarial;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.shmkit.internal.guard.Actuator;
import io.github.shmkit.internal.guard.Actuator.Outcome;
import io.github.shmkit.internal.ipc.IpcKind;
import io.github.shmkit.internal.os.FileStatus;
import io.github.shmkit.internal.os.Os;
import io.github.shmkit.internal.os.RawName;
import io.github.shmkit.internal.session.ForgedSession;
import io.github.shmkit.internal.session.ForgedSession.Made;
import io.github.shmkit.internal.sweep.Removal;
import io.github.shmkit.internal.sweep.SweepPolicy;
import io.github.shmkit.internal.sweep.SweepReport;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Isolated;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Creators and cleaners that die half-way, cleaners that meet, and ledgers that cannot be believed. */
@Isolated
@ExtendWith(PrivateShm.class)
class RecoveryTests {
    private static final Path SHM = Path.of("/dev/shm");

    private static List<String> names(Path folder, String part) {
        try (var entries = Files.list(folder)) {
            return entries.map(p -> p.getFileName().toString())
                    .filter(name -> name.contains(part))
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void assertNothingLeft(ForgedSession session) {
        assertThat(names(SHM, session.id())).isEmpty();
        assertThat(Files.exists(session.dir()) ? names(session.dir(), session.id()) : List.of())
                .isEmpty();
    }

    /** On a thread that has this one's /dev/shm. */
    private static <T> FutureTask<T> start(Callable<T> action) {
        FutureTask<T> task = new FutureTask<>(action);
        new Thread(task).start();
        return task;
    }

    // --- 7, 8: cleaners ---

    @Test
    void case07_ofCleanersThatMeetOneDeletesEachObjectAndNoneFails() throws Exception {
        try (ForgedSession session = ForgedSession.dead()) {
            for (int i = 0; i < 50; i++) {
                session.newShm();
            }
            List<FutureTask<SweepReport>> sweeps = new ArrayList<>();
            for (int i = 0; i < 3; i++) {
                sweeps.add(start(() -> Removal.run(SweepPolicy.standard())));
            }
            Process reaper = Cleaner.startReaper(Cleaner.program(), List.of(), session);
            long deleted = 0;
            for (FutureTask<SweepReport> sweep : sweeps) {
                deleted += sweep.get().findings().stream()
                        .filter(f -> f.result()
                                .map(r -> r.outcome() == Outcome.DELETED)
                                .orElse(false))
                        .count();
            }
            reaper.waitFor(); // it may have come too late to find its ledger
            assertThat(deleted).isLessThanOrEqualTo(50);
            Removal.run(SweepPolicy.standard());
            assertNothingLeft(session);
        }
    }

    @ParameterizedTest
    @EnumSource
    void case08_whatAKilledCleanerHadInQuarantineIsRemoved(Cleaner cleaner, @TempDir Path folder) throws Exception {
        try (ForgedSession session = ForgedSession.dead()) {
            Made shm = session.newShm();
            Path held = session.dir().resolve(session.quarantineName(session.lastSequence()));
            Files.move(shm.file(), held);
            Made file = session.newMappedFile(folder);
            Path heldFile = file.file().resolveSibling(session.quarantineName(session.lastSequence()));
            Files.move(file.file(), heldFile);

            cleaner.clean(session);

            assertThat(held).doesNotExist();
            assertThat(heldFile).doesNotExist();
            assertNothingLeft(session);
        }
    }

    /** Another's object that has come to the name meanwhile is none of the cleaner's business. */
    @ParameterizedTest
    @EnumSource
    void case08_recoveryDoesNotTouchWhoTookTheNameMeanwhile(Cleaner cleaner) throws Exception {
        try (ForgedSession session = ForgedSession.dead()) {
            Made shm = session.newShm();
            Path held = session.dir().resolve(session.quarantineName(session.lastSequence()));
            Files.move(shm.file(), held);
            Files.writeString(shm.file(), "somebody else's", StandardOpenOption.CREATE_NEW);

            cleaner.clean(session);

            assertThat(held).doesNotExist();
            assertThat(shm.file()).hasContent("somebody else's");
        }
    }

    @Test
    void case08_aCleanerThatIsReallyKilledLeavesNothingForGood() throws Exception {
        int interrupted = 0;
        for (int round = 0; round < 20 && interrupted < 2; round++) {
            try (ForgedSession session = ForgedSession.dead()) {
                Made first = session.newShm();
                for (int i = 1; i < 1000; i++) {
                    session.newShm();
                }
                Process reaper = Cleaner.startReaper(Cleaner.program(), List.of(), session);
                while (reaper.isAlive() && first.exists()) {
                    Thread.onSpinWait();
                }
                reaper.destroyForcibly().waitFor();
                interrupted += names(SHM, session.id()).isEmpty() ? 0 : 1;
                Removal.run(SweepPolicy.standard());
                assertNothingLeft(session);
            }
        }
        assertThat(interrupted).as("kills that came in the middle").isPositive();
    }

    // --- 9: creators ---

    @ParameterizedTest
    @EnumSource
    void case09_anIntentWithoutItsObjectIsNoError(Cleaner cleaner, @TempDir Path folder) throws Exception {
        try (ForgedSession session = ForgedSession.dead()) {
            session.intent(IpcKind.POSIX_SHM, RawName.of(session.nextName().toString()), 4096);
            session.intent(IpcKind.MMAP_FILE, RawName.of(folder + "/shmkit-files/none"), 4096);
            session.intent(
                    IpcKind.SYSV_SHM, 0x5eed0001 + (int) ProcessHandle.current().pid(), 4096);
            cleaner.clean(session);
            assertNothingLeft(session);
        }
    }

    @ParameterizedTest
    @EnumSource
    void case09_anObjectWhoseCommitIsMissingIsRecovered(Cleaner cleaner, @TempDir Path folder) throws Exception {
        int key = new Random().nextInt() | 1;
        try (Holder creator = Holder.start("create-sysv", "shm", Integer.toHexString(key));
                Holder stranger = Holder.start("create-sysv", "shm", Integer.toHexString(key + 1));
                ForgedSession session =
                        ForgedSession.withHeader(h -> h[ForgedSession.PID] = Long.toString(creator.pid()))) {
            Path shm = Files.createFile(session.nextName()); // killed before it got its size
            session.intent(IpcKind.POSIX_SHM, RawName.of(shm.toString()), 4096);
            Path file = Files.createDirectory(folder.resolve("shmkit-files")).resolve("mapped");
            Files.write(file, new byte[4096]);
            session.intent(IpcKind.MMAP_FILE, RawName.of(file.toString()), 4096);
            session.intent(IpcKind.SYSV_SHM, key, 4096);
            session.intent(IpcKind.SYSV_SHM, key + 1, 4096);
            try {
                creator.end();
                cleaner.clean(session);

                assertThat(shm).doesNotExist();
                assertThat(file).doesNotExist();
                assertThat(NaiveCleaners.segment(creator.number())).isEmpty();
                assertThat(NaiveCleaners.segment(stranger.number()))
                        .as("a segment of another creator had that key already")
                        .isPresent();
                NaiveCleaners.byKey(key + 1);
                assertThat(NaiveCleaners.segment(stranger.number())).isEmpty();
            } finally {
                Kernel.removeSegment(creator.number());
                Kernel.removeSegment(stranger.number());
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void case09_aSetOrQueueWhoseCommitIsMissingIsRecovered(Cleaner cleaner) throws Exception {
        int key = new Random().nextInt() | 1;
        try (ForgedSession session = ForgedSession.dead()) {
            session.intent(IpcKind.SYSV_SEM, key, 2);
            int set = Kernel.newSemaphores(key, 2);
            session.intent(IpcKind.SYSV_MSG, key, 0);
            int queue = Kernel.newQueue(key);

            cleaner.clean(session);

            assertThat(Kernel.exists(IpcKind.SYSV_SEM, set)).isFalse();
            assertThat(Kernel.exists(IpcKind.SYSV_MSG, queue)).isFalse();
            assertNothingLeft(session);
        }
    }

    /** Somebody else had the key already, so that the creation failed; or has used what he made since. */
    @ParameterizedTest
    @EnumSource
    void case09_aSetOrQueueThatCanBeSomebodyElsesStays(Cleaner cleaner) throws Exception {
        int key = new Random().nextInt() | 1;
        long now = System.currentTimeMillis() / 1000;
        int[] sets = {Kernel.newSemaphores(key, 2), Kernel.newSemaphores(key + 1, 2), Kernel.newSemaphores(key + 2, 2)};
        int[] queues = {Kernel.newQueue(key), Kernel.newQueue(key + 1)};
        try (ForgedSession session = ForgedSession.dead()) {
            session.intent(IpcKind.SYSV_SEM, key, 2, now + 3); // older
            session.intent(IpcKind.SYSV_MSG, key, 0, now + 3);
            session.intent(IpcKind.SYSV_SEM, key + 1, 2, now); // used
            Kernel.give(sets[1]);
            session.intent(IpcKind.SYSV_MSG, key + 1, 0, now);
            Kernel.sendAndReceive(queues[1]);
            session.intent(IpcKind.SYSV_SEM, key + 2, 1, now); // of another size

            cleaner.clean(session);

            for (int set : sets) {
                assertThat(Kernel.exists(IpcKind.SYSV_SEM, set)).isTrue();
            }
            for (int queue : queues) {
                assertThat(Kernel.exists(IpcKind.SYSV_MSG, queue)).isTrue();
            }
            assertThat(session.hasFiles()).as("still known").isTrue();
        } finally {
            for (int set : sets) {
                Kernel.removeSemaphores(set);
            }
            for (int queue : queues) {
                Kernel.removeQueue(queue);
            }
        }
    }

    // --- 19: what is gone already ---

    @ParameterizedTest
    @EnumSource
    void case19_objectsThatAreGoneAlreadyAreSuccess(Cleaner cleaner, @TempDir Path folder) throws Exception {
        try (ForgedSession session = ForgedSession.dead()) {
            Files.delete(session.newShm().file());
            Files.delete(session.newMappedFile(folder).file());
            int segment = Kernel.newSegment(Kernel.IPC_PRIVATE, 4096);
            session.ownsSysv(IpcKind.SYSV_SHM, segment);
            Kernel.removeSegment(segment);
            int semaphores = Kernel.newSemaphores(Kernel.IPC_PRIVATE, 2);
            session.ownsSysv(IpcKind.SYSV_SEM, semaphores);
            Kernel.removeSemaphores(semaphores);
            int queue = Kernel.newQueue(Kernel.IPC_PRIVATE);
            session.ownsSysv(IpcKind.SYSV_MSG, queue);
            Kernel.removeQueue(queue);

            cleaner.clean(session);
            assertNothingLeft(session);
        }
    }

    @Test
    void case19_eachStepOfTheActuatorTakesGoneForSuccess() throws Exception {
        try (ForgedSession session = ForgedSession.dead()) {
            String none = RawName.of("none").base64();
            int segment = Kernel.newSegment(Kernel.IPC_PRIVATE, 4096);
            Kernel.removeSegment(segment);
            Map<Integer, Outcome> outcomes = new TreeMap<>();
            Actuator.run(
                    session.dir().toString(),
                    List.of(
                            "S 0 " + none + " 1 2 3 " + none + " 0",
                            "F 1 " + RawName.of("/none").base64() + " " + none + " 1 2 3 " + none + " 0",
                            "F 2 " + RawName.of("/tmp").base64() + " "
                                    + RawName.of(session.id()).base64() + " 1 2 3 "
                                    + RawName.of("q." + session.id()).base64() + " 0",
                            "V 3 SYSV_SHM " + segment + " 00000000 0 0 4096 0 1",
                            "V 4 SYSV_SEM 2147483647 00000000 0 0 1 0 0",
                            "V 5 SYSV_MSG 2147483647 00000000 0 0 0 0 0",
                            "Q 6 " + RawName.of("/" + session.id()).base64() + " 1 2 3",
                            "P 7 " + Integer.MAX_VALUE + " 1"),
                    (index, result) -> outcomes.put(index, result.outcome()));
            assertThat(outcomes.values()).hasSize(8).containsOnly(Outcome.GONE);
        }
    }

    @ParameterizedTest
    @EnumSource
    void case19_objectsThatVanishWhileTheyAreLookedAtAreSuccess(Cleaner cleaner) throws Exception {
        try (ForgedSession session = ForgedSession.dead()) {
            List<Made> made = new ArrayList<>();
            for (int i = 0; i < 300; i++) {
                made.add(session.newShm());
            }
            CountDownLatch begun = new CountDownLatch(1);
            FutureTask<Integer> other = start(() -> {
                int deleted = 0;
                for (int i = made.size() - 1; i >= 0; i--) {
                    deleted += Kernel.unlink(made.get(i).path()) ? 1 : 0;
                    begun.countDown();
                }
                return deleted;
            });
            begun.await();
            cleaner.clean(session);
            assertThat(other.get()).isPositive();
            assertThat(names(SHM, session.id())).isEmpty();
            cleaner.clean(session.hasFiles() ? session : ForgedSession.dead());
            assertNothingLeft(session);
        }
    }

    // --- 28: ledgers ---

    /** A session with one object whose ledger is then changed; nothing of it may be deleted. */
    private record Doubtful(String what, ForgedSession session, Made made) {
        static Doubtful of(String what, Consumer<String[]> header) throws IOException {
            ForgedSession session = ForgedSession.withHeader(header);
            return new Doubtful(what, session, session.newShm());
        }
    }

    @Test
    void case28_ledgersOfAnotherWorldProveNothing() throws Exception {
        Map<String, Doubtful> doubtful = new TreeMap<>();
        for (Doubtful d : List.of(
                Doubtful.of("another boot", h -> h[ForgedSession.BOOT_ID] = "00000000-0000-0000-0000-000000000000"),
                Doubtful.of("another /dev/shm", h -> h[ForgedSession.SHM_DEVICE] += "0"),
                Doubtful.of("another user", h -> h[ForgedSession.EUID] = "4711"),
                Doubtful.of("schema", h -> h[ForgedSession.SCHEMA] = "2"))) {
            doubtful.put(d.what, d);
        }
        Doubtful grown = Doubtful.of("malformed", h -> {});
        grown.session.record("I 2 SOMETHING_NEW bmV3 4096");
        doubtful.put("malformed", grown);

        SweepReport report = Removal.run(SweepPolicy.standard());

        for (Doubtful d : doubtful.values()) {
            assertThat(report.notes()).anyMatch(n -> n.contains(d.session.id()) && n.contains(d.what));
            Cleaner.REAPER.clean(d.session);
            assertThat(d.made.exists()).as(d.what).isTrue();
            assertThat(d.session.hasFiles()).as(d.what).isTrue();
        }
        Path twin = doubtful.get("another boot").made.file();
        NaiveCleaners.byName(twin);
        assertThat(twin).doesNotExist();
    }

    /** Header, then INTENT and COMMIT of three objects, of which the last was released and its name taken by others. */
    private record Cut(ForgedSession session, List<Made> made, int wholeLines) {
        static Cut at(int boundary, Random random) throws IOException {
            ForgedSession session = ForgedSession.dead();
            List<Made> made = List.of(session.newShm(), session.newShm(), session.newShm());
            Files.delete(made.get(2).file());
            session.release(3);
            Files.createFile(made.get(2).file());
            byte[] ledger = Files.readAllBytes(session.ledger());
            byte[] rest = Arrays.copyOf(
                    ledger, boundary < LEDGER_LINES + 1 ? lines(ledger, boundary) : random.nextInt(ledger.length));
            Files.write(session.ledger(), rest);
            int whole = 0;
            for (byte b : rest) {
                whole += b == '\n' ? 1 : 0;
            }
            return new Cut(session, made, whole);
        }

        private static int lines(byte[] ledger, int count) {
            int at = 0;
            for (int found = 0; found < count; at++) {
                found += ledger[at] == '\n' ? 1 : 0;
            }
            return at;
        }
    }

    private static final int LEDGER_LINES = 8;

    @ParameterizedTest
    @EnumSource
    void case28_whereverALedgerIsCutNothingIsDeletedButWhatItStillNames(Cleaner cleaner) throws Exception {
        Path bystander = Files.createFile(SHM.resolve("bystander"));
        Random random = new Random(28);
        List<Cut> cuts = new ArrayList<>();
        for (int i = 0; i < LEDGER_LINES + 1 + 50; i++) {
            cuts.add(Cut.at(i, random));
        }
        for (Cut cut : cleaner == Cleaner.SWEEP ? cuts.subList(0, 1) : cuts) {
            cleaner.clean(cut.session);
        }
        for (Cut cut : cuts) {
            int whole = cut.wholeLines;
            assertThat(cut.made.get(0).exists()).as("%d lines", whole).isEqualTo(whole < 2);
            assertThat(cut.made.get(1).exists()).as("%d lines", whole).isEqualTo(whole < 4);
            // With the INTENT alone the random name has to do; with the COMMIT it is seen to be another's.
            assertThat(cut.made.get(2).exists()).as("%d lines", whole).isEqualTo(whole != 6);
            assertThat(whole > 0 || cut.session.hasFiles()).isTrue();
        }
        assertThat(bystander).exists();
    }

    /** One flipped bit anywhere but in the last record, which a kill may have torn, voids a ledger. */
    @ParameterizedTest
    @EnumSource
    void case28_oneFlippedBitAnywhereMeansThatNothingIsDeleted(Cleaner cleaner) throws Exception {
        List<ForgedSession> sessions = new ArrayList<>();
        List<Made> objects = new ArrayList<>();
        Random random = new Random(29);
        int count = cleaner == Cleaner.SWEEP ? 200 : 40;
        for (int i = 0; i < count; i++) {
            ForgedSession session = ForgedSession.dead();
            objects.add(session.newShm());
            byte[] ledger = Files.readAllBytes(session.ledger());
            session.release(4711);
            byte[] damaged = Files.readAllBytes(session.ledger());
            int at = random.nextInt(ledger.length);
            // Not the bit that makes a letter a capital: in a check sum it changes nothing.
            damaged[at] ^= (byte) (1 << (Character.isLetter(damaged[at]) ? random.nextInt(5) : random.nextInt(8)));
            Files.write(session.ledger(), damaged);
            sessions.add(session);
        }
        for (ForgedSession session : cleaner == Cleaner.SWEEP ? sessions.subList(0, 1) : sessions) {
            cleaner.clean(session);
        }
        assertThat(objects).allMatch(Made::exists);
        assertThat(sessions).allMatch(ForgedSession::hasFiles);
    }

    /** So that the test above shows what a whole ledger of the same form would bring about. */
    @ParameterizedTest
    @EnumSource
    void case28_theSameLedgerUndamagedIsBelieved(Cleaner cleaner) throws Exception {
        try (ForgedSession session = ForgedSession.dead()) {
            Made made = session.newShm();
            session.release(4711);
            cleaner.clean(session);
            assertThat(made.exists()).isFalse();
            assertNothingLeft(session);
        }
    }

    /** What a file of ours has become since, by every part of its identity. */
    @Test
    void case14_theActuatorComparesEveryPartOfAnIdentity() throws Exception {
        try (ForgedSession session = ForgedSession.dead()) {
            Path object = Files.createFile(SHM.resolve("object"));
            FileStatus s = Os.lstatat(Os.AT_FDCWD, object.toString().getBytes(java.nio.charset.StandardCharsets.UTF_8))
                    .orElseThrow();
            String name = RawName.of("object").base64();
            String hold = " " + RawName.of("q." + session.stem() + ".1").base64() + " 0";
            Map<Integer, Outcome> outcomes = new TreeMap<>();
            List<String> plan = new ArrayList<>();
            long[][] others = {
                {s.device() + 1, s.inode(), s.btimeNanos()},
                {s.device(), s.inode() + 1, s.btimeNanos()},
                {s.device(), s.inode(), s.btimeNanos() + 1}
            };
            for (int i = 0; i < others.length; i++) {
                plan.add("S " + i + " " + name + " " + others[i][0] + " " + others[i][1] + " " + others[i][2] + hold);
            }
            Actuator.run(session.dir().toString(), plan, (i, result) -> outcomes.put(i, result.outcome()));
            assertThat(outcomes.values()).hasSize(3).containsOnly(Outcome.CHANGED);
            assertThat(object).exists();

            Actuator.run(
                    session.dir().toString(),
                    List.of("S 3 " + name + " " + s.device() + " " + s.inode() + " " + s.btimeNanos() + hold),
                    (i, result) -> outcomes.put(i, result.outcome()));
            assertThat(outcomes).containsEntry(3, Outcome.DELETED);
            assertThat(object).doesNotExist();
        }
    }
}
