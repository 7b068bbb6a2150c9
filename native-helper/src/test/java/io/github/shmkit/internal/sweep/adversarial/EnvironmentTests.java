package io.github.shmkit.internal.sweep.adversarial;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.InstanceOfAssertFactories.STRING;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.shmkit.Segment;
import io.github.shmkit.SegmentKind;
import io.github.shmkit.SegmentSpec;
import io.github.shmkit.ShmException;
import io.github.shmkit.internal.ipc.IpcKind;
import io.github.shmkit.internal.os.RawName;
import io.github.shmkit.internal.session.ForgedSession;
import io.github.shmkit.internal.session.ForgedSession.Made;
import io.github.shmkit.internal.session.KernelView;
import io.github.shmkit.internal.session.Session;
import io.github.shmkit.internal.sweep.Removal;
import io.github.shmkit.internal.sweep.SweepPolicy;
import io.github.shmkit.internal.sweep.SweepReport;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Isolated;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a machine or a container can be like. */
@Isolated
@ExtendWith(PrivateShm.class)
class EnvironmentTests {
    private static final Path SHM = Path.of("/dev/shm");
    private static final int SIGIO_EXIT = 128 + 29;

    // --- 21: many ---

    @Test
    void case21_aHundredThousandFilesTakeSecondsAndLittleMemory() throws Exception {
        try (ForgedSession session = ForgedSession.dead()) {
            List<RawName> ours = new ArrayList<>();
            for (int i = 0; i < 50_000; i++) {
                ours.add(Kernel.createFile(RawName.of("/dev/shm/shmkit." + session.stem() + "." + i)));
                Kernel.createFile(RawName.of("/dev/shm/bystander" + i));
            }
            session.ownsAll(IpcKind.POSIX_SHM, ours);
            String[] result = Programs.java(List.of(), "bulk").trim().split(" ", -1);
            assertThat(result[1]).isEqualTo("50000");
            assertThat(Long.parseLong(result[3]))
                    .as("hundredths of a second of CPU")
                    .isLessThan(1_000);
            try (var left = Files.list(SHM)) {
                assertThat(left.filter(p -> p.getFileName().toString().startsWith("bystander")))
                        .hasSize(50_000);
            }
        }
    }

    // --- 22: full ---

    @Test
    void case22_aFullShmIsAnExceptionAndWhatThereIsCanStillBeReleased() throws Throwable {
        PrivateShm.with("1m", () -> {
            try (Session session = Session.open()) {
                Segment first = session.create(SegmentSpec.of(SegmentKind.POSIX_SHM));
                Path filler = SHM.resolve("filler");
                assertThatThrownBy(() -> fill(filler)).isInstanceOf(IOException.class);
                assertThatThrownBy(() -> session.create(SegmentSpec.of(SegmentKind.POSIX_SHM)))
                        .isInstanceOf(ShmException.class)
                        .hasMessageContaining("/dev/shm")
                        .hasMessageContaining("4096 bytes")
                        .hasMessageContaining("mvn shm:list -Dshm.all");
                assertThat(KernelView.shmFiles("shmkit." + session.id())).hasSize(1);
                // The ledger goes on: what is on another file system can be made, used and released.
                try (Segment elsewhere = session.create(SegmentSpec.of(SegmentKind.SYSV_SHM))) {
                    elsewhere.fill(0, elsewhere.size(), (byte) 1);
                }
                first.fill(0, first.size(), (byte) 1); // it was allocated: no SIGBUS
                first.close();
                assertThat(KernelView.shmFiles("shmkit." + session.id())).isEmpty();
                String ledger = Files.readString(ledger(session));
                assertThat(ledger).contains("\nR 1 ", "\nR 2 ", "\nR 3 ");
                var reaped = session.end();
                assertThat(reaped.removed() + reaped.kept()).isZero();
                assertThat(KernelView.shmFiles(session.id().text())).isEmpty();
                Files.delete(filler);
            }
            return true;
        });
    }

    private static Path ledger(Session session) {
        return SHM.resolve(".shmkit-" + io.github.shmkit.internal.os.Os.euid()).resolve(session.id() + ".1.jrnl");
    }

    private static void fill(Path filler) throws IOException {
        try (OutputStream out = Files.newOutputStream(filler)) {
            byte[] page = new byte[4096];
            for (int i = 0; i < 1 << 20; i++) {
                out.write(page);
            }
        }
    }

    /** Sparse files do promise more than there is: the way to a SIGBUS that allocation spares us. */
    @Test
    void case22_aLargerSegmentThanThereIsRoomForIsRefusedAtOnce() throws Throwable {
        PrivateShm.with("1m", () -> {
            try (Session session = Session.open()) {
                assertThatThrownBy(() -> session.create(
                                SegmentSpec.of(SegmentKind.POSIX_SHM).size(2 << 20)))
                        .isInstanceOf(ShmException.class)
                        .hasMessageContaining("1048576 bytes");
                assertThat(KernelView.shmFiles("shmkit." + session.id())).isEmpty();
                try (Segment small =
                        session.create(SegmentSpec.of(SegmentKind.POSIX_SHM).size(512 << 10))) {
                    small.fill(0, small.size(), (byte) 1);
                }
            }
            return true;
        });
    }

