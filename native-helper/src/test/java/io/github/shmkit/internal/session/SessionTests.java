package io.github.shmkit.internal.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.shmkit.Fill;
import io.github.shmkit.Segment;
import io.github.shmkit.SegmentAddress;
import io.github.shmkit.SegmentKind;
import io.github.shmkit.SegmentSpec;
import io.github.shmkit.ShmException;
import io.github.shmkit.internal.helper.NativeHelpers;
import io.github.shmkit.internal.helper.Timeouts;
import io.github.shmkit.internal.ipc.MappedSegment;
import io.github.shmkit.process.NativeHelper;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class SessionTests {
    private static Session session;

    @BeforeAll
    static void open() {
        session = Session.open();
    }

    @AfterAll
    static void endsWithNothingLeftToDo() {
        String id = session.id().text();
        var reaped = session.end();
        assertThat(reaped.removed()).isZero();
        assertThat(reaped.kept()).isZero();
        assertThat(KernelView.shmFiles(id)).isEmpty();
        assertThat(KernelView.mappedFiles(id)).isEmpty();
    }

    @ParameterizedTest
    @EnumSource
    void aSegmentIsAKernelObjectOfTheExactSizeUntilItIsClosed(SegmentKind kind) throws Exception {
        Segment segment = session.create(SegmentSpec.of(kind).size(5000));

        assertThat(segment.getLong(4992)).isZero();
        segment.putLong(8, 42);
        if (segment.address() instanceof SegmentAddress.ByPath at) {
            assertThat(Files.size(Path.of(at.path()))).isEqualTo(5000);
            byte[] seen = Files.readAllBytes(Path.of(at.path()));
            assertThat(ByteBuffer.wrap(seen)
                            .order(java.nio.ByteOrder.nativeOrder())
                            .getLong(8))
                    .isEqualTo(42);
            String file = KernelView.file(at.path());
            segment.close();
            assertThat(KernelView.file(at.path())).isNotEqualTo(file);
            assertThat(Path.of(at.path())).matches(path -> kind == SegmentKind.MEMFD || Files.notExists(path), "gone");
        } else if (segment.address() instanceof SegmentAddress.BySysv at) {
            assertThat(KernelView.attaches(at.shmid())).isEqualTo(1);
            segment.close();
            assertThat(KernelView.sysvExists(at.shmid())).isFalse();
        }
    }

    @ParameterizedTest
    @EnumSource
    void afterTheCloseTypedAccessFailsAndBuffersReadZeros(SegmentKind kind) {
        Segment segment = session.create(SegmentSpec.of(kind).fill(Fill.A5).label("orders"));
        ByteBuffer buffer = segment.buffer();
        assertThat(buffer.get(0)).isEqualTo((byte) 0xa5);

        segment.close();
        segment.close();

        assertThat(buffer.get(0)).isZero();
        assertThatThrownBy(() -> segment.getInt(0))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("segment 'orders' is closed: its test or class has ended");
    }

    @ParameterizedTest
    @EnumSource(names = {"POSIX_SHM", "MMAP_FILE", "SYSV_SHM"})
    void theCloseOfASegmentThatNobodyElseHasProvesSoAndAnotherDoesNot(SegmentKind kind) {
        assertThat(made(kind).closeAndProveUnused()).isTrue();

        MappedSegment mappedTwice = made(kind);
        Segment other = session.adopt(mappedTwice.address());
        assertThat(mappedTwice.closeAndProveUnused()).as("mapped here").isFalse();
        assertThat(mappedTwice.closeAndProveUnused()).as("closed before").isFalse();
        other.close();

        MappedSegment closed = made(kind);
        closed.close();
        assertThat(closed.closeAndProveUnused()).as("closed before").isFalse();
    }

    @ParameterizedTest
    @EnumSource(names = {"POSIX_SHM", "MMAP_FILE"})
    void neitherDoesOneThatIsOpenOrOfWhichTheNameWentOrIsAnotherFiles(SegmentKind kind) throws Exception {
        MappedSegment opened = made(kind);
        try (FileChannel channel = FileChannel.open(path(opened))) {
            assertThat(channel.isOpen()).isTrue();
            assertThat(opened.closeAndProveUnused()).as("open here, to be read").isFalse();
        }

        MappedSegment unlinked = made(kind);
        Files.delete(path(unlinked));
        assertThat(unlinked.closeAndProveUnused()).as("without a name").isFalse();

        MappedSegment replaced = made(kind);
        Files.delete(path(replaced));
        Files.createFile(path(replaced));
        assertThat(replaced.closeAndProveUnused())
                .as("another file of its name")
                .isFalse();
        assertThat(path(replaced)).doesNotExist();
    }

    @ParameterizedTest
    @EnumSource(names = {"POSIX_SHM", "MMAP_FILE", "SYSV_SHM"})
    void neitherDoesOneThatAnotherProcessHas(SegmentKind kind) {
        MappedSegment segment = made(kind);
        try (NativeHelper helper = new NativeHelpers(session.supervisor(), new Timeouts(1))
                .helper("peer")
                .attach(segment)
                .start()) {
            assertThat(helper.isAlive()).isTrue();
            assertThat(segment.closeAndProveUnused()).isFalse();
        }
    }

    @Test
    void neitherDoesAMemfd() {
        assertThat(made(SegmentKind.MEMFD).closeAndProveUnused()).isFalse();
    }

    private static MappedSegment made(SegmentKind kind) {
        return (MappedSegment) session.create(SegmentSpec.of(kind));
    }

    private static Path path(Segment segment) {
        return Path.of(((SegmentAddress.ByPath) segment.address()).path());
    }

    @Test
    void accessesOutsideOrMisalignedNameTheSegmentAndTheRule() {
        try (Segment segment =
                session.create(SegmentSpec.of(SegmentKind.MEMFD).size(16).label("orders"))) {
            assertThatThrownBy(() -> segment.getLong(9))
                    .isInstanceOf(IndexOutOfBoundsException.class)
                    .hasMessage("segment 'orders' has 16 bytes: 8 bytes at offset 9 do not lie within it");
            assertThatThrownBy(() -> segment.getLong(-1)).isInstanceOf(IndexOutOfBoundsException.class);
            assertThatThrownBy(() -> segment.getLongAcquire(4))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("offset 4 is not a multiple of 8");
            assertThat(segment.getLong(7)).isZero();
        }
    }

    @Test
    void sizeThatNothingCanHoldIsRefusedBeforeAnythingIsAllocated() {
        for (SegmentKind kind : SegmentKind.values()) {
            assertThatThrownBy(() -> session.create(SegmentSpec.of(kind).size(1L << 50)))
                    .as(kind.name())
                    .isInstanceOf(ShmException.class)
                    .hasMessageContaining(Long.toString(1L << 50));
        }
        assertThat(KernelView.shmFiles("shmkit." + session.id())).isEmpty();
    }

    @Test
    void sizeBelowOneIsRefusedWithTheRule() {
        assertThatThrownBy(() -> SegmentSpec.of(SegmentKind.POSIX_SHM).size(0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("size 0 is not possible");
    }

    @Test
    void aSegmentBeyondTwoGibibytesIsReadThroughTypedAccessAndParts() {
        long size = (5L << 29) + 100;
        try (Segment segment =
                session.create(SegmentSpec.of(SegmentKind.POSIX_SHM).size(size))) {
            long straddling = (1L << 30) - 3;
            segment.putLong(straddling, 0x0102030405060708L);
            assertThat(segment.getLong(straddling)).isEqualTo(0x0102030405060708L);
            assertThat(segment.getByte(1L << 30)).isEqualTo(segment.getBytes(straddling, 8)[3]);
            segment.putBytes(size - 4, new byte[] {1, 2, 3, 4});
            assertThat(segment.buffer(size - 2, 2).get(1)).isEqualTo((byte) 4);
            assertThatThrownBy(segment::buffer).hasMessageContaining("more than one buffer holds");
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {1L << 30, 1L << 31})
    void nothingAtTheEndOfWholeGibibytesIsNoError(long size) {
        try (Segment segment =
                session.create(SegmentSpec.of(SegmentKind.SYSV_SHM).size(size))) { // which takes no memory until used
            assertThat(segment.buffer(size, 0).capacity()).isZero();
            assertThat(segment.getBytes(size, 0)).isEmpty();
            segment.putBytes(size, new byte[0]);
            segment.fill(size, 0, (byte) 1);
            assertThat(segment.hexdump(size, 0)).isEmpty();
            segment.putLong(size - 8, 5);
            assertThat(segment.buffer(size - 8, 8).getLong(0)).isEqualTo(5);
            assertThatThrownBy(() -> segment.buffer(size, 1)).isInstanceOf(IndexOutOfBoundsException.class);
            assertThatThrownBy(() -> segment.buffer(size + 1, 0)).isInstanceOf(IndexOutOfBoundsException.class);
        }
    }

    @Test
    void opaqueAccessAndExchangesWorkInBothWidths() {
        try (Segment segment =
                session.create(SegmentSpec.of(SegmentKind.MEMFD).size(16).label("s"))) {
            segment.putIntOpaque(4, 5);
            segment.putLongOpaque(8, -6);
            assertThat(segment.getIntOpaque(4)).isEqualTo(5).isEqualTo(segment.getInt(4));
            assertThat(segment.getLongOpaque(8)).isEqualTo(-6).isEqualTo(segment.getLong(8));
            assertThat(segment.getAndSetInt(4, 7)).isEqualTo(5);
            assertThat(segment.getAndSetLong(8, 8)).isEqualTo(-6);
            assertThat(segment.compareAndExchangeInt(4, 1, 2)).isEqualTo(7);
            assertThat(segment.compareAndExchangeInt(4, 7, 2)).isEqualTo(7);
            assertThat(segment.compareAndExchangeLong(8, 8, 9)).isEqualTo(8);
            assertThat(segment.compareAndExchangeLong(8, 8, 1)).isEqualTo(9);
            assertThat(segment.getInt(4)).isEqualTo(2);
            assertThat(segment.getLong(8)).isEqualTo(9);
            assertThatThrownBy(() -> segment.getIntOpaque(2)).hasMessageContaining("not a multiple of 4");
            assertThatThrownBy(() -> segment.putLongOpaque(4, 1)).hasMessageContaining("not a multiple of 8");
            assertThatThrownBy(() -> segment.getLongOpaque(16)).isInstanceOf(IndexOutOfBoundsException.class);
        }
    }

    @Test
    void floatingPointNumbersKeepTheirBits() {
        try (Segment segment =
                session.create(SegmentSpec.of(SegmentKind.MEMFD).size(16).label("s"))) {
            segment.putFloat(0, -1.5f);
            segment.putDouble(8, Double.MIN_VALUE);
            assertThat(segment.getFloat(0)).isEqualTo(-1.5f);
            assertThat(segment.getInt(0)).isEqualTo(0xbfc00000);
            assertThat(segment.getDouble(8)).isEqualTo(Double.MIN_VALUE);
            assertThat(segment.getLong(8)).isEqualTo(1);
        }
    }

    @Test
    void segmentIsABufferOrOnNewerJavaAMemorySegment() {
        Segment ring = session.create(SegmentSpec.of(SegmentKind.POSIX_SHM).label("viewed"));
        ring.as(ByteBuffer.class).put(8, (byte) 7);
        assertThat(ring.getByte(8)).isEqualTo((byte) 7);
        assertThat(ring.slice(8, 8).as(ByteBuffer.class).get(0)).isEqualTo((byte) 7);

        assertThatThrownBy(() -> ring.as(String.class))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(
                        "segment 'viewed' has no view as java.lang.String: ask for java.nio.ByteBuffer, or on Java 22 "
                                + "and later for java.lang.foreign.MemorySegment");
        ring.close();
    }

    @Test
    void aSliceIsTheSameMemoryFromZeroOn() {
        Segment ring =
                session.create(SegmentSpec.of(SegmentKind.POSIX_SHM).size(256).label("ring"));
        Segment slot = ring.slice(64, 32);
        slot.putLong(8, 42);
        slot.putBytes(16, new byte[] {1, 2});
        slot.fill(24, 8, (byte) 7);

        assertThat(ring.getLong(72)).isEqualTo(42);
        assertThat(ring.getBytes(80, 2)).containsExactly(1, 2);
        assertThat(ring.getByte(95)).isEqualTo((byte) 7);
        assertThat(ring.getByte(96)).isZero();
        assertThat(slot.size()).isEqualTo(32);
        assertThat(slot.label()).isEqualTo("ring[64..96)");
        assertThat(slot.nativeAddress()).isEqualTo(ring.nativeAddress() + 64);
        assertThat(slot.buffer().remaining()).isEqualTo(32);
        assertThat(slot.slice(8, 8).getLong(0)).isEqualTo(42);
        assertThat(slot.hexdump(8, 1)).startsWith("00000008  2a");
        assertThatThrownBy(() -> slot.getLong(25))
                .isInstanceOf(IndexOutOfBoundsException.class)
                .hasMessage("slice ring[64..96) has 32 bytes: 8 bytes at offset 25 do not lie within it");
        assertThatThrownBy(() -> ring.slice(250, 7)).isInstanceOf(IndexOutOfBoundsException.class);
        assertThatThrownBy(slot::address).hasMessageContaining("share segment 'ring', of which it is a part");
        slot.close();
        assertThat(slot.isClosed()).isFalse();
        ring.close();
        assertThat(slot.isClosed()).isTrue();
        assertThatThrownBy(() -> slot.getByte(0)).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void aHundredThousandSegmentsInOneJvmWithReadersThatAreLate() throws Exception {
        int[] late = new int[1];
        ByteBuffer[] kept = new ByteBuffer[64];
        for (int i = 0; i < 100_000; i++) {
            Segment segment =
                    session.create(SegmentSpec.of(SegmentKind.POSIX_SHM).size(4096));
            segment.putInt(0, i + 1);
            kept[i % kept.length] = segment.buffer();
            segment.close();
            for (ByteBuffer buffer : kept) {
                late[0] += buffer == null ? 0 : buffer.getInt(0);
            }
        }
        assertThat(late[0]).isZero();
        assertThat(KernelView.shmFiles("shmkit." + session.id())).isEmpty();
        assertThat(KernelView.allocatedBytes(session.id() + ".1.jrnl")).isLessThan(1 << 20);
    }

    @Test
    void theLedgerOfASessionWithManyOpenSegmentsStaysSmall() throws Exception {
        SegmentSpec spec = SegmentSpec.of(SegmentKind.POSIX_SHM);
        List<Segment> open = new ArrayList<>();
        for (int i = 0; i < 2_000; i++) {
            open.add(session.create(spec));
        }
        long ofThose = KernelView.allocatedBytes(session.id() + ".1.jrnl");
        for (int i = 0; i < 20_000; i++) {
            session.create(spec).close();
        }
        assertThat(KernelView.allocatedBytes(session.id() + ".1.jrnl")).isLessThan(3 * ofThose + (1 << 20));
        open.forEach(Segment::close);
        for (int i = 0; i < 20_000; i++) {
            session.create(spec).close();
        }
        assertThat(KernelView.allocatedBytes(session.id() + ".1.jrnl")).isLessThan(1 << 20);
    }

    /** The end of a session takes the folder away if it is empty; here it is as if that happened all the time. */
    @Test
    void aFolderOfMappedFilesThatGoesAwayIsClosedOnceHoweverManySeeIt() throws Exception {
        Path folder;
        try (Segment first = session.create(SegmentSpec.of(SegmentKind.MMAP_FILE))) {
            folder = Path.of(((SegmentAddress.ByPath) first.address()).path()).getParent();
        }
        ExecutorService threads = Executors.newFixedThreadPool(5);
        AtomicBoolean over = new AtomicBoolean();
        AtomicInteger made = new AtomicInteger();
        Session own = Session.open();
        try {
            Future<?> remover = threads.submit(() -> {
                while (!over.get()) {
                    int before = made.get();
                    if (folder.toFile().delete()) { // not while there is a file in it
                        while (made.get() < before + 8 && !over.get()) {
                            Thread.onSpinWait(); // sessions do not end without pause
                        }
                    }
                }
            });
            List<Future<?>> creators = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                creators.add(threads.submit(() -> {
                    for (int round = 0; round < 200; round++) {
                        own.create(SegmentSpec.of(SegmentKind.MMAP_FILE)).close();
                        made.incrementAndGet();
                    }
                }));
            }
            for (Future<?> creator : creators) {
                creator.get();
            }
            over.set(true);
            remover.get();
        } finally {
            threads.shutdown();
        }

        assertThat(own.end().removed()).isZero(); // a descriptor closed twice would be an error, or another's
    }
}
