package io.github.shmkit.internal.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.shmkit.internal.ipc.Identity;
import io.github.shmkit.internal.ipc.IpcKind;
import io.github.shmkit.internal.os.RawName;
import io.github.shmkit.internal.session.LedgerContents.Entry;
import io.github.shmkit.internal.session.LedgerContents.UnreadableException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.zip.CRC32;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The parser alone, on records as ledger.h describes them. */
class LedgerContentsTests {
    private static final String HEADER =
            "H 1 AAAAAAAAAAAAAAAAAAAAAA 2 3f0c7c1e-0000-4000-8000-000000000001 26 4026531839 "
                    + "4026531836 4026531837 4711 18446744073709551615 1000";
    private static final String FILE = "I 1 POSIX_SHM c2htLjE 4096"; // shm.1
    private static final String SYSV = "I 2 SYSV_SHM fffffffb 8192";

    private static String line(String record) {
        CRC32 crc = new CRC32();
        crc.update(record.getBytes(StandardCharsets.ISO_8859_1));
        return String.format("%s %08x%n", record, crc.getValue());
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }

    private static LedgerContents parse(String... records) throws UnreadableException {
        StringBuilder text = new StringBuilder();
        for (String record : records) {
            text.append(line(record));
        }
        return LedgerContents.parse(bytes(text.toString()));
    }

    @Test
    void aLedgerAsItIsWrittenIsReadWhole() throws Exception {
        // The check sum was computed by zlib's crc32, not by the class under test.
        LedgerContents contents = LedgerContents.parse(bytes(line(HEADER) + "P 4712 99 4026531836 N 3f3b912c\n"));
        assertThat(contents.header().stem()).isEqualTo("AAAAAAAAAAAAAAAAAAAAAA.2");
        assertThat(contents.header().shmDevice()).isEqualTo(26);
        assertThat(contents.header().startTime()).isEqualTo(-1);
        assertThat(contents.header().euid()).isEqualTo(1000);
        assertThat(contents.processes()).containsExactly(new LedgerContents.ProcessEntry(4712, 99, 4026531836L));
        assertThat(contents.objects()).isEmpty();
        assertThat(contents.baseline()).isEmpty();
        assertThat(contents.header().ipcIdentity())
                .as("as hermetic mode's reports have it")
                .isEmpty();
    }

    @Test
    void theIdentityOfTheIpcNamespaceIsAWord() throws Exception {
        assertThat(parse(HEADER + " 0200/17").header().ipcIdentity()).isEqualTo("0200/17");
    }

    @Test
    void anIntentBecomesAnObjectAndACommitGivesItItsIdentity() throws Exception {
        assertThat(parse(HEADER, FILE, SYSV, "C 1 F 26 7 123456789", "C 2 V 32768 1700000000 1000")
                        .objects())
                .containsExactly(
                        new Entry(
                                1,
                                IpcKind.POSIX_SHM,
                                RawName.of("shm.1"),
                                0,
                                4096,
                                Optional.of(new Identity.OfFile(26, 7, 123456789))),
                        new Entry(
                                2,
                                IpcKind.SYSV_SHM,
                                RawName.EMPTY,
                                -5,
                                8192,
                                Optional.of(new Identity.OfSysv(32768, -5, 1000, 1700000000))));
        assertThat(parse(HEADER, SYSV).objects())
                .singleElement()
                .satisfies(e -> assertThat(e.identity()).isEmpty());
    }

    @Test
    void anIntentForWhatTellsNoCreatorTellsItsTime() throws Exception {
        assertThat(parse(
                                HEADER,
                                "I 3 SYSV_SEM 00000007 2 1700000000",
                                "C 3 V 32768 1700000001 1000",
                                "I 4 SYSV_MSG 8 0 1")
                        .objects())
                .containsExactly(
                        new Entry(
                                3,
                                IpcKind.SYSV_SEM,
                                RawName.EMPTY,
                                7,
                                2,
                                1700000000,
                                Optional.of(new Identity.OfSysv(32768, 7, 1000, 1700000001))),
                        new Entry(4, IpcKind.SYSV_MSG, RawName.EMPTY, 8, 0, 1, Optional.empty()));
    }

