package io.github.shmkit.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
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

/** As {@link Access}, through the foreign memory of newer JDKs. */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class ForeignAccess {
    private static final VarHandle LONGS = ValueLayout.JAVA_LONG.varHandle();

    /** A mapping of it. */
    @State(Scope.Thread)
    public static class Foreign {
        private final MemorySegment segment = map();
        private int at;

        private static MemorySegment map() {
            try {
                Path file = Files.createTempFile("bench", "");
                try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
                    return channel.map(FileChannel.MapMode.READ_WRITE, 0, Access.SIZE, Arena.ofShared());
                } finally {
                    Files.delete(file);
                }
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        int next() {
            at = at + Long.BYTES & Access.SIZE - 1;
            return at;
        }
    }

    /** MemorySegment.get. */
    @Benchmark
    public long foreignGet(Foreign s) {
        return s.segment.get(ValueLayout.JAVA_LONG, s.next());
    }

    /** MemorySegment.set. */
    @Benchmark
    public void foreignPut(Foreign s) {
        int at = s.next();
        s.segment.set(ValueLayout.JAVA_LONG, at, at);
    }

    /** VarHandle.compareAndSet. */
    @Benchmark
    public boolean foreignCas(Foreign s) {
        return LONGS.compareAndSet(s.segment, (long) s.next(), 0L, 0L);
    }
}
