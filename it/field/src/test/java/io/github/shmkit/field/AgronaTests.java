package io.github.shmkit.field;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.shmkit.Segment;
import io.github.shmkit.junit.CrashPoint;
import io.github.shmkit.junit.EachCrashPoint;
import io.github.shmkit.junit.EachState;
import io.github.shmkit.junit.RecordedState;
import io.github.shmkit.junit.Shm;
import io.github.shmkit.junit.ShmTestkit;
import java.io.File;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.agrona.MarkFile;
import org.agrona.concurrent.MessageHandler;
import org.agrona.concurrent.UnsafeBuffer;
import org.agrona.concurrent.broadcast.BroadcastBufferDescriptor;
import org.agrona.concurrent.broadcast.BroadcastReceiver;
import org.agrona.concurrent.broadcast.BroadcastTransmitter;
import org.agrona.concurrent.broadcast.CopyBroadcastReceiver;
import org.agrona.concurrent.ringbuffer.ManyToOneRingBuffer;
import org.agrona.concurrent.ringbuffer.OneToOneRingBuffer;
import org.agrona.concurrent.ringbuffer.RingBuffer;
import org.agrona.concurrent.ringbuffer.RingBufferDescriptor;
import org.agrona.concurrent.status.CountersManager;
import org.agrona.concurrent.status.CountersReader;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Tag("slow")
@Timeout(60)
@Program(name = "Agrona", artifact = "agrona")
class AgronaTests {
    private static final int TYPE = 7;
    private static final int LENGTH = 40;
    private static final int CAPACITY = 4096;
    private static final int LABELS = 4096;

    static int ring() {
        return CAPACITY + RingBufferDescriptor.TRAILER_LENGTH;
    }

    static int broadcast() {
        return CAPACITY + BroadcastBufferDescriptor.TRAILER_LENGTH;
    }

    static int counters() {
        return LABELS + LABELS / (CountersReader.METADATA_LENGTH / CountersReader.COUNTER_LENGTH);
    }

    private static UnsafeBuffer shared(Segment segment) {
        return new UnsafeBuffer(segment.buffer());
    }

    private static UnsafeBuffer message(char letter) {
        return new UnsafeBuffer(text(letter).getBytes(StandardCharsets.US_ASCII));
    }

    private static String text(char letter) {
        return String.valueOf(letter).repeat(LENGTH);
    }

    private static MessageHandler into(List<String> messages) {
        return (type, buffer, index, length) -> messages.add(buffer.getStringWithoutLengthAscii(index, length));
    }

    private static List<String> read(RingBuffer ring) {
        List<String> messages = new ArrayList<>();
        ring.read(into(messages));
        return messages;
    }

    @EachCrashPoint
    @Asked(
            operation = "OneToOneRingBuffer.write",
            question = "Is what the next producer writes read?",
            answer = "No, if the producer died with its record begun: this ring has no unblock.",
            points = 7,
            wrong = 5)
    void oneToOneRingBuffer(CrashPoint at, @Shm(sizeOf = "ring") Segment segment, ShmTestkit kit) {
        at.runAndCrash(
                kit.jvm("producer").attach(segment),
                context -> new OneToOneRingBuffer(shared(context.segment())).write(TYPE, message('a'), 0, LENGTH));

        RingBuffer ring = new OneToOneRingBuffer(shared(segment));
        List<String> read = new ArrayList<>(read(ring));
        assertThat(ring.write(TYPE, message('b'), 0, LENGTH)).isTrue();
        ring.unblock();
        read.addAll(read(ring));
        assertThat(read).endsWith(text('b')).isSubsetOf(text('a'), text('b'));
    }

    @EachCrashPoint
    @Asked(
            operation = "ManyToOneRingBuffer.write",
            question = "Is what the next producer writes read, once the consumer calls unblock?",
            answer = "Yes, and of the dead producer's message all or nothing.",
            points = 7)
    void manyToOneRingBuffer(CrashPoint at, @Shm(sizeOf = "ring") Segment segment, ShmTestkit kit) {
        at.runAndCrash(
                kit.jvm("producer").attach(segment),
                context -> new ManyToOneRingBuffer(shared(context.segment())).write(TYPE, message('a'), 0, LENGTH));

        RingBuffer ring = new ManyToOneRingBuffer(shared(segment));
        List<String> read = new ArrayList<>(read(ring));
        assertThat(ring.write(TYPE, message('b'), 0, LENGTH)).isTrue();
        while (ring.unblock()) {
            read.addAll(read(ring));
        }
        read.addAll(read(ring));
        assertThat(read).endsWith(text('b')).isSubsetOf(text('a'), text('b'));
    }

