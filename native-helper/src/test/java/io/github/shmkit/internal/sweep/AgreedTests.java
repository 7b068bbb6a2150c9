package io.github.shmkit.internal.sweep;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.shmkit.internal.ipc.Identity;
import io.github.shmkit.internal.ipc.IpcKind;
import io.github.shmkit.internal.ipc.IpcObject;
import io.github.shmkit.internal.os.RawName;
import io.github.shmkit.internal.session.LedgerContents;
import io.github.shmkit.internal.session.LedgerContents.Entry;
import io.github.shmkit.internal.session.LedgerContents.UnreadableException;
import io.github.shmkit.internal.sweep.Claim.Proof;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import java.util.zip.CRC32;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What Java and C have to agree on, from the cases that src/test/c/agreed_test.c reads as well. */
class AgreedTests {
    private static final String HEADER =
            "H 1 AAAAAAAAAAAAAAAAAAAAAA 2 3f0c7c1e-0000-4000-8000-000000000001 26 1 1 1 4711 1 0";

    private static List<String> lines(String name) throws IOException {
        return Files.readAllLines(Path.of("src/test/agreed", name + ".txt")).stream()
                .filter(line -> !line.isEmpty() && !line.startsWith("#"))
                .toList();
    }

    // --- ledgers ---

    /** A ledger, and what is known from it. */
    record Ledger(String name, List<String> records, List<String> known) {
        @Override
        public String toString() {
            return name;
        }
    }

    static List<Ledger> ledgers() throws IOException {
        List<Ledger> ledgers = new ArrayList<>();
        for (String line : lines("ledger")) {
            if (line.startsWith("== ")) {
                ledgers.add(new Ledger(line.substring(3), new ArrayList<>(), new ArrayList<>()));
            } else {
                Ledger last = ledgers.get(ledgers.size() - 1);
                (line.startsWith("< ") ? last.records() : last.known()).add(line.substring(2));
            }
        }
        assertThat(ledgers).hasSizeGreaterThan(30);
        return ledgers;
    }

    @ParameterizedTest
    @MethodSource("ledgers")
    void ledgersAreReadAlike(Ledger ledger) {
        assertThat(known(ledger.records())).isEqualTo(ledger.known());
    }

    private static List<String> known(List<String> records) {
        StringBuilder text = new StringBuilder();
        Stream.concat(Stream.of(HEADER), records.stream()).forEach(record -> text.append(line(record)));
        try {
            LedgerContents contents = LedgerContents.parse(text.toString().getBytes(StandardCharsets.ISO_8859_1));
            return Stream.concat(
                            contents.objects().stream()
                                    .sorted(Comparator.comparing(Entry::seq))
                                    .map(AgreedTests::describe),
                            contents.processes().stream()
                                    .map(p -> "P " + p.pid() + " " + Long.toUnsignedString(p.startTime()) + " "
                                            + p.pidNamespace()))
                    .toList();
        } catch (UnreadableException e) {
            return List.of("damaged");
        }
    }

    private static String line(String record) {
        CRC32 crc = new CRC32();
        crc.update(record.getBytes(StandardCharsets.ISO_8859_1));
        return String.format("%s %08x%n", record, crc.getValue());
    }

    private static String describe(Entry entry) {
        String name = entry.kind().isSysv()
                ? Integer.toHexString(entry.key())
                : entry.name().base64();
        return entry.seq() + " " + entry.kind() + " " + name + " " + Long.toUnsignedString(entry.size())
                + (entry.kind().isUnaccounted() ? " " + entry.notBefore() : "")
                + entry.identity().map(AgreedTests::describe).orElse("");
    }

    private static String describe(Identity identity) {
        if (identity instanceof Identity.OfFile file) {
            return " F " + file.device() + " " + file.inode() + " " + file.btimeNanos();
        }
        Identity.OfSysv sysv = (Identity.OfSysv) identity;
        return " V " + sysv.id() + " " + sysv.ctimeSeconds() + " " + sysv.creatorUid();
    }

    // --- one line a case ---

    static List<String> identities() throws IOException {
        return lines("identity");
    }

    @ParameterizedTest
    @MethodSource("identities")
    void identitiesAreComparedAlike(String line) {
        String[] fields = line.split(" +", -1);
        long[] known =
                Stream.of(fields).skip(1).limit(3).mapToLong(Long::parseLong).toArray();
        long[] there =
                Stream.of(fields).skip(4).limit(3).mapToLong(Long::parseLong).toArray();
        boolean file = fields[0].equals("file");
        Identity then = file ? file(known) : sysv(known);
        Identity now = file ? file(there) : sysv(there);
        IpcKind kind = file ? IpcKind.POSIX_SHM : IpcKind.SYSV_SHM;
        IpcObject object = new IpcObject(kind, RawName.of("x"), now, 4096, 1000, 0600, 0, 0, 0, file ? -1 : 0, true);
        Entry entry = new Entry(1, kind, RawName.of("x"), (int) known[0], 4096, Optional.of(then));

        assertThat(Verdicts.isMeant(object, new Proof.Recorded(entry))).as(line).isEqualTo(fields[7].equals("same"));
    }

    private static Identity file(long[] fields) {
        return new Identity.OfFile(fields[0], fields[1], fields[2]);
    }

    private static Identity sysv(long[] fields) {
        return new Identity.OfSysv(5, (int) fields[0], fields[1], fields[2]);
    }

    static List<String> quarantines() throws IOException {
        return lines("quarantine");
    }

    @ParameterizedTest
    @MethodSource("quarantines")
    void quarantineIsNamedAlike(String line) {
        String[] fields = line.split(" ", -1);
        Entry entry =
                new Entry(Long.parseLong(fields[2]), IpcKind.POSIX_SHM, RawName.of("x"), 0, 4096, Optional.empty());

        assertThat(Steps.quarantine(fields[0] + "." + fields[1], entry)).isEqualTo(fields[3]);
    }
}
