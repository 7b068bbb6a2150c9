package io.github.shmkit.maven.internal;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.shmkit.internal.os.RawName;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PrintableTests {
    @ParameterizedTest
    @CsvSource(delimiter = '|', ignoreLeadingAndTrailingWhitespace = false, textBlock = """
            plain|plain
            with space|with space
            -rf|-rf
            x (deleted)|x (deleted)
            <script>|<script>
            Zoë 漢字 𝄞|Zoë 漢字 𝄞
            """)
    void leavesVisibleTextAsItIs(String name, String expected) {
        assertThat(Printable.name(RawName.of(name))).isEqualTo(expected);
    }

    @Test
    void escapesWhatWouldForgeALineOrSteerATerminal() {
        assertThat(Printable.name(RawName.of("a\nb\rc\td\u001b[2Je\u0007\u007ff")))
                .isEqualTo("a\\x0ab\\x0dc\\x09d\\x1b[2Je\\x07\\x7ff");
        assertThat(Printable.name(RawName.of("a\u0085b\u009bc\u2028d\u2029e")))
                .isEqualTo("a\\u{85}b\\u{9b}c\\u{2028}d\\u{2029}e");
    }

    @Test
    void escapesWhatCannotBeSeenOrTurnsTheWriting() {
        assertThat(Printable.name(RawName.of("a\u202eb\u200bc\ufeffd\u00a0e\ue000f")))
                .isEqualTo("a\\u{202e}b\\u{200b}c\\u{feff}d\\u{a0}e\\u{e000}f");
    }

    @Test
    void escapesLettersMarksAndSymbolsWithoutShape() {
        for (int c : new int[] {0x34f, 0x115f, 0x1160, 0x17b4, 0x180b, 0x2800, 0x3164, 0xfe0f, 0xffa0, 0xe0100}) {
            assertThat(Printable.text("f" + Character.toString(c))).isEqualTo("f\\u{" + Integer.toHexString(c) + "}");
        }
    }

    @Test
    void escapesMarksThatPileUp() {
        assertThat(Printable.text("e\u0301")).isEqualTo("e\u0301");
        assertThat(Printable.text("e\u0301\u0301\u0302x")).isEqualTo("e\u0301\\u{301}\\u{302}x");
        assertThat(Printable.text("\u0301x")).isEqualTo("\\u{301}x");
        assertThat(Printable.text("\u200b\u0301")).isEqualTo("\\u{200b}\\u{301}");
    }

    @Test
    void escapesBytesThatAreNoCharacters() {
        byte[] name = {
            'a',
            (byte) 0xff,
            'b',
            (byte) 0xc3,
            '(',
            (byte) 0xe2,
            (byte) 0x82,
            'c',
            (byte) 0xed,
            (byte) 0xa0,
            (byte) 0x80,
            (byte) 0xe2
        };

        assertThat(Printable.name(RawName.of(name))).isEqualTo("a\\xffb\\xc3(\\xe2\\x82c\\xed\\xa0\\x80\\xe2");
    }

    @Test
    void escapesTheEscape() {
        assertThat(Printable.name(RawName.of("a\\x0ab"))).isEqualTo("a\\\\x0ab");
    }

    @Test
    void breaksCommandsToCiSystems() {
        assertThat(Printable.name(RawName.of("::stop-commands::x"))).isEqualTo("\\x3a:stop-commands::x");
        assertThat(Printable.name(RawName.of("a##[error]b##vso[task.complete]")))
                .isEqualTo("a#\\x23[error]b#\\x23vso[task.complete]");
        assertThat(Printable.name(RawName.of("a::b #[c"))).isEqualTo("a::b #[c");
    }

    @Test
    void textIsOneLineToo() {
        assertThat(Printable.text("cannot open a\nb\ud800")).isEqualTo("cannot open a\\x0ab\\u{d800}");
    }

    @Test
    void differentNamesLookDifferentAndHaveOnlyVisibleCharacters() {
        Random random = new Random(42);
        byte[] alphabet = "a\\x0#:[\n\033 \u00e9\u202e\u2028".getBytes(StandardCharsets.UTF_8);
        Set<RawName> names = new HashSet<>();
        Set<String> seen = new HashSet<>();
        for (int i = 0; i < 20_000; i++) {
            byte[] name = new byte[1 + random.nextInt(8)];
            for (int j = 0; j < name.length; j++) {
                name[j] = random.nextBoolean()
                        ? alphabet[random.nextInt(alphabet.length)]
                        : (byte) (1 + random.nextInt(255));
            }
            String printed = Printable.name(RawName.of(name));
            assertThat(printed.codePoints().noneMatch(Character::isISOControl)).isTrue();
            assertThat(printed).doesNotContain("##").doesNotStartWith("::");
            names.add(RawName.of(name));
            seen.add(printed);
        }
        assertThat(seen).hasSameSizeAs(names);
    }
}
