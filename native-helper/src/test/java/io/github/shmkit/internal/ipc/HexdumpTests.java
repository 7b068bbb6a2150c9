package io.github.shmkit.internal.ipc;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

/** Compared with what {@code hexdump -C} printed of the same bytes. */
class HexdumpTests {
    @Test
    void rowsHave16BytesWithTheirOffsetAndTheirText() {
        byte[] bytes = "0123456789abcdefXYZ".getBytes(StandardCharsets.US_ASCII);

        assertThat(Hexdump.of(bytes, 0).lines())
                .containsExactly(
                        "00000000  30 31 32 33 34 35 36 37  38 39 61 62 63 64 65 66  |0123456789abcdef|",
                        "00000010  58 59 5a                                          |XYZ|");
    }

    @Test
    void whatCannotBePrintedIsADot() {
        assertThat(Hexdump.of(new byte[] {0x00, 0x1f, 0x20, 0x7e, 0x7f, (byte) 0x80, (byte) 0xff}, 0xabc0))
                .isEqualTo("0000abc0  00 1f 20 7e 7f 80 ff                              |.. ~...|\n");
    }

    @Test
    void nothingHasNoRows() {
        assertThat(Hexdump.of(new byte[0], 64)).isEmpty();
    }

    @Test
    void wholeRowsAreNotFollowedByAnEmptyOne() {
        assertThat(Hexdump.of(new byte[32], 16).lines())
                .containsExactly(
                        "00000010  00 00 00 00 00 00 00 00  00 00 00 00 00 00 00 00  |................|",
                        "00000020  00 00 00 00 00 00 00 00  00 00 00 00 00 00 00 00  |................|");
    }
}