    @Test
    void case22_aFullShmDoesNotKeepTheSweepFromWorking() throws Throwable {
        PrivateShm.with("1m", () -> {
            try (ForgedSession session = ForgedSession.dead()) {
                Made made = session.newShm();
                assertThatThrownBy(() -> fill(SHM.resolve("filler"))).isInstanceOf(IOException.class);
                Removal.run(SweepPolicy.standard());
                assertThat(made.exists()).isFalse();
                assertThat(SHM.resolve("filler")).exists();
            }
            return true;
        });
    }

    // --- 29: /dev/shm itself ---

    /** Replaces /dev in a mount namespace, then runs something there. */
    private static String inOtherDev(String makeShm, String... args) throws Exception {
        Programs.assumeUnshare("--mount", "--ipc");
        return Programs.java(Programs.inOtherDev(makeShm), args);
    }

    @Test
    void case29_aLinkToAnotherTmpfsIsFollowed() throws Exception {
        String output = inOtherDev(
                "mkdir -p $new/run/shm; mount -t tmpfs -o mode=1777 other $new/run/shm; ln -s run/shm $new/shm",
                "leave",
                "sweep",
                "create=POSIX_SHM");
        assertThat(output).contains("DELETE R7_UNUSED DELETED").contains("created POSIX_SHM");
        assertThat(output.lines().filter(line -> line.endsWith("DELETED"))).hasSize(4);
    }

    @Test
    void case29_anotherFileSystemThanTmpfsDoes(@TempDir Path folder) throws Exception {
        Programs.assumeUnshare("--mount", "--ipc");
        String script = "mount --bind '" + folder + "' /dev/shm && exec \"$@\"";
        String output = Programs.java(
                List.of("unshare", "--mount", "--ipc", "sh", "-c", script, "sh"), "leave", "sweep", "create=POSIX_SHM");
        assertThat(output.lines().filter(line -> line.endsWith("DELETED"))).hasSize(4);
        assertThat(output).contains("created POSIX_SHM");
        assertThat(folder).isEmptyDirectory();
    }

    @Test
    void case29_aSmallTmpfsThatAllowsNoProgramsDoes() throws Exception {
        Programs.assumeUnshare("--mount", "--ipc");
        String script = "mount -t tmpfs -o size=1m,noexec,nosuid,nodev none /dev/shm && exec \"$@\"";
        String output = Programs.java(
                List.of("unshare", "--mount", "--ipc", "sh", "-c", script, "sh"), "leave", "sweep", "create=POSIX_SHM");
        assertThat(output.lines().filter(line -> line.endsWith("DELETED"))).hasSize(4);
        assertThat(output).contains("created POSIX_SHM");
    }

    /** A small one is tried, of a larger one it is asked before whether it fits; nothing of either stays. */
    @Test
    void case29_aFullTmpfsIsNamedWithWhatThereIs() throws Exception {
        Programs.assumeUnshare("--mount", "--ipc");
        String script = "mount -t tmpfs -o size=400k none /dev/shm && \"$@\" && find /dev/shm -type f";
        String output = Programs.java(
                List.of("unshare", "--mount", "--ipc", "sh", "-c", script, "sh"),
                "create=POSIX_SHM,500000",
                "create=POSIX_SHM,5000000",
                "create=POSIX_SHM,200000");
        assertThat(output.lines())
                .satisfiesExactly(
                        line -> assertThat(line)
                                .matches("refused .*ShmException: cannot create a POSIX_SHM of 500000 bytes: "
                                        + "/dev/shm holds 409600 bytes, of which \\d+ are free; .*"),
                        line -> assertThat(line)
                                .matches("refused .*ShmException: cannot create a POSIX_SHM of 5000000 bytes: "
                                        + "/dev/shm holds 409600 bytes, of which \\d+ are free; .*"),
                        line -> assertThat(line).isEqualTo("created POSIX_SHM"));
    }

    @Test
    void case29_aMissingShmIsNamedWithTheRemedy() throws Exception {
        String output = inOtherDev("", "sweep", "create=POSIX_SHM");
        assertThat(output.lines().filter(line -> line.startsWith("refused")))
                .hasSize(2)
                .allMatch(line -> line.contains("ShmException: cannot use /dev/shm: ")
                        && line.contains("ENOENT")
                        && line.contains("mount -t tmpfs tmpfs /dev/shm"));
    }

    @Test
    void case29_aShmThatMayNotBeReadIsNamed() throws Exception {
        List<String> wrapper =
                new ArrayList<>(Programs.inOtherDev("mkdir $new/shm; mount -t tmpfs -o mode=000 shm $new/shm"));
        wrapper.addAll(Programs.boundByModes());
        assertThat(Programs.java(wrapper, "sweep", "create=POSIX_SHM")
                        .lines()
                        .filter(line -> line.startsWith("refused")))
                .hasSize(2)
                .allMatch(line -> line.contains("ShmException: cannot use /dev/shm: ") && line.contains("EACCES"));
    }

