package io.github.shmkit.internal.session;

import io.github.shmkit.internal.ipc.Identity;
import io.github.shmkit.internal.ipc.IpcKind;
import io.github.shmkit.internal.os.RawName;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.zip.CRC32;

/**
 * What a ledger says; ledger.h describes its format.
 *
 * @param header of the JVM that wrote it
 * @param objects those that were not released, by sequence number
 * @param processes the helpers that it started
 * @param observations what else processes of the session were seen to make
 * @param baseline what was there when the session began; empty when that was not noted
 */
public record LedgerContents(
        Header header,
        List<Entry> objects,
        List<ProcessEntry> processes,
        List<Observation> observations,
        Optional<Set<Baseline>> baseline) {
    static final int SCHEMA = 1;
    private static final int CRC_LENGTH = 8;

    /** Who wrote the ledger, and in which kernel's view. */
    public record Header(
            String session,
            int fork,
            String bootId,
            long shmDevice,
            long ipcNamespace,
            long pidNamespace,
            long userNamespace,
            int pid,
            long startTime,
            long euid) {
        /** "session.fork", or "session" for a build. */
        public String stem() {
            return LedgerContents.stem(session, fork);
        }
    }

    /**
     * An object; the identity is missing when the JVM died between its INTENT and its COMMIT.
     *
     * @param name in /dev/shm, of the queue, or the absolute path; empty for System V
     */
    public record Entry(long seq, IpcKind kind, RawName name, int key, long size, Optional<Identity> identity) {}

    /** A helper process. */
    public record ProcessEntry(int pid, long startTime, long pidNamespace) {}

    /**
     * An object that a process of the session made, but not through us.
     *
     * @param command the process's command line; empty when it could not be read
     */
    public record Observation(
            IpcKind kind, RawName name, Identity identity, long size, int pid, long startTime, String command) {}

    /** An object that was there before. */
    public record Baseline(IpcKind kind, Identity identity) {}

    /** It cannot be believed; the message says why. */
    public static final class UnreadableException extends Exception {
        private static final long serialVersionUID = 1L;

        UnreadableException(String message) {
            super(message);
        }
    }

    /**
     * Reads a whole ledger.
     *
     * @throws UnreadableException if any record but a torn last one is damaged, or the schema is not ours
     */
    public static LedgerContents parse(byte[] bytes) throws UnreadableException {
        Header header = null;
        Map<Long, Entry> objects = new TreeMap<>();
        List<ProcessEntry> processes = new ArrayList<>();
        List<Observation> observations = new ArrayList<>();
        Set<Baseline> baseline = new HashSet<>();
        boolean[] baselineWhole = new boolean[1];
        for (int at = 0; at < bytes.length; ) {
            if (bytes[at] == 0) {
                at++; // a hole, or preallocated space
                continue;
            }
            int end = at;
            while (end < bytes.length && bytes[end] != '\n') {
                end++;
            }
            if (end == bytes.length) {
                break; // the writer died in the middle of its last record: it never took effect
            }
            String[] fields = fields(bytes, at, end);
            at = end + 1;
            try {
                if (header == null) {
                    header = header(fields);
                } else {
                    switch (fields[0]) {
                        case "O" -> observations.add(observation(fields));
                        case "B" -> baselineWhole[0] |= baseline(fields, baseline);
                        default -> record(fields, objects, processes);
                    }
                }
            } catch (IllegalArgumentException | IndexOutOfBoundsException e) {
                throw new UnreadableException("a record is malformed");
            }
        }
        if (header == null) {
            throw new UnreadableException("it is empty");
        }
        return new LedgerContents(
                header,
                List.copyOf(objects.values()),
                List.copyOf(processes),
                List.copyOf(observations),
                baselineWhole[0] ? Optional.of(Set.copyOf(baseline)) : Optional.empty());
    }

    private static Observation observation(String[] f) {
        IpcKind kind = IpcKind.valueOf(f[2]);
        boolean file = f[1].equals("F");
        return new Observation(
                kind,
                file ? RawName.of(Base64.getUrlDecoder().decode(f[3])) : RawName.EMPTY,
                file ? fileIdentity(f[4], f[5], f[6]) : sysvIdentity(f[3], f[4], f[5], f[6]),
                Long.parseLong(f[7]),
                Integer.parseInt(f[8]),
                Long.parseUnsignedLong(f[9]),
                f[10].equals("-") ? "" : new String(Base64.getUrlDecoder().decode(f[10]), StandardCharsets.UTF_8));
    }

    /** Whether this was the record that says that the baseline is whole. */
    private static boolean baseline(String[] f, Set<Baseline> baseline) {
        if (f.length == 1) {
            return true;
        }
        IpcKind kind = IpcKind.valueOf(f[2]);
        baseline.add(new Baseline(
                kind, f[1].equals("F") ? fileIdentity(f[3], f[4], f[5]) : sysvIdentity(f[3], f[4], f[5], f[6])));
        return false;
    }

    private static Identity fileIdentity(String device, String inode, String btime) {
        return new Identity.OfFile(
                Long.parseUnsignedLong(device), Long.parseUnsignedLong(inode), Long.parseLong(btime));
    }

    private static Identity sysvIdentity(String id, String key, String cuid, String ctime) {
        return new Identity.OfSysv(
                Integer.parseInt(id), Integer.parseUnsignedInt(key, 16), Long.parseLong(cuid), Long.parseLong(ctime));
    }

    static String stem(String session, int fork) {
        return fork == 0 ? session : session + "." + fork;
    }

    private static String[] fields(byte[] bytes, int from, int to) throws UnreadableException {
        int body = to - from - CRC_LENGTH - 1;
        if (body < 1 || bytes[from + body] != ' ') {
            throw new UnreadableException("a record is damaged");
        }
        CRC32 crc = new CRC32();
        crc.update(bytes, from, body);
        String text = new String(bytes, from, to - from, StandardCharsets.ISO_8859_1);
        if (!text.substring(body + 1).equals(HexFormat.of().toHexDigits((int) crc.getValue()))) {
            throw new UnreadableException("a record is damaged");
        }
        return text.substring(0, body).split(" ", -1);
    }

    private static Header header(String[] f) throws UnreadableException {
        if (!f[0].equals("H")) {
            throw new UnreadableException("it does not begin with a header");
        }
        if (Integer.parseInt(f[1]) != SCHEMA) {
            throw new UnreadableException(
                    "its schema is " + f[1] + ", and this release knows " + SCHEMA + ": it is another release's");
        }
        return new Header(
                f[2],
                Integer.parseInt(f[3]),
                f[4],
                Long.parseUnsignedLong(f[5]),
                Long.parseUnsignedLong(f[6]),
                Long.parseUnsignedLong(f[7]),
                Long.parseUnsignedLong(f[8]),
                Integer.parseInt(f[9]),
                Long.parseUnsignedLong(f[10]),
                Long.parseLong(f[11]));
    }

    private static void record(String[] f, Map<Long, Entry> objects, List<ProcessEntry> processes) {
        switch (f[0]) {
            case "I" -> {
                long seq = Long.parseLong(f[1]);
                IpcKind kind = IpcKind.valueOf(f[2]);
                RawName name = kind.isSysv()
                        ? RawName.EMPTY
                        : RawName.of(Base64.getUrlDecoder().decode(f[3]));
                int key = kind.isSysv() ? Integer.parseUnsignedInt(f[3], 16) : 0;
                // A record may stand there twice, see Ledger.compact: it is the same object.
                objects.putIfAbsent(seq, new Entry(seq, kind, name, key, Long.parseLong(f[4]), Optional.empty()));
            }
            case "C" -> {
                Entry e = objects.get(Long.parseLong(f[1]));
                if (e == null) {
                    throw new IllegalArgumentException("COMMIT without INTENT");
                }
                Identity identity = e.kind().isSysv()
                        ? new Identity.OfSysv(
                                Integer.parseInt(f[3]), e.key(), Long.parseLong(f[5]), Long.parseLong(f[4]))
                        : new Identity.OfFile(
                                Long.parseUnsignedLong(f[3]), Long.parseUnsignedLong(f[4]), Long.parseLong(f[5]));
                objects.put(e.seq(), new Entry(e.seq(), e.kind(), e.name(), e.key(), e.size(), Optional.of(identity)));
            }
            case "R" -> objects.remove(Long.parseLong(f[1]));
            case "P" ->
                processes.add(new ProcessEntry(
                        Integer.parseInt(f[1]), Long.parseUnsignedLong(f[2]), Long.parseUnsignedLong(f[3])));
            default -> throw new IllegalArgumentException("unknown record " + f[0]);
        }
    }
}
