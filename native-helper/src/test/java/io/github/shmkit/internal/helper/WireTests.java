package io.github.shmkit.internal.helper;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.shmkit.internal.helper.Wire.Reply;
import io.github.shmkit.script.ScriptResult.Status;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Messages byte by byte, as PROTOCOL.md lays them out. */
class WireTests {
    private static final int ROUNDS_SIZE = 8;

    /** Numbers of 32 bits, the first of them the type. */
    private static ByteBuffer words(int... words) {
        ByteBuffer body = littleEndian(words.length * Integer.BYTES);
        for (int word : words) {
            body.putInt(word);
        }
        return body.flip();
    }

    private static ByteBuffer littleEndian(int size) {
        return ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
    }

    /** The head of a reply, with so many bytes behind it. */
    private static ByteBuffer reply(int depth, int results, int bytes, int behind) {
        return littleEndian(Wire.REPLY_SIZE + behind)
                .putInt(Wire.TYPE_REPLY)
                .putInt(7)
                .putInt(4)
                .putInt(11)
                .putInt(22)
                .putInt(depth)
                .putLong(33)
                .putLong(-44)
                .putInt(results)
                .putInt(bytes);
    }

    @Test
    void theGreetingTellsWhoWeAreAndHowTheHelperIsCalled() {
        byte[] greeting = Wire.hello("zoë");

        assertThat(greeting)
                .isEqualTo(littleEndian(24)
                        .putInt(20)
                        .putInt(1)
                        .putInt(0x4b4d4853)
                        .putInt(1)
                        .putInt(4)
                        .put("zoë".getBytes(StandardCharsets.UTF_8))
                        .array());
    }

    @Test
    void aNameIsCutWhereTheHelperWouldRefuseIt() {
        byte[] longest = Wire.hello("n".repeat(255));

        assertThat(longest).hasSize(4 + 16 + 255);
        assertThat(Wire.hello("n".repeat(256))).isEqualTo(longest);
    }

    @Test
    void theHelpersGreetingTellsItsVersionAndPid() {
        assertThat(Wire.decode(words(1, 0x4b4d4853, 1, 4711))).isEqualTo(new Wire.Hello(1, 4711));
    }

    @Test
    void aReplyHasRoundsThenResultsThenBytes() {
        ByteBuffer body = reply(2, 2, 3, 2 * ROUNDS_SIZE + 2 * Wire.RESULT_SIZE + 3)
                .putLong(5)
                .putLong(6)
                .putInt(0)
                .putInt(1)
                .putLong(2)
                .putLong(3)
                .putInt(10)
                .putInt(11)
                .putLong(12)
                .putLong(13)
                .put(new byte[] {'a', 'b', 'c'})
                .flip();

        Reply reply = (Reply) Wire.decode(body);

        assertThat(reply.id()).isEqualTo(7);
        assertThat(reply.status()).isEqualTo(Status.MISMATCH);
        assertThat(reply.last()).isEqualTo(11);
        assertThat(reply.errno()).isEqualTo(22);
        assertThat(reply.rounds()).containsExactly(5L, 6L);
        assertThat(reply.iterations()).isEqualTo(33);
        assertThat(reply.lastValue()).isEqualTo(-44);
        assertThat(reply.results()).containsExactly(new Wire.Result(0, 1, 2, 3), new Wire.Result(10, 11, 12, 13));
        byte[] bytes = new byte[reply.bytes().remaining()];
        reply.bytes().get(bytes);
        assertThat(bytes).containsExactly('a', 'b', 'c');
    }

    @Test
    void aReplyMayHaveNothingAndAsMuchAsTheProtocolAllows() {
        assertThat(((Reply) Wire.decode(reply(0, 0, 0, 0).flip())).results()).isEmpty();
        assertThat(((Reply) Wire.decode(reply(16, 0, 0, 16 * ROUNDS_SIZE).rewind())).rounds())
                .hasSize(16);
        assertThat(((Reply) Wire.decode(
                                reply(0, 65536, 0, 65536 * Wire.RESULT_SIZE).rewind()))
                        .results())
                .hasSize(65536);
    }

    @ParameterizedTest
    @CsvSource({
        "17,     0,  0, 136", // deeper than loops can be
        "-1,     1,  0, 16",
        "3,     -1,  0, 0",
        "0,  65537,  0, 1572888",
        "1,      0, -8, 0",
        "0,      0,  1, 0", // fewer bytes than it says
        "0,      0,  0, 1", // more
        "1,      0,  0, 0",
        "0,      1,  0, 0",
    })
    void aReplyWhoseCountsDoNotFitIsRefused(int depth, int results, int bytes, int behind) {
        assertThatThrownBy(
                        () -> Wire.decode(reply(depth, results, bytes, behind).rewind()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("reply with status MISMATCH, " + depth + " loops, " + results + " results and " + bytes
                        + " bytes");
    }

    @Test
    void aFaultTellsWhatTouchedWhichAddress() {
        ByteBuffer body = words(4, 7, 3, 11, 2, 0, 0xdeadbeef, 0x7fff);

        assertThat(Wire.decode(body)).isEqualTo(new Wire.Fault(7, 3, 11, 2, 0x7fff_dead_beefL));
    }

    @Test
    void theEndOfAForkedChildTellsPidAndStatus() {
        assertThat(Wire.decode(words(5, 4711, 9, 0))).isEqualTo(new Wire.ChildExit(4711, 9));
    }

    @ParameterizedTest
    @CsvSource({"1, 20", "3, 44", "4, 28", "4, 36", "5, 12", "5, 20", "2, 16", "0, 16", "6, 48"})
    void whatNoHelperSaysIsRefused(int type, int size) {
        int[] words = new int[size / Integer.BYTES];
        words[0] = type;
        words[1] = Wire.MAGIC;

        assertThatThrownBy(() -> Wire.decode(words(words)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("type " + type + " of " + size + " bytes");
    }

    @Test
    void anotherProgramsGreetingIsRefused() {
        assertThatCode(() -> Wire.decode(words(1, 0x4b4d4853, 1, 1))).doesNotThrowAnyException();
        assertThatThrownBy(() -> Wire.decode(words(1, 0x4b4d4854, 1, 1))).hasMessage("type 1 of 16 bytes");
    }
}
