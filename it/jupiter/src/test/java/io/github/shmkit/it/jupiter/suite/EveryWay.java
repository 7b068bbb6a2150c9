package io.github.shmkit.it.jupiter.suite;

import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.is;

import io.github.shmkit.NamedSemaphore;
import io.github.shmkit.Segment;
import io.github.shmkit.SegmentKind;
import io.github.shmkit.junit.CrashPoint;
import io.github.shmkit.junit.EachCrashPoint;
import io.github.shmkit.junit.EachSegmentKind;
import io.github.shmkit.junit.Shm;
import io.github.shmkit.junit.ShmSemaphore;
import io.github.shmkit.junit.ShmTestkit;
import io.github.shmkit.script.Script;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Each way in which something is injected, and each template. */
@SuppressWarnings("NullAway.Init")
public class EveryWay {
    /** Tests of this class and of the nested ones. */
    public static final int TESTS = 22;

    private static final List<Segment> OF_CONSTRUCTORS = new ArrayList<>();

    @Shm
    private static Segment shared;

    @Shm(kind = SegmentKind.SYSV_SHM)
    private Segment own;

    private final Segment ofConstructor;

    EveryWay(@Shm(label = "constructor") Segment ofConstructor) {
        this.ofConstructor = ofConstructor;
        // What an earlier instance was given has ended with its test.
        synchronized (OF_CONSTRUCTORS) {
            OF_CONSTRUCTORS.add(ofConstructor);
        }
    }

    @BeforeAll
    static void begin(@Shm(label = "class") Segment segment) {
        segment.putInt(0, 1);
        shared.putInt(0, 1);
    }

    @AfterAll
    static void whatConstructorsWereGivenEndedWithTheTests() {
        assertThat(OF_CONSTRUCTORS).hasSizeGreaterThan(5).noneMatch(EveryWay::isOpen);
    }

    private static boolean isOpen(Segment segment) {
        try {
            return segment.getByte(0) == 0;
        } catch (IllegalStateException e) {
            return false;
        }
    }

    @BeforeEach
    void before(@Shm Segment segment) {
        segment.putInt(0, 1);
        own.putInt(0, 1);
    }

    @Test
    void fieldsAndParameters(@Shm(size = 64) Segment segment, @Shm ByteBuffer buffer, @Shm Path file) {
        assertThat(segment.size()).isEqualTo(64);
        assertThat(buffer.capacity()).isEqualTo(4096);
        assertThat(Files.exists(file)).isTrue();
        assertThat(own.getInt(0) + shared.getInt(0)).isEqualTo(2);
        assertThat(isOpen(ofConstructor)).isTrue();
    }

    @Test
    void semaphores(@ShmSemaphore(initial = 1) NamedSemaphore semaphore) {
        assertThat(semaphore.tryAcquire()).isTrue();
    }

    @Shm(kind = SegmentKind.MEMFD)
    @Retention(RetentionPolicy.RUNTIME)
    @interface Anonymous {}

    @Test
    void metaAnnotations(@Anonymous Segment segment) {
        assertThat(segment.kind()).isEqualTo(SegmentKind.MEMFD);
    }

    @Test
    void helpersAndWaits(@Shm Segment segment, ShmTestkit kit) {
        kit.nativeHelper("writer").attach(segment).start().putInt(0, 7);
        kit.await().untilInt(segment, 0, is(7));
    }

    @EachSegmentKind
    void kinds(SegmentKind kind, @Shm Segment segment) {
        assertThat(segment.kind()).isEqualTo(kind);
    }

    /** Two stores. */
    public static class TwoStores implements Supplier<Script> {
        @Override
        public Script get() {
            return Script.of(b -> b.putInt(0, 1).putInt(4, 2));
        }
    }

    @EachCrashPoint(script = TwoStores.class)
    void crashPoints(CrashPoint at, @Shm Segment segment) {
        at.runAndCrash(segment);
        assertThat(segment.getInt(4) == 2).isEqualTo(at.steps() == 2);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    void parameterized(int value, @Shm Segment segment) {
        assertThat(segment.getAndAddInt(0, value)).isZero();
    }

    @ParameterizedTest
    @EnumSource(SegmentKind.class)
    void kindsByJunitsOwnTemplate(SegmentKind kind, ShmTestkit kit) {
        assertThat(kit.create(io.github.shmkit.SegmentSpec.of(kind)).kind()).isEqualTo(kind);
    }

    @RepeatedTest(2)
    void repeated(@Shm Segment segment) {
        assertThat(segment.getAndAddInt(0, 1)).isZero();
    }

    @TestFactory
    Stream<DynamicTest> dynamic(@Shm Segment segment) {
        return IntStream.range(0, 2)
                .mapToObj(i -> DynamicTest.dynamicTest(
                        "step " + i,
                        () -> assertThat(segment.getAndAddInt(0, 1)).isEqualTo(i)));
    }

    @Nested
    class Inner {
        @Shm
        private Segment inner;

        @Test
        void nested() {
            assertThat(inner.address()).isNotEqualTo(own.address());
        }
    }
}
