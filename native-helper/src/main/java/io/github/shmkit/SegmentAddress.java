package io.github.shmkit;

import java.nio.charset.StandardCharsets;
import java.util.Locale;

/**
 * What another process needs in order to share a segment.
 *
 * @since 0.1.0
 */
public sealed interface SegmentAddress {
    /**
     * Bytes.
     *
     * @return the exact size
     */
    long size();

    /**
     * A segment that is opened by a path: open(2) it, then mmap(2) {@link #size()} bytes with {@code MAP_SHARED}.
     *
     * @param kind any kind but System V
     * @param path absolute; for a memfd it lives as long as the process that made it
     * @param size bytes
     */
    record ByPath(SegmentKind kind, String path, long size) implements SegmentAddress {
        /**
         * The name for shm_open(3), with its leading slash.
         *
         * @return the name
         * @throws IllegalStateException if this is not a POSIX shared memory object
         */
        public String name() {
            if (kind != SegmentKind.POSIX_SHM) {
                throw new IllegalStateException(kind + " has no name for shm_open(3); its path is " + path);
            }
            return path.substring(path.lastIndexOf('/'));
        }
    }

    /**
     * A System V segment: shmat(2) the id, or shmget(2) the key first.
     *
     * @param shmid the id
     * @param key the key, never IPC_PRIVATE
     * @param size bytes
     */
    record BySysv(int shmid, int key, long size) implements SegmentAddress {}

    /**
     * The way of sharing.
     *
     * @return the kind
     */
    default SegmentKind segmentKind() {
        return this instanceof ByPath p ? p.kind() : SegmentKind.SYSV_SHM;
    }

    /**
     * All of it in one word, for a command line: {@code posix:/name?size=4096}, {@code file:/path?size=…},
     * {@code memfd:/proc/PID/fd/N?size=…} or {@code sysv:shmid?size=…&key=0x…}.
     *
     * <p>Characters of a name or path that mean something else in a URI, and those that are not ASCII, are
     * percent-encoded, see RFC 3986; {@code shmkit.h} decodes them.
     *
     * @return the word
     */
    default String uri() {
        if (this instanceof BySysv s) {
            return "sysv:" + s.shmid() + "?size=" + s.size() + "&key=0x" + Integer.toHexString(s.key());
        }
        ByPath p = (ByPath) this;
        String what = switch (p.kind()) {
            case POSIX_SHM -> "posix:" + encoded(p.name());
            case MEMFD -> "memfd:" + encoded(p.path());
            case MMAP_FILE, SYSV_SHM -> "file:" + encoded(p.path());
        };
        return what + "?size=" + p.size();
    }

    private static String encoded(String path) {
        String plain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~!$&'()*+,;=:@/";
        StringBuilder out = new StringBuilder();
        for (byte b : path.getBytes(StandardCharsets.UTF_8)) {
            char c = (char) (b & 0xff);
            out.append(plain.indexOf(c) >= 0 ? String.valueOf(c) : String.format(Locale.ROOT, "%%%02X", (int) c));
        }
        return out.toString();
    }
}