    @Test
    void whatIsReleasedIsForgottenAlsoWhereItsIntentStandsInAHole() throws Exception {
        assertThat(parse(HEADER, FILE, SYSV, "R 1", "R 4711").objects())
                .extracting(Entry::seq)
                .containsExactly(2L);
    }

    @Test
    void recordsThatStandThereTwiceAreOneObject() throws Exception {
        assertThat(parse(HEADER, FILE, "C 1 F 26 7 0", FILE, "C 1 F 26 7 0").objects())
                .hasSize(1);
    }

    @Test
    void holesBetweenLinesAndATornLastLineAreNothing() throws Exception {
        byte[] text = bytes(line(HEADER) + "\0\0\0" + line(FILE) + "\0" + line(SYSV) + "C 2 V 32768 17");
        assertThat(LedgerContents.parse(text).objects()).hasSize(2);
    }

    @Test
    void whatWasSeenIsReadWithItsMaker() throws Exception {
        LedgerContents contents = parse(
                HEADER,
                "O F POSIX_SEM c2VtLmE 26 8 0 1001 32 4712 77 D cGVybA",
                "O V SYSV_SHM 6 00000000 1000 100 4096 4713 78 T -");
        assertThat(contents.observations())
                .containsExactly(
                        new LedgerContents.Observation(
                                IpcKind.POSIX_SEM,
                                RawName.of("sem.a"),
                                new Identity.OfFile(26, 8, 0),
                                1001,
                                32,
                                4712,
                                77,
                                LedgerContents.Maker.DESCENDANT,
                                "perl"),
                        new LedgerContents.Observation(
                                IpcKind.SYSV_SHM,
                                RawName.EMPTY,
                                new Identity.OfSysv(6, 0, 1000, 100),
                                1000,
                                4096,
                                4713,
                                78,
                                LedgerContents.Maker.TOKEN,
                                ""));
    }

    @Test
    void usersMembersAndHowMuchWasWatched() throws Exception {
        LedgerContents contents = parse(
                HEADER,
                "A K S N",
                "U F POSIX_SHM YS9i 26 8 7 4712 77 cGVybA",
                "U V SYSV_SHM 6 00000001 1000 100 4713 78 -",
                "M 4714 79 4026531836 c2xlZXA",
                "X P",
                "X P");
        assertThat(contents.watch())
                .contains(new LedgerContents.Watch(
                        LedgerContents.Source.KERNEL, LedgerContents.Source.SEEN, LedgerContents.Source.NOTHING));
        assertThat(contents.uses())
                .containsExactly(
                        new LedgerContents.Use(
                                IpcKind.POSIX_SHM, RawName.of("a/b"), new Identity.OfFile(26, 8, 7), 4712, 77, "perl"),
                        new LedgerContents.Use(
                                IpcKind.SYSV_SHM, RawName.EMPTY, new Identity.OfSysv(6, 1, 1000, 100), 4713, 78, ""));
        assertThat(contents.members()).containsExactly(new LedgerContents.Member(4714, 79, 4026531836L, "sleep"));
        assertThat(contents.lost()).containsExactly(LedgerContents.Events.PROCESSES);
        assertThat(parse(HEADER).watch()).isEmpty();
        assertThat(parse(HEADER, "A K S N 0 1 22").watch().orElseThrow().errors())
                .containsExactly(0, 1, 22);
        assertThat(parse(HEADER).lost()).isEmpty();
    }

