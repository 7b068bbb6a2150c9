package io.github.shmkit.internal.sweep.adversarial;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.shmkit.internal.guard.Actuator;
import io.github.shmkit.internal.guard.Actuator.Outcome;
import io.github.shmkit.internal.ipc.IpcKind;
import io.github.shmkit.internal.os.Os;
import io.github.shmkit.internal.os.RawName;
import io.github.shmkit.internal.session.ForgedSession;
import io.github.shmkit.internal.session.ForgedSession.Made;
import io.github.shmkit.internal.sweep.Survey;
import io.github.shmkit.internal.sweep.SweepPolicy;
import io.github.shmkit.internal.sweep.SweepReport;
import io.github.shmkit.internal.sweep.Verdict.Rule;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Isolated;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Objects that are made to look like ours, or that our own names turned into. */
@Isolated
@ExtendWith(PrivateShm.class)
class HostileObjectsTests {
    private static final Path SHM = Path.of("/dev/shm");
    private static final int NOBODY = 65534;
    private static final int S_IFCHR = 0020000;
    private static final int S_IFIFO = 0010000;

    /** Fails where a cleaner hangs, instead of hanging too. */
    private static void cleanWithoutBlocking(Cleaner cleaner, ForgedSession session) throws Exception {
        FutureTask<Void> cleaning = new FutureTask<>(() -> {
            cleaner.clean(session);
            return null;
        });
        Thread thread = new Thread(cleaning);
        thread.setDaemon(true);
        thread.start();
        cleaning.get(10, TimeUnit.SECONDS);
    }

    // --- 13: what is no regular file ---

    /** Makes things of every type where the ledger says that there are files of ours, committed or not. */
    @ParameterizedTest
    @EnumSource
    void case13_whatIsNoPlainFileIsNeitherTouchedNorWaitedFor(Cleaner cleaner, @TempDir Path folder) throws Exception {
        Path precious = Files.writeString(folder.resolve("precious"), "do not touch");
        try (ForgedSession session = ForgedSession.dead()) {
            List<Path> odd = new ArrayList<>();
            List<Holder> listeners = new ArrayList<>();
            for (int i = 0; i < 14; i++) {
                Path name = session.nextName();
                if (i % 2 == 0) {
                    Made made = session.newShm();
                    Files.delete(made.file());
                } else {
                    session.intent(IpcKind.POSIX_SHM, RawName.of(name.toString()), 4096);
                }
                switch (i / 2) {
                    case 0 -> Files.createSymbolicLink(name, precious);
                    case 1 -> Files.createSymbolicLink(name, folder.resolve("missing"));
                    case 2 -> Kernel.check("mknod", Kernel.LIBC.mknod(name.toString(), S_IFIFO | 0600, 0));
                    case 3 -> listeners.add(Holder.start("listen", name.toString()));
                    case 4 -> Files.writeString(Files.createDirectory(name).resolve("inside"), "kept");
                    case 5 -> {
                        if (Kernel.LIBC.mknod(name.toString(), S_IFCHR | 0600, 0x501) < 0) {
                            Files.createSymbolicLink(name, Path.of("/dev/tty")); // not root outside
                        }
                    }
                    default -> Files.createLink(name, Files.writeString(SHM.resolve("linked" + i), "kept"));
                }
                odd.add(name);
            }

            cleanWithoutBlocking(cleaner, session);

            assertThat(odd).allMatch(path -> Files.exists(path, LinkOption.NOFOLLOW_LINKS));
            assertThat(precious).hasContent("do not touch");
            assertThat(odd.get(8).resolve("inside")).hasContent("kept");
            assertThat(SHM.resolve("linked12")).hasContent("kept");
            assertThat(listeners).hasSize(2).allMatch(Holder::isAlive);

            NaiveCleaners.truncateThenUnlink(odd.get(0));
            assertThat(precious).isEmptyFile();
            NaiveCleaners.byPrefix(odd.get(8), "");
            assertThat(odd.get(8)).isEmptyDirectory();
            listeners.forEach(Holder::close);
        }
    }

    /** The naive way to prove a file unused, opening it, waits for ever at a FIFO. */
    @Test
    void case13_theFifoWouldBlockWhoeverOpensIt() throws Exception {
        Path fifo = SHM.resolve("fifo");
        Kernel.check("mknod", Kernel.LIBC.mknod(fifo.toString(), S_IFIFO | 0600, 0));
        Process opener = new ProcessBuilder("cat", fifo.toString()).start();
        try {
            assertThat(opener.waitFor(200, TimeUnit.MILLISECONDS)).isFalse();
        } finally {
            opener.destroyForcibly().waitFor();
        }
    }

