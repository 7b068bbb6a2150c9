package io.github.shmkit.programs;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.shmkit.Segment;
import io.github.shmkit.junit.CrashPoint;
import io.github.shmkit.junit.EachCrashPoint;
import io.github.shmkit.junit.EachInterleaving;
import io.github.shmkit.junit.EachPause;
import io.github.shmkit.junit.EachState;
import io.github.shmkit.junit.Interleaving;
import io.github.shmkit.junit.PausePoint;
import io.github.shmkit.junit.RecordedState;
import io.github.shmkit.junit.Shm;
import io.github.shmkit.junit.ShmTestkit;
import io.github.shmkit.process.JvmHelper;
import io.github.shmkit.trace.Held;
import io.github.shmkit.trace.PendingAccess;
import java.util.ArrayList;
import java.util.List;
import org.agrona.concurrent.UnsafeBuffer;
import org.agrona.concurrent.ringbuffer.ManyToOneRingBuffer;
import org.agrona.concurrent.ringbuffer.OneToOneRingBuffer;
import org.agrona.concurrent.ringbuffer.RingBuffer;
import org.agrona.concurrent.ringbuffer.RingBufferDescriptor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Agrona 1.21.2: what a consumer reads after a producer has died in {@code write}, and after another one has written. */
@Timeout(60)
class AgronaRingBufferTests {
    private static final int TYPE = 7;
    private static final int LENGTH = 40;

    static int size() {
        return 4096 + RingBufferDescriptor.TRAILER_LENGTH;
    }

    private static UnsafeBuffer shared(Segment segment) {
        return new UnsafeBuffer(segment.buffer());
    }

    private static boolean write(RingBuffer ring, char letter) {
        UnsafeBuffer message = new UnsafeBuffer(new byte[LENGTH]);
        message.setMemory(0, LENGTH, (byte) letter);
        return ring.write(TYPE, message, 0, LENGTH);
    }

    private static List<String> read(RingBuffer ring) {
        List<String> messages = new ArrayList<>();
        ring.read((type, buffer, index, length) ->
                messages.add(type + " " + buffer.getStringWithoutLengthAscii(index, length)));
        return messages;
    }

    private static String message(char letter) {
        return TYPE + " " + String.valueOf(letter).repeat(LENGTH);
    }

    /** There is one producer: where it dies, the next one goes on. */
    @EachCrashPoint
    void aProducerThatDiesLeavesAOneToOneRingBufferSilentAtFivePoints(
            CrashPoint at, @Shm(sizeOf = "size") Segment segment, ShmTestkit kit) {
        at.runAndCrash(
                kit.jvm("producer").attach(segment),
                context -> write(new OneToOneRingBuffer(shared(context.segment())), 'a'));

        RingBuffer ring = new OneToOneRingBuffer(shared(segment));
        List<String> left = read(ring);
        boolean written = write(ring, 'b');
        List<String> read = read(ring);

        assertThat(written).isTrue();
        boolean whole = at.steps() < 0 || !left.isEmpty();
        boolean goesOn = read.equals(List.of(message('b')));
        assertThat(left).isSubsetOf(List.of(message('a')));
        assertThat(goesOn).isEqualTo(whole || at.steps() == 0);
        if (!goesOn) {
            assertThat(ring.unblock()).isFalse();
            assertThat(read(ring)).isEmpty();
        }
    }

    /** It is made for that: the control. */
    @EachCrashPoint
    void aManyToOneRingBufferGoesOnWhereverAProducerDies(
            CrashPoint at, @Shm(sizeOf = "size") Segment segment, ShmTestkit kit) {
        at.runAndCrash(
                kit.jvm("producer").attach(segment),
                context -> write(new ManyToOneRingBuffer(shared(context.segment())), 'a'));

        RingBuffer ring = new ManyToOneRingBuffer(shared(segment));
        List<String> read = new ArrayList<>(read(ring));
        assertThat(write(ring, 'b')).isTrue();
        read.addAll(read(ring));
        while (ring.unblock()) {
            read.addAll(read(ring));
        }
        read.addAll(read(ring));

        assertThat(read).endsWith(message('b')).isSubsetOf(List.of(message('a'), message('b')));
    }

    @EachCrashPoint
    void whatWasWrittenBeforeAProducerDiesIsRead(CrashPoint at, @Shm(sizeOf = "size") Segment segment, ShmTestkit kit) {
        JvmHelper producer = at.start(kit.jvm("producer").attach(segment));
        producer.call(context -> write(new ManyToOneRingBuffer(shared(context.segment())), 'a'));

        at.arm(
                producer,
                () -> producer.call(context -> write(new ManyToOneRingBuffer(shared(context.segment())), 'b')));

        assertThat(read(new ManyToOneRingBuffer(shared(segment))))
                .isIn(List.of(message('a')), List.of(message('a'), message('b')));
    }

    @EachState
    void aConsumerNeverReadsHalfAMessage(RecordedState state, @Shm(sizeOf = "size") Segment segment, ShmTestkit kit) {
        state.replay(
                () -> kit.jvm("producer").attach(segment),
                context -> write(new ManyToOneRingBuffer(shared(context.segment())), 'a'),
                segment);

        assertThat(read(new ManyToOneRingBuffer(shared(segment)))).isIn(List.of(), List.of(message('a')));
    }

    /** Wherever the producer is held, another one is not. */
    @EachPause
    void aProducerThatIsHeldHoldsNoOtherUp(PausePoint at, @Shm(sizeOf = "size") Segment segment, ShmTestkit kit) {
        try (Held producer = at.runAndHold(
                kit.jvm("producer").attach(segment),
                context -> write(new ManyToOneRingBuffer(shared(context.segment())), 'a'))) {
            assertThat(producer.accesses()).hasSize(at.accesses());
            assertThat(write(new ManyToOneRingBuffer(shared(segment)), 'b')).isTrue();
        }
        assertThat(readAll(new ManyToOneRingBuffer(shared(segment))))
                .containsExactlyInAnyOrder(message('a'), message('b'));
    }

    @EachInterleaving
    void noMessageOfTwoProducersIsLost(Interleaving run, @Shm(sizeOf = "size") Segment segment, ShmTestkit kit) {
        run.of(
                run.task(
                        kit.jvm("a").attach(segment),
                        context -> write(new ManyToOneRingBuffer(shared(context.segment())), 'a')),
                run.task(
                        kit.jvm("b").attach(segment),
                        context -> write(new ManyToOneRingBuffer(shared(context.segment())), 'b')));

        assertThat(readAll(new ManyToOneRingBuffer(shared(segment))))
                .containsExactlyInAnyOrder(message('a'), message('b'));
    }

    /** The control: a ring for one producer that two use. */
    @Test
    void aSecondProducerOfAOneToOneRingBufferOverwritesTheFirst(@Shm(sizeOf = "size") Segment segment, ShmTestkit kit) {
        try (Held producer = kit.hold(
                kit.jvm("producer").attach(segment),
                context -> write(new OneToOneRingBuffer(shared(context.segment())), 'a'))) {
            producer.stepUntil(PendingAccess::stores);
            assertThat(write(new OneToOneRingBuffer(shared(segment)), 'b')).isTrue();
        }
        assertThat(readAll(new OneToOneRingBuffer(shared(segment)))).hasSizeLessThan(2);
    }

    private static List<String> readAll(RingBuffer ring) {
        List<String> all = new ArrayList<>();
        for (List<String> some = read(ring); !some.isEmpty(); some = read(ring)) {
            all.addAll(some);
        }
        return all;
    }
}
