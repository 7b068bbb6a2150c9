package io.github.shmkit.internal.session;

import io.github.shmkit.internal.ipc.Identity;
import io.github.shmkit.internal.ipc.IpcKind;
import io.github.shmkit.internal.os.Os;
import io.github.shmkit.internal.os.ProcFs;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.HexFormat;
import java.util.zip.CRC32;

/**
 * Writes the ledger of this JVM; ledger.h describes the format, and the C program reads it when this JVM is gone.
 *
 * <p>Each record is one write to a file that is preallocated, so that a full /dev/shm does not keep us from noting what
 * we made, and a kill at any instruction leaves at most one torn line at the end.
 */
final class Ledger implements AutoCloseable {
    private static final long RESERVE = 1 << 16;
    private static final long RESERVE_AHEAD = 1 << 13;

    private final int fd;
    private long written;
    private long reserved;

    private Ledger(int fd) {
        this.fd = fd;
    }

    static Ledger create(PrivateDir dir, SessionId session, int fork) {
        String name = session + "." + fork + ".jrnl";
        int fd = Os.openat(dir.fd(), name, Os.O_WRONLY | Os.O_APPEND | Os.O_CREAT | Os.O_EXCL | Os.O_NOFOLLOW, 0600);
        Ledger ledger = new Ledger(fd);
        long pid = ProcessHandle.current().pid();
        ledger.append("H " + LedgerContents.SCHEMA + " " + session + " " + fork + " " + ProcFs.bootId() + " "
                + Long.toUnsignedString(dir.device()) + " " + ProcFs.namespace("ipc") + " " + ProcFs.namespace("pid")
                + " " + ProcFs.namespace("user") + " " + pid + " "
                + ProcFs.startTime(pid).orElseThrow() + " " + Os.euid());
        return ledger;
    }

    /** About to create an object with a name. */
    void intent(long seq, IpcKind kind, String name, long size) {
        append("I " + seq + " " + kind + " " + base64(name) + " " + size);
    }

    /** About to create a System V object. */
    void intent(long seq, IpcKind kind, int key, long size) {
        append("I " + seq + " " + kind + " " + HexFormat.of().toHexDigits(key) + " " + size);
    }

    /** It was created. */
    void commit(long seq, Identity identity) {
        if (identity instanceof Identity.OfFile f) {
            append("C " + seq + " F " + Long.toUnsignedString(f.device()) + " " + Long.toUnsignedString(f.inode()) + " "
                    + f.btimeNanos());
        } else if (identity instanceof Identity.OfSysv s) {
            append("C " + seq + " V " + s.id() + " " + s.ctimeSeconds() + " " + s.creatorUid());
        }
    }

    /** It is gone, or was never made. */
    void release(long seq) {
        append("R " + seq);
    }

    static String base64(String name) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(name.getBytes(StandardCharsets.UTF_8));
    }

    private synchronized void append(String record) {
        byte[] body = record.getBytes(StandardCharsets.US_ASCII);
        CRC32 crc = new CRC32();
        crc.update(body);
        byte[] line = (record + " " + HexFormat.of().toHexDigits((int) crc.getValue()) + "\n")
                .getBytes(StandardCharsets.US_ASCII);
        if (written + line.length + RESERVE_AHEAD > reserved) {
            Os.reserve(fd, reserved, RESERVE);
            reserved += RESERVE;
        }
        Os.writeOnce(fd, line);
        written += line.length;
    }

    @Override
    public void close() {
        Os.close(fd);
    }
}