    /** Opening a FIFO wakes who waits at its other end, and a device's driver may do anything. */
    @Test
    void case13_whatTookAFilesPlaceAfterItWasJudgedIsNotEvenOpened() throws Exception {
        List<Path> odd = new ArrayList<>(
                Stream.of("fifo", "folder", "link", "socket").map(SHM::resolve).toList());
        Path precious = Files.createFile(SHM.resolve("precious"));
        Kernel.check("mknod", Kernel.LIBC.mknod(odd.get(0).toString(), S_IFIFO | 0600, 0));
        Path device = SHM.resolve("device");
        if (Kernel.LIBC.mknod(device.toString(), S_IFCHR | 0600, 0x103 /* null */) == 0) { // else not root outside
            odd.add(device);
        }
        Files.createDirectory(odd.get(1));
        Files.createSymbolicLink(odd.get(2), precious);
        try (ForgedSession session = ForgedSession.dead();
                Holder listener = Holder.start("listen", odd.get(3).toString());
                Kernel.Opens opens = new Kernel.Opens(SHM)) {
            List<String> plan = new ArrayList<>();
            for (Path name : odd) {
                for (int secondLook = 0; secondLook <= 1; secondLook++) {
                    plan.add("S " + plan.size() + " "
                            + RawName.of(name.getFileName().toString()).base64() + " 0 0 0 "
                            + RawName.of("q." + session.stem() + ".1").base64() + " " + secondLook);
                }
            }
            List<Outcome> outcomes = new ArrayList<>();
            Actuator.run(session.dir().toString(), plan, (index, result) -> outcomes.add(result.outcome()));

            assertThat(outcomes).hasSize(plan.size()).containsOnly(Outcome.CHANGED);
            assertThat(odd).allMatch(path -> Files.exists(path, LinkOption.NOFOLLOW_LINKS));
            assertThat(opens.names()).doesNotContain("fifo", "device", "folder", "link", "socket", "precious");
            assertThat(listener.isAlive()).isTrue();

            Kernel.openReadOnly(odd.get(0));
            assertThat(opens.names()).as("the control").containsExactly("fifo");
        }
    }

    // --- 14: another object under our name ---

    @ParameterizedTest
    @EnumSource
    void case14_aNameThatWasTakenAgainStays(Cleaner cleaner, @TempDir Path folder) throws Exception {
        try (ForgedSession session = ForgedSession.dead()) {
            Made shm = session.newShm();
            Made file = session.newMappedFile(folder);
            for (Made made : List.of(shm, file)) {
                Files.delete(made.file());
                Files.writeString(made.file(), "somebody else's", StandardOpenOption.CREATE_NEW);
            }
            cleaner.clean(session);
            assertThat(shm.file()).hasContent("somebody else's");
            assertThat(file.file()).hasContent("somebody else's");
        }
        Path twin = Files.createFile(SHM.resolve("twin"));
        Object key = Files.readAttributes(twin, java.nio.file.attribute.BasicFileAttributes.class)
                .fileKey();
        NaiveCleaners.statThenUnlink(twin, key, () -> {
            try {
                Files.delete(twin);
                Files.writeString(twin, "somebody else's");
            } catch (IOException e) {
                throw new AssertionError(e);
            }
        });
        assertThat(twin).doesNotExist();
    }

    // --- 16: names ---

