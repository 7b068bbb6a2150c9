package io.github.shmkit.internal.os;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;

/** Which entries of a directory are opened, by whatever process, as inotify(7) tells. */
public final class OpenWatch implements AutoCloseable {
    private static final int IN_OPEN = 0x20;
    private static final int IN_Q_OVERFLOW = 0x4000;
    private static final int MASK = 4;
    private static final int LENGTH = 12;
    private static final int HEADER = 16;

    private final int fd;
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
        if (Libc.inotify_add_watch(fd, Os.cString(directory), IN_OPEN) < 0) {
            Os.close(fd);
            return Optional.empty();
        }
        return Optional.of(new OpenWatch(fd));
    }

    /** The names of those that were opened since this was last asked. */
    public Set<RawName> names() {
        Set<RawName> names = new HashSet<>();
        byte[] bytes = new byte[1 << 16];
        for (long size; (size = Libc.read(fd, bytes, bytes.length)) > 0; ) {
            ByteBuffer events = ByteBuffer.wrap(bytes, 0, (int) size).order(ByteOrder.nativeOrder());
            for (int at = 0; at < size; at += HEADER + events.getInt(at + LENGTH)) {
                overflown |= (events.getInt(at + MASK) & IN_Q_OVERFLOW) != 0;
                int from = at + HEADER;
                int end = from;
                while (end < from + events.getInt(at + LENGTH) && bytes[end] != 0) {
                    end++;
                }
                names.add(RawName.of(Arrays.copyOfRange(bytes, from, end)));
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
