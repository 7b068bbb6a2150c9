package io.github.shmkit.internal.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.shmkit.Segment;
import io.github.shmkit.SegmentAddress;
import io.github.shmkit.SegmentKind;
import io.github.shmkit.SegmentSpec;
import io.github.shmkit.internal.ipc.IpcKind;
import io.github.shmkit.internal.os.OsException;
import io.github.shmkit.internal.os.ProcFs;
import io.github.shmkit.internal.sweep.Removal;
import io.github.shmkit.internal.sweep.SweepPolicy;
import java.io.IOException;
import java.lang.reflect.Field;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import java.util.zip.CRC32;
import org.junit.jupiter.api.Test;

/** Sessions in which something fails: all else goes on. */
class FailedEndTests {
    private static Path path(Segment segment) {
        return Path.of(((SegmentAddress.ByPath) segment.address()).path());
    }

    private static boolean run(String... command) throws Exception {
        return new ProcessBuilder(command).inheritIO().start().waitFor() == 0;
    }

    private static long descriptors() throws IOException {
        try (Stream<Path> open = Files.list(Path.of("/proc/self/fd"))) {
            return open.count();
        }
    }

    /** The kernel refuses to unlink what is a mount point. */
    @Test
    void segmentThatCannotBeRemovedKeepsNoOtherFromTheEnd() throws Exception {
        Session.open().close();
        long before = descriptors();
        Session session = Session.open();
        List<Segment> segments = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            segments.add(session.create(SegmentSpec.of(SegmentKind.POSIX_SHM)));
        }
        segments.add(session.create(SegmentSpec.of(SegmentKind.MMAP_FILE)));
        Path stuck = path(segments.get(2));
        boolean mounted = run("mount", "--bind", stuck.toString(), stuck.toString());
        if (!mounted) {
            session.close();
        }
        assumeTrue(mounted, "mounting needs privileges");
        long guard = session.supervisor().pid();
        try {
            assertThatThrownBy(session::end)
                    .isInstanceOf(OsException.class)
                    .hasMessageContaining("EBUSY")
                    .hasNoSuppressedExceptions();
            assertThat(segments)
                    .filteredOn(segment -> Files.exists(path(segment)))
                    .containsExactly(segments.get(2));
            assertThat(ProcFs.startTime(guard)).as("the supervisor").isEmpty();
        } finally {
            assertThat(run("umount", stuck.toString())).isTrue();
        }
        // Fewer, where the pipes of the session before were closed only after it was counted.
        await().untilAsserted(() -> assertThat(descriptors()).isLessThanOrEqualTo(before));
        Removal.run(SweepPolicy.standard());
        assertThat(stuck).doesNotExist();
        assertThat(KernelView.shmFiles(session.id().text())).isEmpty();
    }

    @Test
    void recordsOfHelpersCountForTheSpaceThatIsKept() throws Exception {
        try (Session session = Session.open()) {
            String name = session.id() + ".1.jrnl";
            Path ledger = KernelView.privateDirOf(session.id().text()).resolve(name);
            byte[] record = record("P 2 1 1 N");
            for (int i = 0; i < 10_000; i++) {
                Files.write(ledger, record, StandardOpenOption.APPEND);
            }
            session.create(SegmentSpec.of(SegmentKind.POSIX_SHM)).close();
            assertThat(KernelView.allocatedBytes(name)).isGreaterThan(Files.size(ledger) + 4096);
        }
    }

    private static byte[] record(String text) {
        CRC32 crc = new CRC32();
        crc.update(text.getBytes(java.nio.charset.StandardCharsets.US_ASCII));
        return "%s %08x\n".formatted(text, crc.getValue()).getBytes(java.nio.charset.StandardCharsets.US_ASCII);
    }

    @Test
    void intentThatCouldNotBeNotedIsForgotten() throws Exception {
        Field intents = Ledger.class.getDeclaredField("intents");
        intents.setAccessible(true);
        SessionId id = SessionId.random();
        PrivateDir dir = PrivateDir.openOrCreate(id);
        Ledger ledger = Ledger.create(dir, id, 1);
        ledger.intent(1, IpcKind.POSIX_SHM, "one", 8);
        assertThat((Map<?, ?>) intents.get(ledger)).as("the control").hasSize(1);
        ledger.close();
        assertThatThrownBy(() -> ledger.intent(2, IpcKind.POSIX_SHM, "two", 8))
                .isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> ledger.intent(3, IpcKind.SYSV_SHM, 7, 8)).isInstanceOf(IllegalStateException.class);
        assertThat((Map<?, ?>) intents.get(ledger)).hasSize(1);
        Files.delete(Path.of(dir.path()).resolve(id + ".1.jrnl"));
        dir.removeIfEmpty();
        dir.close();
    }
}
