package io.github.shmkit.internal.sweep;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.shmkit.internal.ipc.Identity;
import io.github.shmkit.internal.ipc.IpcKind;
import io.github.shmkit.internal.ipc.IpcObject;
import io.github.shmkit.internal.os.RawName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DeclaredTests {
    private static IpcObject named(RawName name) {
        return new IpcObject(
                IpcKind.POSIX_SHM, name, new Identity.OfFile(26, 7, 0), 4096, 1000, 0600, 0, 0, 0, -1, true);
    }

    private static boolean means(String text, String name) {
        return new Declared(text).matches(named(RawName.of(name)));
    }

    private static boolean means(String text, int id, int key) {
        return new Declared(text)
                .matches(new IpcObject(
                        IpcKind.SYSV_SHM,
                        RawName.EMPTY,
                        new Identity.OfSysv(id, key, 1000, 0),
                        4096,
                        1000,
                        0600,
                        0,
                        0,
                        0,
                        0,
                        true));
    }

    @ParameterizedTest
    @CsvSource({
        "psm_1,   psm_1",
        "psm_*,   psm_",
        "psm_*,   psm_12",
        "*_1,     psm_1",
        "p?m_1,   psm_1",
        "p*1,     p/b1",
        "a.b,     a.b",
        "[a]+(b), [a]+(b)",
        "key*,    keyboard",
        "zoë,     zoë",
        "zo??,    zoë", // a wildcard is a byte
    })
    void aNameIsMeantByItselfAndByWildcards(String text, String name) {
        assertThat(means(text, name)).isTrue();
    }

    @ParameterizedTest
    @CsvSource({
        "psm_1,   psm_12",
        "psm_1,   a_psm_1",
        "psm_?,   psm_",
        "psm_?,   psm_12",
        "a.b,     aXb",
        "a.*,     aXb",
        "PSM_1,   psm_1",
        "zo?,     zoë",
        "key:7,   key:7", // that of a System V object
        "id:7,    id:7",
    })
    void anotherNameIsNot(String text, String name) {
        assertThat(means(text, name)).isFalse();
    }

    @Test
    void aWildcardTakesALineBreakAndBytesThatAreNoText() {
        assertThat(means("a*b", "a\nb")).isTrue();
        assertThat(new Declared("a?b").matches(named(RawName.of(new byte[] {'a', (byte) 0xff, 'b'}))))
                .isTrue();
    }

    @ParameterizedTest
    @CsvSource({
        "key:0x1234,     7, 0x1234",
        "key:4660,       7, 0x1234",
        "key:0xfffffffb, 7, -5",
        "id:32768,       32768, 1",
        "id:0,           0, 1",
    })
    void aSystemVObjectIsMeantByItsKeyOrId(String text, int id, String key) {
        assertThat(means(text, id, Integer.decode(key))).isTrue();
    }

    @ParameterizedTest
    @CsvSource({
        "key:7, 7, 8", // the key is not the id
        "id:8,  7, 8",
        "id:0x100000007, 7, 8", // more than 32 bits
        "a*, 7, 8",
        "7, 7, 7",
    })
    void anotherOneIsNot(String text, int id, int key) {
        assertThat(means(text, id, key)).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"*", "?", "**", "?*?", ""})
    void whatWouldMeanEverybodysObjectsIsRefused(String text) {
        assertThatThrownBy(() -> new Declared(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("'" + text + "' would claim everybody's objects; a claim needs a name with at least one "
                        + "character that is not a wildcard, key:0x… or id:…");
    }

    @ParameterizedTest
    @ValueSource(strings = {"key:0", "key:0x0", "key:00"})
    void theKeyOfPrivateSegmentsIsRefused(String text) {
        assertThatThrownBy(() -> new Declared(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(
                        "'" + text + "' would claim every private segment: key 0 is IPC_PRIVATE; give id:… instead");
    }

    @ParameterizedTest
    @CsvSource({"key:, key:", "key:x, key:", "key: 7, key:", "id:, id:", "id:7x, id:", "id:*, id:"})
    void whatIsNoNumberIsRefused(String text, String prefix) {
        assertThatThrownBy(() -> new Declared(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("'" + text + "' is no claim: behind " + prefix + " stands a number, decimal or 0x…");
    }
}