    private static byte[] bytes(String text, int... more) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        bytes.writeBytes(text.getBytes(StandardCharsets.UTF_8));
        for (int b : more) {
            bytes.write(b);
        }
        return bytes.toByteArray();
    }

    private static Map<String, byte[]> hostileNames() {
        Map<String, byte[]> names = new LinkedHashMap<>();
        names.put("newline", bytes("a\nbystander"));
        names.put("space", bytes(" a b "));
        names.put("tab and carriage return", bytes("a\tb\r"));
        names.put("backslash", bytes("a\\012b\\"));
        names.put("colon", bytes("::stop-commands::a"));
        names.put("escape sequence", bytes("\u001b[2Ja"));
        names.put("markup", bytes("<script>alert('a')&\"b\"</script>".replace('/', '|')));
        names.put("shell", bytes("$(touch bystander2);`id`*?[a]{b}"));
        names.put("four bytes of UTF-8", bytes("\ud83d\ude80"));
        names.put("invalid UTF-8", bytes("a", 0xff));
        names.put("cut UTF-8", bytes("a", 0xf0, 0x9f));
        names.put("surrogate", bytes("a", 0xed, 0xa0, 0x80));
        names.put("only 0x80", bytes("", 0x80));
        names.put("control 0x01", bytes("", 0x01));
        names.put("255 bytes", bytes("n".repeat(255)));
        names.put("255 bytes of no charset", bytes("m".repeat(253), 0xc3, 0x28));
        names.put("leading dash", bytes("-rf"));
        names.put("deleted", bytes("x (deleted)"));
        names.put("semaphore", bytes("sem.a b\n"));
        names.put("dot file", bytes(".hidden"));
        names.put("three dots", bytes("..."));
        names.put("question mark", bytes("a?"));
        names.put("replacement character", bytes("a\ufffd"));
        return names;
    }

    private static RawName in(Path folder, byte[] name) {
        return RawName.of(bytes(folder + "/", toInts(name)));
    }

    private static int[] toInts(byte[] bytes) {
        int[] ints = new int[bytes.length];
        for (int i = 0; i < bytes.length; i++) {
            ints[i] = bytes[i];
        }
        return ints;
    }

    @ParameterizedTest
    @EnumSource
    void case16_hostileNamesMeanExactlyTheirObject(Cleaner cleaner, @TempDir Path folder) throws Exception {
        Map<String, byte[]> names = hostileNames();
        Path mapped = Files.createDirectory(folder.resolve("shmkit-files"));
        // What each of them becomes where somebody reads it as text, as lines or as a pattern.
        List<RawName> bystanders = new ArrayList<>();
        for (Path place : List.of(SHM, mapped)) {
            for (byte[] name : List.of(
                    bytes("bystander"), bytes("a"), bytes("a", 0xfe), bytes("a", 0xf0, 0x9e), bytes("x"), bytes("b"))) {
                bystanders.add(Kernel.createFile(in(place, name)));
            }
        }
        try (ForgedSession session = ForgedSession.dead()) {
            List<Made> made = new ArrayList<>();
            for (byte[] name : names.values()) {
                boolean semaphore = RawName.of(name).startsWith("sem.");
                made.add(session.owns(
                        semaphore ? IpcKind.POSIX_SEM : IpcKind.POSIX_SHM, Kernel.createFile(in(SHM, name))));
                made.add(session.owns(IpcKind.MMAP_FILE, Kernel.createFile(in(mapped, name))));
            }
            assertThat(made).hasSize(2 * names.size()).allMatch(Made::exists);

            cleaner.clean(session);

            assertThat(made.stream().filter(Made::exists)).isEmpty();
            assertThat(bystanders).allMatch(NaiveCleaners::exists);
            assertThat(session.hasFiles()).isFalse();
        } finally {
            bystanders.forEach(Kernel::unlink);
        }
    }

    @Test
    void case16_whoTakesNamesForTextDeletesOthers(@TempDir Path folder) throws Exception {
        RawName ours = Kernel.createFile(in(folder, bytes("a", 0xff)));
        RawName others = Kernel.createFile(in(folder, bytes("a\ufffd")));
        NaiveCleaners.byTextName(ours);
        assertThat(NaiveCleaners.exists(ours)).isTrue();
        assertThat(NaiveCleaners.exists(others)).isFalse();
        Kernel.unlink(ours);

        Path bystander = Files.createFile(folder.resolve("bystander"));
        Kernel.createFile(in(folder, bytes("a\nbystander")));
        NaiveCleaners.byLines(folder, "a");
        assertThat(bystander).doesNotExist();
    }

    // --- 18: other owners ---

    @ParameterizedTest
    @EnumSource
    void case18_whatAnotherUserOwnsStaysWhateverOurLedgerSays(Cleaner cleaner, @TempDir Path folder) throws Exception {
        Programs.assumeOtherUser(4711);
        try (ForgedSession session = ForgedSession.dead()) {
            Made others = session.newShm();
            Files.setAttribute(others.file(), "unix:uid", 4711);
            Made overflow = session.newShm();
            Files.setAttribute(overflow.file(), "unix:uid", NOBODY);
            Made open = session.newShm();
            Files.setPosixFilePermissions(open.file(), PosixFilePermissions.fromString("rw-rw-rw-"));
            Files.setAttribute(open.file(), "unix:uid", 4711);
            Made file = session.newMappedFile(folder);
            Files.setAttribute(file.file(), "unix:uid", 4711);
            Holder creator = Holder.start(List.of(Programs.asUser(4711)), Map.of(), "create-sysv", "shm", "0");
            int segment = creator.number();
            try {
                Made sysv = session.ownsSysv(IpcKind.SYSV_SHM, segment);
                SweepReport report = Survey.report(SweepPolicy.standard());
                assertThat(report.findings())
                        .hasSize(5)
                        .allMatch(f -> f.verdict().rule() == Rule.R2_OWNER)
                        .anyMatch(f -> f.object().uid() == NOBODY);

                cleaner.clean(session);

                assertThat(List.of(others, overflow, open, file, sysv)).allMatch(Made::exists);
                assertThat(session.hasFiles()).isTrue();
                NaiveCleaners.byId(segment);
                assertThat(sysv.exists()).isFalse();
                NaiveCleaners.byPrefix(SHM, "shmkit.");
                assertThat(open.exists()).isFalse();
            } finally {
                creator.close();
                Kernel.removeSegment(segment);
            }
        }
    }

    /** The other way round: an ordinary user's ledger that names root's object. */
    @Test
    void case18_anOrdinaryUsersCleanerKeepsRootsObjects() throws Exception {
        Programs.assumeOtherUser(NOBODY);
        Path program = Files.createTempFile("shm-helper", "");
        try (ForgedSession session = ForgedSession.ofUser(NOBODY)) {
            Files.copy(Cleaner.program(), program, java.nio.file.StandardCopyOption.REPLACE_EXISTING);
            assertThat(program.toFile().setExecutable(true, false)).isTrue();
            Made roots = session.newShm();
            Files.setPosixFilePermissions(roots.file(), PosixFilePermissions.fromString("rw-rw-rw-"));
            Made own = session.newShm();
            Files.setAttribute(own.file(), "unix:uid", NOBODY);
            Cleaner.reap(program, List.of(Programs.asUser(NOBODY)), session);
            assertThat(roots.exists()).isTrue();
            assertThat(own.exists()).as("the control: it does clean its own").isFalse();
        } finally {
            Files.delete(program);
        }
    }

    // --- 35: keys ---

    @ParameterizedTest
    @EnumSource
    void case35_aSegmentWithANegativeKeyIsFoundAndAnothersWithTheKeyOfAnIntentStays(Cleaner cleaner) throws Exception {
        int key = new Random().nextInt() | 0x80000001;
        try (Holder creator = Holder.start("create-sysv", "shm", Integer.toHexString(key - 1));
                Holder stranger = Holder.start("create-sysv", "shm", Integer.toHexString(key));
                ForgedSession session = ForgedSession.dead()) {
            try {
                Made ours = session.ownsSysv(IpcKind.SYSV_SHM, creator.number());
                session.intent(IpcKind.SYSV_SHM, key, 4096);

                cleaner.clean(session);

                assertThat(ours.exists()).isFalse();
                assertThat(NaiveCleaners.segment(stranger.number())).isPresent();
                NaiveCleaners.byKey(key);
                assertThat(NaiveCleaners.segment(stranger.number())).isEmpty();
            } finally {
                Kernel.removeSegment(creator.number());
                Kernel.removeSegment(stranger.number());
            }
        }
    }

    /** The id that our ledger names was given back and belongs to another project's segment with a fixed key. */
    @ParameterizedTest
    @EnumSource
    void case35_anIdThatIsAnothersNowStays(Cleaner cleaner) throws Exception {
        int key = new Random().nextInt() | 1;
        int id = Kernel.newSegment(key, 4096);
        int twin = Kernel.newSegment(Kernel.IPC_PRIVATE, 4096);
        try {
            long now = NaiveCleaners.segment(id).orElseThrow().modifiedSeconds();
            for (String other : List.of(
                    String.format("I 1 SYSV_SHM %08x 4096,C 1 V %d %d %d", key + 1, id, now, Os.euid()),
                    String.format("I 1 SYSV_SHM %08x 4096,C 1 V %d %d %d", key, id, now + 1, Os.euid()),
                    String.format("I 1 SYSV_SHM %08x 4096,C 1 V %d %d 4711", key, id, now))) {
                try (ForgedSession session = ForgedSession.dead()) {
                    for (String record : other.split(",", -1)) {
                        session.record(record);
                    }
                    cleaner.clean(session);
                    assertThat(NaiveCleaners.segment(id)).as(other).isPresent();
                }
            }
            NaiveCleaners.byId(twin);
            assertThat(NaiveCleaners.segment(twin)).isEmpty();
            try (ForgedSession session = ForgedSession.dead()) {
                session.record(String.format("I 1 SYSV_SHM %08x 4096", key));
                session.record(String.format("C 1 V %d %d %d", id, now, Os.euid()));
                cleaner.clean(session);
                assertThat(NaiveCleaners.segment(id)).as("the control").isEmpty();
            }
        } finally {
            Kernel.removeSegment(id);
            Kernel.removeSegment(twin);
        }
    }
}
