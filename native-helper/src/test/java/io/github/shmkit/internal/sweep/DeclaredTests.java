package io.github.shmkit.internal.sweep;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.shmkit.internal.ipc.Identity;
import io.github.shmkit.internal.ipc.IpcKind;
import io.github.shmkit.internal.ipc.IpcObject;
import io.github.shmkit.internal.os.RawName;
import java.util.List;
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
        return new Declared(text).matches(sysv(IpcKind.SYSV_SHM, id, key));
    }

    private static IpcObject sysv(IpcKind kind, int id, int key) {
        return new IpcObject(
                kind, RawName.EMPTY, new Identity.OfSysv(id, key, 1000, 0), 4096, 1000, 0600, 0, 0, 0, 0, true);
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
    @ValueSource(strings = {"key:0", "key:0x0", "key:0x00000000", "sem:key:0"})
    void theKeyOfPrivateObjectsIsRefused(String text) {
        assertThatThrownBy(() -> new Declared(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("'" + text + "' would claim every private object: key 0 is IPC_PRIVATE; give id:… instead");
    }

    @ParameterizedTest
    @CsvSource({
        "key:",
        "key:x",
        "key: 7",
        "key:00", // would be octal elsewhere
        "key:010",
        "key:-5",
        "key:+5",
        "key:#10",
        "key:0X10",
        "key:0x100000000", // its lower half is the key of all private objects
        "key:4294967296",
        "key:0x000000001",
        "key:99999999999999999999",
        "id:",
        "id:7x",
        "id:*",
        "id:010",
        "id:2147483648",
        "id:0x80000000",
        "sem:id:x",
        "msg:key:",
        "shm:key:0x100000000",
    })
    void whatIsNoNumberOfThatWidthIsRefused(String text) {
        String prefix = text.contains("key:") ? "key: stands a number of 32" : "id: stands a number of 31";
        assertThatThrownBy(() -> new Declared(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("'" + text + "' is no claim: behind " + prefix
                        + " bits, decimal without leading zeros or 0x… with at most 8 digits");
    }

    @ParameterizedTest
    @CsvSource({
        "id:7,          SYSV_SHM",
        "key:0x1234,    SYSV_SHM",
        "shm:id:7,      SYSV_SHM",
        "sem:id:7,      SYSV_SEM",
        "sem:key:4660,  SYSV_SEM",
        "msg:id:7,      SYSV_MSG",
        "msg:key:4660,  SYSV_MSG",
    })
    void aNumberMeansObjectsOfOneKind(String text, IpcKind meant) {
        Declared declared = new Declared(text);
        for (IpcKind kind : List.of(IpcKind.SYSV_SHM, IpcKind.SYSV_SEM, IpcKind.SYSV_MSG)) {
            assertThat(declared.matches(sysv(kind, 7, 0x1234)))
                    .as(text + " and " + kind)
                    .isEqualTo(kind == meant);
        }
    }

    @Test
    void whereItNarrowsANumberWithoutAKindMeansAll() {
        for (IpcKind kind : List.of(IpcKind.SYSV_SHM, IpcKind.SYSV_SEM, IpcKind.SYSV_MSG)) {
            assertThat(new Declared("id:7").concerns(sysv(kind, 7, 1))).isTrue();
            assertThat(new Declared("sem:id:7").concerns(sysv(kind, 7, 1))).isEqualTo(kind == IpcKind.SYSV_SEM);
        }
        assertThat(new Declared("psm_*").concerns(named(RawName.of("psm_1")))).isTrue();
    }
}
