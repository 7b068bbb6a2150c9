package io.github.shmkit.bench;

import io.github.shmkit.Segment;
import io.github.shmkit.SegmentKind;
import io.github.shmkit.SegmentSpec;
import io.github.shmkit.internal.session.Session;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/** Eight bytes of a mapping, for JMH: a walk over a page, so that the offset is no constant. */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class Access {
    static final int SIZE = 4096;
    private static final VarHandle LONGS = MethodHandles.byteBufferViewVarHandle(long[].class, ByteOrder.nativeOrder());

    /** Of shmkit. */
    @State(Scope.Thread)
    public static class Ours {
        private final Session session = Session.open();
        private final Segment segment =
                session.create(SegmentSpec.of(SegmentKind.MMAP_FILE).size(SIZE));
        private int at;

        int next() {
            at = at + Long.BYTES & SIZE - 1;
            return at;
        }

        /** Called by JMH. */
        @TearDown
        public void close() {
            session.close();
        }
    }

    /** Of the JDK. */
    @State(Scope.Thread)
    public static class Mapped {
        private final MappedByteBuffer buffer = map();
        private int at;

        private static MappedByteBuffer map() {
            try {
                Path file = Files.createTempFile("bench", "");
                try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
                    return channel.map(FileChannel.MapMode.READ_WRITE, 0, SIZE);
                } finally {
                    Files.delete(file);
                }
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        int next() {
            at = at + Long.BYTES & SIZE - 1;
            return at;
        }
    }

    /** Segment.getLong. */
    @Benchmark
    public long oursGet(Ours s) {
        return s.segment.getLong(s.next());
    }

    /** VarHandle.get. */
    @Benchmark
    public long mappedGet(Mapped s) {
        return (long) LONGS.get(s.buffer, s.next());
    }

    /** Segment.putLong. */
    @Benchmark
    public void oursPut(Ours s) {
        int at = s.next();
        s.segment.putLong(at, at);
    }

    /** VarHandle.set. */
    @Benchmark
    public void mappedPut(Mapped s) {
        int at = s.next();
        LONGS.set(s.buffer, at, (long) at);
    }

    /** Segment.compareAndSetLong. */
    @Benchmark
    public boolean oursCas(Ours s) {
        return s.segment.compareAndSetLong(s.next(), 0, 0);
    }

    /** VarHandle.compareAndSet. */
    @Benchmark
    public boolean mappedCas(Mapped s) {
        return LONGS.compareAndSet(s.buffer, s.next(), 0L, 0L);
    }
}
