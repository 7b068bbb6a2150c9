package io.github.shmkit.junit.internal;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * What stat(2) says of a file; not of what a link points to.
 *
 * @param mode type and permissions
 */
record Status(long device, long inode, long size, int uid, int mode) {
    private static final int TYPE = 0170000;
    private static final int DIRECTORY = 0040000;
    private static final int REGULAR = 0100000;
    private static final int WRITABLE_FOR_OTHERS = 0002;

    /** Empty if there is no such file. */
    static Optional<Status> of(Path path) throws IOException {
        try {
            Map<String, Object> status =
                    Files.readAttributes(path, "unix:dev,ino,size,uid,mode", LinkOption.NOFOLLOW_LINKS);
            return Optional.of(new Status(
                    number(status, "dev"),
                    number(status, "ino"),
                    number(status, "size"),
                    (int) number(status, "uid"),
                    (int) number(status, "mode")));
        } catch (NoSuchFileException e) {
            return Optional.empty();
        }
    }

    private static long number(Map<String, Object> status, String name) {
        return ((Number) Objects.requireNonNull(status.get(name), name)).longValue();
    }

    boolean isDirectory() {
        return (mode & TYPE) == DIRECTORY;
    }

    boolean isRegular() {
        return (mode & TYPE) == REGULAR;
    }

    boolean isWritableForOthers() {
        return (mode & WRITABLE_FOR_OTHERS) != 0;
    }

    boolean isSameFileAs(Status other) {
        return device == other.device && inode == other.inode;
    }
}
