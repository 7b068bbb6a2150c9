package io.github.shmkit.internal.os;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RawNameTests {
    private static final byte[] NO_TEXT = {'a', (byte) 0xff, 'b'};

    @Test
    void keepsTheVeryBytes() {
        byte[] bytes = NO_TEXT.clone();
        RawName name = RawName.of(bytes);
        bytes[0] = 'x';
        name.bytes()[0] = 'y';

        assertThat(name.bytes()).isEqualTo(NO_TEXT);
        assertThat(name.base64()).isEqualTo("Yf9i");
        assertThat(name.text()).isEqualTo("a\ufffdb");
        assertThat(name).hasToString("a\ufffdb");
    }

    @Test
    void isWrittenForUrlsWithoutPadding() {
        assertThat(RawName.of("?").base64()).isEqualTo("Pw");
        assertThat(RawName.of("???~").base64()).isEqualTo("Pz8_fg");
        assertThat(RawName.EMPTY.base64()).isEmpty();
    }

    @Test
    void tellsWhetherItIsText() {
        assertThat(RawName.of("zoë").isUtf8()).isTrue();
        assertThat(RawName.EMPTY.isUtf8()).isTrue();
        assertThat(RawName.of(NO_TEXT).isUtf8()).isFalse();
    }

    @ParameterizedTest
    @CsvSource({"/tmp/a/b, /tmp/a, b", "/b, '', b", "/tmp/, /tmp, ''", "a/b, a, b"})
    void aPathIsSplitAtItsLastSlash(String path, String folder, String name) {
        assertThat(RawName.of(path).split()).containsExactly(RawName.of(folder), RawName.of(name));
    }

    @ParameterizedTest
    @CsvSource({"/tmp/a/b, c.d, /tmp/a/c.d", "/b, longer, /longer"})
    void aSiblingLiesInTheSameDirectory(String path, String name, String sibling) {
        assertThat(RawName.of(path).sibling(name)).isEqualTo(RawName.of(sibling));
    }

    @ParameterizedTest
    @CsvSource({
        "sem.a, sem., true",
        "sem., sem., true",
        "sem, sem., false",
        "xem.a, sem., false",
        "a, '', true",
        "zoë, zo, true",
    })
    void beginsWithTheBytesOfAText(String name, String prefix, boolean begins) {
        assertThat(RawName.of(name).startsWith(prefix)).isEqualTo(begins);
    }

    @Test
    void isOrderedByBytesAsTheKernelSeesThem() {
        assertThat(RawName.of("a")).isLessThan(RawName.of("b")).isLessThan(RawName.of("aa"));
        assertThat(RawName.of(new byte[] {(byte) 0x80})).isGreaterThan(RawName.of(new byte[] {0x7f}));
        assertThat(RawName.of("a")).isEqualByComparingTo(RawName.of("a"));
    }

    @Test
    void isEqualToOneOfTheSameBytes() {
        assertThat(RawName.of(NO_TEXT)).isEqualTo(RawName.of(NO_TEXT)).hasSameHashCodeAs(RawName.of(NO_TEXT));
        assertThat(RawName.of("a")).isNotEqualTo(RawName.of("b")).isNotEqualTo("a");
        assertThat(RawName.of("a").hashCode()).isNotEqualTo(RawName.of("b").hashCode());
        assertThat(RawName.of(new byte[0])).isEqualTo(RawName.EMPTY);
    }
}