    @Test
    void theLargestNumbersAreRead() throws Exception {
        LedgerContents contents = parse(
                HEADER,
                "P 2147483647 18446744073709551615 1 N",
                "I 1 SYSV_SHM ffffffff 18446744073709551615",
                "R 67108864");

        assertThat(contents.processes()).containsExactly(new LedgerContents.ProcessEntry(Integer.MAX_VALUE, -1, 1));
        assertThat(contents.objects())
                .containsExactly(new Entry(1, IpcKind.SYSV_SHM, RawName.EMPTY, -1, -1, Optional.empty()));
    }

    @Test
    void aLineOfACheckSumAloneIsDamaged() {
        assertThatThrownBy(() -> LedgerContents.parse(bytes(line(HEADER) + " 00000000\n")))
                .hasMessage("a record is damaged");
        assertThatThrownBy(() -> LedgerContents.parse(bytes(line(HEADER) + "\n")))
                .hasMessage("a record is damaged");
    }

    @Test
    void aBuildsSessionHasNoFork() throws Exception {
        assertThat(parse(HEADER.replace("AA 2 ", "AA 0 ")).header().stem()).isEqualTo("AAAAAAAAAAAAAAAAAAAAAA");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "", // no letter
                "X 1",
                "I 1 POSIX_SHM c2htLjE", // too few fields
                "I 1 POSIX_SHM c2htLjE 4096 1", // too many
                "I 1 POSIX_SHM c2htL!E 4096",
                "I 1 BPF_MAP c2htLjE 4096",
                "I -1 POSIX_SHM c2htLjE 4096",
                "I +1 POSIX_SHM c2htLjE 4096",
                "I 18446744073709551616 POSIX_SHM c2htLjE 4096",
                "I 1  POSIX_SHM c2htLjE 4096", // two spaces
                "I 1 SYSV_SHM 100000000 4096", // a key of 33 bits
                "I 1 SYSV_SHM 00000007 4096 1700000000", // a time that only sets and queues have
                "I 1 SYSV_SEM 00000007 2", // none
                "C 9 F 26 7 0", // no INTENT
                "C 1 V 32768 1700000000 1000", // of a file
                "C 1 F 26 7 0 ",
                "R",
                "P 2147483648 99 1 N",
                "O X POSIX_SHM c2htLjE 26 7 0 0 32 4712 77 D -",
                "O F POSIX_SHM c2htLjE 26 7 0 0 32 4712 77 Z -", // no such proof
                "O F POSIX_SHM c2htLjE 26 7 0 32 4712 77 D -", // no owner
                "U F POSIX_SHM c2htLjE 26 7 0 4712 77",
                "M 4712 77 -",
                "A K S",
                "A K S P",
                "A K S N 0 1",
                "X Q"
            })
    void oneMalformedRecordVoidsTheLedger(String record) {
        assertThatThrownBy(() -> parse(HEADER, FILE, record))
                .isInstanceOf(UnreadableException.class)
                .hasMessageMatching("a record is (malformed|damaged)");
    }

    @Test
    void oneFlippedBitAnywhereInAWholeRecordVoidsTheLedger() {
        byte[] whole = bytes(line(HEADER) + line(FILE));
        int first = line(HEADER).length();
        for (int at = first; at < whole.length - 1; at++) {
            for (int bit = 0; bit < 8; bit++) {
                byte[] damaged = whole.clone();
                damaged[at] ^= (byte) (1 << bit);
                if (damaged[at] != 0) {
                    assertThatThrownBy(() -> LedgerContents.parse(damaged))
                            .as("byte %d bit %d", at - first, bit)
                            .isInstanceOf(UnreadableException.class);
                }
            }
        }
    }

    @Test
    void anotherSchemaAnotherBeginningOrNothingIsSaid() {
        assertThatThrownBy(() -> parse("H 2 whatever a later release writes"))
                .isInstanceOf(UnreadableException.class)
                .hasMessage("its schema is 2, and this release knows 1: it is another release's");
        assertThatThrownBy(() -> parse(FILE)).hasMessage("it does not begin with a header");
        assertThatThrownBy(() -> LedgerContents.parse(new byte[8192])).hasMessage("it is empty");
    }
}