    @EachCrashPoint
    @Asked(
            operation = "BroadcastTransmitter.transmit",
            question = "Does the next transmitter go on where the dead one stopped?",
            answer = "Yes: the tail moves when the record is whole.",
            points = 7)
    void broadcastAfterACrash(CrashPoint at, @Shm(sizeOf = "broadcast") Segment segment, ShmTestkit kit) {
        CopyBroadcastReceiver receiver = new CopyBroadcastReceiver(new BroadcastReceiver(shared(segment)));
        at.runAndCrash(kit.jvm("transmitter").attach(segment), context -> {
            new BroadcastTransmitter(shared(context.segment())).transmit(TYPE, message('a'), 0, LENGTH);
            return 0;
        });

        new BroadcastTransmitter(shared(segment)).transmit(TYPE, message('b'), 0, LENGTH);
        List<String> received = new ArrayList<>();
        while (receiver.receive(into(received)) > 0) {}
        assertThat(received).endsWith(text('b')).isSubsetOf(text('a'), text('b'));
    }

    @EachState
    @Asked(
            operation = "BroadcastTransmitter.transmit, 200 times around the buffer",
            question = "Does a receiver that comes late read a message that was never sent?",
            answer = "No.",
            points = 1172)
    void broadcastWhileItIsWritten(RecordedState state, @Shm(sizeOf = "broadcast") Segment segment, ShmTestkit kit) {
        state.replay(
                () -> kit.jvm("transmitter").attach(segment),
                context -> {
                    BroadcastTransmitter transmitter = new BroadcastTransmitter(shared(context.segment()));
                    for (int i = 0; i < 200; i++) {
                        transmitter.transmit(TYPE, message((char) ('a' + i % 2)), 0, LENGTH);
                    }
                    return 0;
                },
                segment);

        List<String> received = new ArrayList<>();
        new CopyBroadcastReceiver(new BroadcastReceiver(shared(segment))).receive(into(received));
        assertThat(received).isSubsetOf(text('a'), text('b'));
    }

    @EachState
    @Asked(
            operation = "CountersManager.allocate",
            question = "Does a reader see a counter whose label is half written?",
            answer = "No: the state of the record is stored last.",
            points = 6)
    void counters(RecordedState state, @Shm(sizeOf = "counters") Segment segment, ShmTestkit kit) {
        state.replay(
                () -> kit.jvm("owner").attach(segment),
                context -> manager(context.segment()).allocate("bytes sent"),
                segment);

        List<String> labels = new ArrayList<>();
        manager(segment).forEach((id, label) -> labels.add(label));
        assertThat(labels).isSubsetOf("bytes sent");
    }

    private static CountersManager manager(Segment segment) {
        UnsafeBuffer all = shared(segment);
        return new CountersManager(
                new UnsafeBuffer(all, 0, LABELS), new UnsafeBuffer(all, LABELS, counters() - LABELS));
    }

    @EachCrashPoint
    @Asked(
            operation = "MarkFile, created",
            question = "Can the next process take the file over?",
            answer = "Yes, whether it is empty, not ready or ready.",
            points = 3)
    void markFile(CrashPoint at, ShmTestkit kit, @TempDir Path folder) {
        String file = folder.resolve("mark").toString();
        at.runAndCrash(
                kit.jvm("owner"),
                context -> {
                    mark(file).signalReady(1);
                    return 0;
                },
                Path.of(file));

        at.othersGoOn(kit.jvm("next owner"), context -> {
            mark(file).signalReady(1);
            return 0;
        });
    }

    /** As the owner of an archive does. */
    private static MarkFile mark(String name) {
        File file = new File(name);
        return new MarkFile(
                file, file.exists(), 0, 8, 64, 10, System::currentTimeMillis, version -> {}, progress -> {});
    }
}
