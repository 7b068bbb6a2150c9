package io.github.shmkit.internal.session;

import io.github.shmkit.ShmException;
import io.github.shmkit.internal.ipc.Identity;
import io.github.shmkit.internal.ipc.IpcKind;
import io.github.shmkit.internal.ipc.IpcObject;
import io.github.shmkit.internal.os.Errno;
import io.github.shmkit.internal.os.Os;
import io.github.shmkit.internal.os.OsException;
import io.github.shmkit.internal.os.ProcFs;
import io.github.shmkit.internal.os.RawName;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.zip.CRC32;

/**
 * Writes the ledger of this JVM; ledger.h describes the format, and the C program reads it when this JVM is gone.
 *
 * <p>Each record is one write to a file that is preallocated, so that a full /dev/shm does not keep us from noting what
 * we made, and a kill at any instruction leaves at most one torn line at the end.
 *
 * <p>The file only grows, but what is in it need not stay: once more of it speaks of objects that are gone than of those
 * that are not, the records of the latter are repeated at its end and all before them gives its memory back as a hole.
 * Nobody who has the file open notices, and a kill in between leaves records that stand there twice.
 */
final class Ledger implements AutoCloseable {
    /** The header has a page of its own, before all holes. */
    private static final long FIRST_RECORD = 4096;

    private static final long RESERVE = 1 << 16;
    private static final long RESERVE_MIN = 1 << 12;
    private static final long RESERVE_AHEAD = 1 << 13;
    private static final long COMPACT_AFTER = 1 << 18;
    /** For the records of helpers that run while the ledger is compacted. */
    private static final int HELPERS_ROOM = 1 << 12;
    /** Those of this JVM, which has one for each session. */
    private static final Set<Ledger> OPEN = ConcurrentHashMap.newKeySet();

    private final int fd;
    private final Map<Long, byte[]> live = new LinkedHashMap<>();
    private final Map<Long, Intent> intents = new ConcurrentHashMap<>();
    /** Of all records of live. */
    private long liveBytes;

    private long compactedTo = FIRST_RECORD;
    private long end;
    private long reserved;
    private boolean closed;

    /** What is about to be made, or is there, by name or by key. */
    private record Intent(IpcKind kind, String name, int key) {
        boolean describes(IpcObject object) {
            return kind == object.kind()
                    && (object.identity() instanceof Identity.OfSysv sysv
                            ? key == sysv.key()
                            : object.name().equals(RawName.of(name)));
        }
    }

    private Ledger(int fd) {
        this.fd = fd;
    }

    /** The ledger of a test JVM, or with fork 0 of the build itself. */
    static Ledger create(PrivateDir dir, SessionId session, int fork) {
        String name = LedgerContents.stem(session.text(), fork) + ".jrnl";
        int fd = Os.openat(dir.fd(), name, Os.O_RDWR | Os.O_APPEND | Os.O_CREAT | Os.O_EXCL | Os.O_NOFOLLOW, 0600);
        Ledger ledger = new Ledger(fd);
        try {
            ledger.begin(dir, session, fork);
        } catch (RuntimeException | Error e) {
            ledger.close();
            throw e;
        }
        OPEN.add(ledger);
        return ledger;
    }

    private void begin(PrivateDir dir, SessionId session, int fork) {
        long pid = ProcessHandle.current().pid();
        append(line("H " + LedgerContents.SCHEMA + " " + session + " " + fork + " " + ProcFs.bootId() + " "
                + Long.toUnsignedString(dir.device()) + " " + ProcFs.namespace("ipc") + " " + ProcFs.namespace("pid")
                + " " + ProcFs.namespace("user") + " " + pid + " "
                + ProcFs.startTime(pid).orElseThrow() + " " + Os.euid() + " " + IpcNamespace.identity()));
        Os.truncate(fd, FIRST_RECORD); // behind the header only zeros, which readers skip
        end = FIRST_RECORD;
    }

    /** About to create an object with a name. */
    void intent(long seq, IpcKind kind, String name, long size) {
        note(seq, "I " + seq + " " + kind + " " + base64(name) + " " + size);
        intents.put(seq, new Intent(kind, name, 0));
    }

    /** About to create a System V object. */
    void intent(long seq, IpcKind kind, int key, long size) {
        String time = kind.isUnaccounted() ? " " + System.currentTimeMillis() / 1000 : "";
        note(seq, "I " + seq + " " + kind + " " + HexFormat.of().toHexDigits(key) + " " + size + time);
        intents.put(seq, new Intent(kind, "", key));
    }

    /** It was created. */
    void commit(long seq, Identity identity) {
        if (identity instanceof Identity.OfFile f) {
            note(
                    seq,
                    "C " + seq + " F " + Long.toUnsignedString(f.device()) + " " + Long.toUnsignedString(f.inode())
                            + " " + f.btimeNanos());
        } else if (identity instanceof Identity.OfSysv s) {
            note(seq, "C " + seq + " V " + s.id() + " " + s.ctimeSeconds() + " " + s.creatorUid());
        }
    }

