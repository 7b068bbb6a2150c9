package io.github.shmkit.internal.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.shmkit.internal.ipc.Identity;
import io.github.shmkit.internal.ipc.Inventory;
import io.github.shmkit.internal.ipc.IpcKind;
import io.github.shmkit.internal.ipc.IpcObject;
import io.github.shmkit.internal.os.RawName;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.zip.CRC32;
import org.junit.jupiter.api.Test;

class BaselineTests {
    private static final String HEADER =
            "H 1 AAAAAAAAAAAAAAAAAAAAAA 0 3f0c7c1e-0000-4000-8000-000000000001 26 1 2 3 4711 5 1000 -/6";

    private static IpcObject file(IpcKind kind, String name, long inode, long born) {
        return new IpcObject(
                kind, RawName.of(name), new Identity.OfFile(26, inode, born), 4096, 1000, 0600, 0, 0, 0, -1, true);
    }

    private static IpcObject sysv(IpcKind kind, int id, int key, long ctime) {
        return new IpcObject(
                kind, RawName.EMPTY, new Identity.OfSysv(id, key, 1000, ctime), 1, 1000, 0600, 0, 0, 0, 0, true);
    }

    private static Baseline of(IpcObject... objects) {
        return Baseline.of(new Inventory(List.of(objects), Set.of(), List.of()));
    }

    /** As it comes out of a ledger. */
    private static Optional<Baseline> read(List<String> records) throws LedgerContents.UnreadableException {
        StringBuilder text = new StringBuilder();
        List<String> all = new ArrayList<>(List.of(HEADER));
        all.addAll(records);
        for (String record : all) {
            CRC32 crc = new CRC32();
            crc.update(record.getBytes(StandardCharsets.US_ASCII));
            text.append(String.format("%s %08x%n", record, crc.getValue()));
        }
        return LedgerContents.parse(text.toString().getBytes(StandardCharsets.US_ASCII))
                .baseline();
    }

    @Test
    void anObjectIsKnownByWhatItIsAndByItsName() throws Exception {
        Baseline before =
                read(of(file(IpcKind.POSIX_SHM, "data", 7, 100)).records()).orElseThrow();

        assertThat(before.hadObject(file(IpcKind.POSIX_SHM, "renamed", 7, 100))).isTrue();
        assertThat(before.had(file(IpcKind.POSIX_SHM, "renamed", 7, 100))).isTrue();
        assertThat(before.hadObject(file(IpcKind.POSIX_SHM, "data", 8, 100))).isFalse();
        assertThat(before.had(file(IpcKind.POSIX_SHM, "data", 8, 100))).isTrue();
        assertThat(before.had(file(IpcKind.POSIX_SHM, "data2", 8, 100))).isFalse();
        assertThat(before.had(file(IpcKind.POSIX_SHM, "data2", 7, 101)))
                .as("the inode number is another file's by now")
                .isFalse();
        assertThat(before.had(file(IpcKind.POSIX_MQ, "data", 8, 100)))
                .as("a queue of that name")
                .isFalse();
    }

    @Test
    void aSystemVObjectIsKnownByIdAndKeyWhateverItsTimeIsNow() throws Exception {
        Baseline before = read(of(sysv(IpcKind.SYSV_SHM, 5, 0x1234, 99), sysv(IpcKind.SYSV_SHM, 6, 0, 99))
                        .records())
                .orElseThrow();

        assertThat(before.hadObject(sysv(IpcKind.SYSV_SHM, 5, 0x1234, 200))).isTrue();
        assertThat(before.had(sysv(IpcKind.SYSV_SHM, 32773, 0x1234, 200)))
                .as("made anew")
                .isTrue();
        assertThat(before.had(sysv(IpcKind.SYSV_SHM, 32774, 0, 200)))
                .as("every private segment has the key 0")
                .isFalse();
        assertThat(before.had(sysv(IpcKind.SYSV_SEM, 5, 0x1235, 99))).isFalse();
        assertThat(before.had(sysv(IpcKind.SYSV_SEM, 32773, 0x1234, 99)))
                .as("a set of that key")
                .isFalse();
    }

    @Test
    void whatCouldNotBeListedIsNotCalledNew() throws Exception {
        Inventory inventory = new Inventory(List.of(), Set.of(IpcKind.POSIX_MQ), List.of("nothing is mounted"));

        Baseline before = read(Baseline.of(inventory).records()).orElseThrow();

        assertThat(before.tells(IpcKind.POSIX_MQ)).isFalse();
        assertThat(before.tells(IpcKind.POSIX_SHM)).isTrue();
    }

    @Test
    void withoutItsLastRecordItTellsNothing() throws Exception {
        List<String> records = of(file(IpcKind.POSIX_SHM, "data", 7, 100)).records();
        assertThat(read(records.subList(0, records.size() - 1))).isEmpty();
    }

    @Test
    void aDamagedListIsRefused() {
        assertThatThrownBy(() -> read(List.of("B AAAA", "B E"))).hasMessage("a record is malformed");
        assertThatThrownBy(() -> read(List.of("B E NO_KIND"))).hasMessage("a record is malformed");
    }

    @Test
    void aHundredThousandFitIntoTwoMegabytes() throws Exception {
        List<IpcObject> many = new ArrayList<>();
        for (int i = 0; i < 100_000; i++) {
            many.add(file(IpcKind.POSIX_SHM, "old" + i, i, i));
        }
        List<String> records = of(many.toArray(IpcObject[]::new)).records();

        assertThat(records).allMatch(record -> record.length() < 8192 - 10); // LEDGER_LINE_MAX, and the check sum
        assertThat(records.stream().mapToInt(String::length).sum()).isLessThan(2_200_000);
        Baseline before = read(records).orElseThrow();
        assertThat(many).allMatch(before::hadObject);
        assertThat(before.had(file(IpcKind.POSIX_SHM, "new", 100_000, 0))).isFalse();
    }
}
