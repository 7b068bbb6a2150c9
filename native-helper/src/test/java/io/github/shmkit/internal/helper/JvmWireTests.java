package io.github.shmkit.internal.helper;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.shmkit.SegmentAddress;
import io.github.shmkit.SegmentKind;
import io.github.shmkit.internal.helper.JvmWire.Configuration;
import io.github.shmkit.internal.helper.JvmWire.Message;
import io.github.shmkit.internal.helper.JvmWire.Parser;
import io.github.shmkit.internal.helper.JvmWire.Shared;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class JvmWireTests {
    private static byte[] counted(int size) {
        byte[] bytes = new byte[size];
        for (int i = 0; i < size; i++) {
            bytes[i] = (byte) (i * 31);
        }
        return bytes;
    }

    private static List<String> take(Parser parser) throws IOException {
        List<String> taken = new ArrayList<>();
        for (Optional<Message> next = parser.next(); next.isPresent(); next = parser.next()) {
            Message m = next.get();
            taken.add(m.type() + "/" + m.number() + "/" + m.payload().length + "/" + Arrays.hashCode(m.payload()));
        }
        return taken;
    }

    private static String shown(int type, int number, byte[] payload) {
        return type + "/" + number + "/" + payload.length + "/" + Arrays.hashCode(payload);
    }

    @Test
    void aMessageIsItsLengthItsTypeItsNumberAndItsBytes() {
        assertThat(new Message(JvmWire.CALL, -2, new byte[] {7, 8, 9}).bytes())
                .isEqualTo(ByteBuffer.allocate(12)
                        .putInt(8)
                        .put((byte) 2)
                        .putInt(-2)
                        .put(new byte[] {7, 8, 9})
                        .array());
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 8, 9, 10, 13, 1000, 16384, 16385, 50_000, 100_000})
    void messagesAreTakenFromWhateverPiecesTheyComeIn(int piece) throws IOException {
        ByteArrayOutputStream stream = new ByteArrayOutputStream();
        stream.writeBytes(new Message(JvmWire.READY, 0, new byte[0]).bytes());
        stream.writeBytes(new Message(JvmWire.RESULT, 5, counted(60_000)).bytes());
        stream.writeBytes(new Message(JvmWire.EXIT, 3, counted(1)).bytes());
        byte[] all = stream.toByteArray();
        Parser parser = new Parser();
        List<String> taken = new ArrayList<>();

        for (int at = 0; at < all.length; at += piece) {
            int length = Math.min(piece, all.length - at);
            parser.feed(Arrays.copyOfRange(all, at, at + length + 3), length); // what is behind is not of it
            taken.addAll(take(parser));
        }

        assertThat(taken)
                .containsExactly(
                        shown(JvmWire.READY, 0, new byte[0]),
                        shown(JvmWire.RESULT, 5, counted(60_000)),
                        shown(JvmWire.EXIT, 3, counted(1)));
    }

    @Test
    void allThatCameAtOnceIsTakenOneByOne() throws IOException {
        Parser parser = new Parser();
        for (int i = 0; i < 9; i++) {
            byte[] message = new Message(JvmWire.RESULT, i, counted(4000)).bytes();
            parser.feed(message, message.length);
        }

        assertThat(take(parser)).hasSize(9).last().isEqualTo(shown(JvmWire.RESULT, 8, counted(4000)));
    }

    @ParameterizedTest
    @ValueSource(ints = {-1, (1 << 28) + 1, Integer.MIN_VALUE + 5})
    void aLengthThatNoMessageHasIsRefused(int size) {
        Parser parser = new Parser();
        parser.feed(ByteBuffer.allocate(9).putInt(size + 5).array(), 9);

        assertThatThrownBy(parser::next)
                .isInstanceOf(IOException.class)
                .hasMessage("malformed message of " + size + " bytes");
    }

    @Test
    void theLongestMessageIsWaitedFor() throws IOException {
        Parser parser = new Parser();
        parser.feed(ByteBuffer.allocate(9).putInt((1 << 28) + 5).array(), 9);

        assertThat(parser.next()).isEmpty();
    }

    @Test
    void aConfigurationComesBackAsItWas() throws IOException {
        Configuration configuration = new Configuration(
                "zoë",
                new Timeouts(Duration.ofMillis(1500), 2.5),
                new SegmentAddress.ByPath(SegmentKind.POSIX_SHM, "/dev/shm/c", 100),
                List.of(
                        new Shared("a", new SegmentAddress.ByPath(SegmentKind.MMAP_FILE, "/tmp/f", 1L << 40)),
                        new Shared("b", new SegmentAddress.BySysv(65538, -5, 4096)),
                        new Shared("c", new SegmentAddress.ByPath(SegmentKind.MEMFD, "/proc/1/fd/7", 1))));

        assertThat(Configuration.of(configuration.bytes())).isEqualTo(configuration);
        assertThat(Configuration.of(new Configuration("", new Timeouts(1), configuration.control(), List.of()).bytes())
                        .segments())
                .isEmpty();
    }

    @Test
    void aConfigurationThatIsCutIsRefused() {
        byte[] whole = new Configuration("n", new Timeouts(1), new SegmentAddress.BySysv(1, 2, 3), List.of()).bytes();

        assertThatThrownBy(() -> Configuration.of(Arrays.copyOf(whole, whole.length - 1)))
                .isInstanceOf(EOFException.class);
    }
}