    /** Whether a session in this JVM made it, or is about to, and has not noted that it is gone. */
    static boolean anyOwns(IpcObject object) {
        return OPEN.stream()
                .flatMap(ledger -> ledger.intents.values().stream())
                .anyMatch(intent -> intent.describes(object));
    }

    /** What is there before the session makes anything. */
    void baseline(Baseline before) {
        ByteArrayOutputStream lines = new ByteArrayOutputStream();
        before.records().forEach(record -> lines.writeBytes(line(record)));
        byte[] all = lines.toByteArray();
        tryReserve(all.length + RESERVE);
        append(all);
    }

    /** Not all that processes made or used is noted. */
    void incomplete() {
        append(line("X F"));
        append(line("X P"));
    }

    /** It is gone, or was never made. */
    synchronized void release(long seq) {
        if (closed) {
            return; // the file is gone, and its descriptor may be another's by now
        }
        byte[] gone = live.remove(seq);
        liveBytes -= gone == null ? 0 : gone.length;
        intents.remove(seq);
        byte[] line = line("R " + seq);
        if (!hasRoomFor(line.length)) {
            return; // a cleaner will find that the object is gone
        }
        append(line);
        long useless = end - compactedTo - liveBytes;
        if (useless > Math.max(COMPACT_AFTER, liveBytes) || end + RESERVE_AHEAD > reserved) {
            compact();
        }
    }

    private synchronized void note(long seq, String record) {
        byte[] line = line(record);
        append(line);
        live.merge(seq, line, Ledger::concat);
        liveBytes += line.length;
    }

    private void compact() {
        if (!hasRoomToRepeat(liveBytes + HELPERS_ROOM)) {
            return; // the hole that it would make is worth less than what it would write
        }
        long until = Os.fstat(fd).size(); // helpers append too, always whole lines
        for (String record : records(compactedTo, until)) {
            if (isRunningHelper(record)) {
                append(line(record));
            }
        }
        live.values().forEach(this::append);
        Os.punchHole(fd, FIRST_RECORD, until - FIRST_RECORD);
        compactedTo = until;
    }

    private Iterable<String> records(long from, long to) {
        String text = new String(Os.readRange(fd, from, Math.toIntExact(to - from)), StandardCharsets.US_ASCII);
        return text.lines()
                .filter(line -> line.startsWith("P "))
                .map(line -> line.substring(0, line.lastIndexOf(' ')))
                .toList();
    }

    private static boolean isRunningHelper(String record) {
        String[] fields = record.split(" ", -1);
        long pid = Long.parseLong(fields[1]);
        return ProcFs.startTime(pid).equals(OptionalLong.of(Long.parseUnsignedLong(fields[2]))) || ProcFs.isHidden(pid);
    }

    private static String base64(String name) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(name.getBytes(StandardCharsets.UTF_8));
    }

    private static byte[] line(String record) {
        byte[] body = record.getBytes(StandardCharsets.US_ASCII);
        CRC32 crc = new CRC32();
        crc.update(body);
        return concat(
                body,
                (" " + HexFormat.of().toHexDigits((int) crc.getValue()) + "\n").getBytes(StandardCharsets.US_ASCII));
    }

    private static byte[] concat(byte[] first, byte[] second) {
        byte[] both = new byte[first.length + second.length];
        System.arraycopy(first, 0, both, 0, first.length);
        System.arraycopy(second, 0, both, first.length, second.length);
        return both;
    }

    private synchronized void append(byte[] lines) {
        if (closed) {
            throw new IllegalStateException("this session has ended: nothing can be made in it any more");
        }
        if (!hasRoomFor(lines.length)) {
            throw new ShmException("cannot note what is about to be made: /dev/shm is full; free some of it (`df "
                    + "/dev/shm`, `mvn shm:clean`)");
        }
        Os.writeOnce(fd, lines);
        end += lines.length;
    }

    /** Sees to it that space is allocated, ahead of the need; on a full file system what is allocated has to do. */
    private boolean hasRoomFor(long length) {
        end = Os.end(fd); // helpers append too
        if (end + length + RESERVE_AHEAD > reserved) {
            for (long ahead = RESERVE; ahead >= RESERVE_MIN && !tryReserve(ahead); ahead /= 2) {
                // On a nearly full file system a smaller piece may still be had.
            }
        }
        return end + length <= reserved;
    }

    /** More than is kept ahead is taken only where as much is left to others. */
    private boolean hasRoomToRepeat(long length) {
        if (hasRoomFor(length)) {
            return true;
        }
        return length <= Os.statfs(PrivateDir.SHM).available() / 2 && tryReserve(length);
    }

    private boolean tryReserve(long ahead) {
        try {
            Os.reserve(fd, end, ahead);
            reserved = Math.max(reserved, end + ahead);
            return true;
        } catch (OsException e) {
            if (e.is(Errno.ENOSPC)) {
                return false;
            }
            throw e;
        }
    }

    @Override
    public synchronized void close() {
        if (!closed) {
            closed = true;
            OPEN.remove(this);
            Os.close(fd);
        }
    }
}
