package io.github.shmkit.internal.trace;

import io.github.shmkit.internal.os.Os;
import io.github.shmkit.internal.os.ProcFs;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/** Where a tracer writes: memory without a name, which is gone with this JVM. A file on a disk would double the cost of a store. */
public final class LogMemory implements AutoCloseable {
    private final int fd = Os.memfd("shmkit-accesses");

    /** How processes of this user open it. */
    public Path path() {
        return Path.of(ProcFs.self(), "fd", Integer.toString(fd));
    }

    /** Leaves what is there. */
    public void copyTo(Path file) throws IOException {
        Files.copy(path(), file, StandardCopyOption.REPLACE_EXISTING);
    }

    @Override
    public void close() {
        Os.close(fd);
    }
}