    // --- what may not be read ---

    /** Of whose ledger or lock nobody can read, nothing goes, and the reason is said. */
    @ParameterizedTest
    @ValueSource(strings = {"jrnl", "lock"})
    void whatMayNotBeReadVoidsASession(String suffix) throws Exception {
        List<String> bound = Programs.boundByModes();
        try (ForgedSession session = ForgedSession.dead();
                ForgedSession other = ForgedSession.dead()) {
            Made made = session.newShm();
            Made others = other.newShm();
            Path unreadable = session.dir().resolve(session.stem() + "." + suffix);
            Files.setPosixFilePermissions(unreadable, Set.of());

            String output = Programs.java(bound, "sweep");
            int reaped = Cleaner.startReaper(Cleaner.program(), bound, session).waitFor();

            assertThat(output.lines().filter(line -> line.startsWith("note ")))
                    .singleElement(STRING)
                    .contains("the ledger of session " + session.stem(), " is void: cannot read it: ", "EACCES");
            assertThat(others.exists()).as("another session's").isFalse();
            if (suffix.equals("jrnl")) {
                assertThat(reaped)
                        .as("a supervisor that cannot read the ledger")
                        .isNotZero();
                assertThat(made.exists()).isTrue();
                assertThat(session.hasFiles()).isTrue();
                Files.setPosixFilePermissions(unreadable, PosixFilePermissions.fromString("rw-------"));
                Cleaner.SWEEP.clean(session);
            } // else it has its own proof of death, and needs no lock
            assertThat(made.exists()).as("the control").isFalse();
            assertThat(session.hasFiles()).isFalse();
        }
    }

    // --- 30: user namespaces ---

    @Test
    void case30_insideAUserNamespaceWhatHasNoOwnerThereStays() throws Exception {
        Programs.assumeUnshare("--user", "--map-root-user");
        Programs.assumeOtherUser(4711);
        try (ForgedSession session = ForgedSession.dead()) {
            Made ours = session.newShm();
            Made others = session.newShm();
            Files.setAttribute(others.file(), "unix:uid", 4711);
            String output = Programs.java(List.of("unshare", "--user", "--map-root-user"), "sweep");
            assertThat(output)
                    .contains("finding " + others.path() + " UNKNOWN R2_OWNER -")
                    .contains("finding " + ours.path() + " DELETE R7_UNUSED DELETED");
            assertThat(others.exists()).isTrue();
            assertThat(ours.exists()).isFalse();
            NaiveCleaners.byPrefix(SHM, "shmkit.");
            assertThat(others.exists()).isFalse();
        }
    }

    // --- 31: what has no name ---

    @Test
    void case31_memoryWithoutANameIsNeitherReportedNorTouched() throws Exception {
        try (Holder holder = Holder.start("nameless")) {
            SweepReport report = Removal.run(SweepPolicy.standard().withForeign(true));
            assertThat(report.findings()).noneMatch(f -> f.object().address().contains("shmkit-test"));
            assertThat(Files.readString(Path.of("/proc/" + holder.pid() + "/maps")))
                    .as("the control: who goes by maps would report it")
                    .contains("/dev/shm/shmkit-test-unlinked (deleted)");
            assertThat(holder.isAlive()).isTrue();
        }
    }

    // --- 33: leases that are broken ---

    @Test
    void case33_openersThatBreakTheLeaseDoNotKillTheActuator() throws Exception {
        long refused = 0;
        long until = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
        while (refused == 0 && System.nanoTime() < until) {
            try (ForgedSession session = ForgedSession.dead()) {
                String[] arguments = new String[4];
                arguments[0] = "hammer";
                for (int i = 1; i < arguments.length; i++) {
                    arguments[i] = session.newShm().path().text();
                }
                try (Holder hammer = Holder.start(arguments)) {
                    Removal.run(SweepPolicy.standard()); // fails if the actuator dies
                    refused = Long.parseLong(hammer.end());
                }
                Removal.run(SweepPolicy.standard());
                assertThat(KernelView.shmFiles(session.id())).isEmpty();
            }
        }
        assumeTrue(refused > 0, "no open met a lease in 20 s: this machine is too busy to run both at once");
    }

    /** The control: the signal of a broken lease ends a process that has not asked for another one. */
    @Test
    void case33_withoutSetsigTheHolderOfALeaseDiesOfIt() throws Exception {
        Path object = Files.createFile(SHM.resolve("leased"));
        try (Holder survivor = Holder.start("lease", object.toString())) {
            Holder.start("hammer", object.toString()).end();
            assertThat(survivor.isAlive()).isTrue();
        }
        try (Holder victim = Holder.start("lease-without-setsig", object.toString());
                Holder opener = Holder.start("hammer", object.toString())) {
            assertThat(victim.waitForAtMost(10, TimeUnit.SECONDS)).isEqualTo(SIGIO_EXIT);
            opener.end();
        }
    }
}
