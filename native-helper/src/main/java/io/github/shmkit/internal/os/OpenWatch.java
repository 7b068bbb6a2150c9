package io.github.shmkit.internal.os;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Which entries of directories are opened, by whatever process, as inotify(7) tells. */
public final class OpenWatch implements AutoCloseable {
    private static final int IN_OPEN = 0x20;
    private static final int IN_Q_OVERFLOW = 0x4000;
    private static final int IN_ISDIR = 0x40000000;
    private static final int MASK = 4;
    private static final int LENGTH = 12;
    private static final int HEADER = 16;

    private final int fd;
    /** By watch: what stands before the names in it. */
    private final Map<Integer, Optional<RawName>> prefixes = new HashMap<>();

    private boolean overflown;

    private OpenWatch(int fd) {
        this.fd = fd;
    }

    /** Watches from now on; empty where that is not possible. */
    public static Optional<OpenWatch> of(String directory) {
        int fd = Libc.inotify_init1(Constants.O_CLOEXEC | Constants.O_NONBLOCK);
        if (fd < 0) {
            return Optional.empty();
        }
        OpenWatch watch = new OpenWatch(fd);
        if (!watch.add(directory, Optional.empty())) {
            Os.close(fd);
            return Optional.empty();
        }
        return Optional.of(watch);
    }

    /**
     * Watches a directory below, too.
     *
     * @param path of it below the first one
     * @return false where that is not possible
     */
    public boolean addBelow(String first, RawName path) {
        return path.isUtf8() && add(first + "/" + path.text(), Optional.of(path));
    }

    private boolean add(String directory, Optional<RawName> prefix) {
        int watch = Libc.inotify_add_watch(fd, Os.cString(directory), IN_OPEN);
        if (watch >= 0) {
            prefixes.put(watch, prefix);
        }
        return watch >= 0;
    }

    /** The names of those that were opened since this was last asked. */
    public Set<RawName> names() {
        Set<RawName> names = new HashSet<>();
        byte[] bytes = new byte[1 << 16];
        for (long size; (size = Libc.read(fd, bytes, bytes.length)) > 0; ) {
            ByteBuffer events = ByteBuffer.wrap(bytes, 0, (int) size).order(ByteOrder.nativeOrder());
            for (int at = 0; at < size; at += HEADER + events.getInt(at + LENGTH)) {
                int mask = events.getInt(at + MASK);
                overflown |= (mask & IN_Q_OVERFLOW) != 0;
                if ((mask & IN_ISDIR) != 0) {
                    continue; // we list them, too
                }
                int from = at + HEADER;
                int end = from;
                while (end < from + events.getInt(at + LENGTH) && bytes[end] != 0) {
                    end++;
                }
                RawName name = RawName.of(Arrays.copyOfRange(bytes, from, end));
                names.add(prefixes.getOrDefault(events.getInt(at), Optional.empty())
                        .map(name::below)
                        .orElse(name));
            }
        }
        return names;
    }

    /** Whether more was opened than the kernel noted for us, so that any may have been. */
    public boolean isOverflown() {
        return overflown;
    }

    @Override
    public void close() {
        Os.close(fd);
    }
}
