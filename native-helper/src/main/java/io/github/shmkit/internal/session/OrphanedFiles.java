package io.github.shmkit.internal.session;

import io.github.shmkit.internal.os.FileStatus;
import io.github.shmkit.internal.os.Os;
import io.github.shmkit.internal.os.OsException;
import io.github.shmkit.internal.os.RawName;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The mapped files in the folders of this user's sessions, whether a ledger names them or not: where containers share a folder
 * for temporary files, they outlive the /dev/shm with their ledgers.
 */
public final class OrphanedFiles {
    private static final int MODE = 0700;

    private OrphanedFiles() {}

    /** Absolute paths; empty where nothing can be listed. */
    public static List<RawName> list() {
        List<RawName> files = new ArrayList<>();
        try {
            String parent = Path.of(System.getProperty("java.io.tmpdir", "/tmp"))
                    .toRealPath()
                    .toString();
            int fd = Os.open(parent, Os.O_RDONLY | Os.O_DIRECTORY, 0);
            try {
                String own = "shmkit-" + Os.euid();
                for (byte[] bytes : Os.list(fd, own)) {
                    String name = new String(bytes, StandardCharsets.ISO_8859_1);
                    if (name.equals(own) || name.startsWith(own + ".")) {
                        addFiles(fd, parent + "/" + name + "/", name, files);
                    }
                }
            } finally {
                Os.close(fd);
            }
        } catch (IOException | OsException e) {
            return files; // without such a folder no session has a mapped file there
        }
        return files;
    }

    private static void addFiles(int parent, String path, String folder, List<RawName> files) {
        int fd;
        try {
            fd = Os.openat(parent, folder, Os.O_RDONLY | Os.O_DIRECTORY | Os.O_NOFOLLOW, 0);
        } catch (OsException e) {
            return; // another user's, or just gone
        }
        try {
            FileStatus status = Os.fstat(fd);
            if (status.uid() == Os.euid() && status.permissions() == MODE) {
                for (byte[] bytes : Os.list(fd)) {
                    files.add(RawName.of(bytes).after(path));
                }
            }
        } finally {
            Os.close(fd);
        }
    }
}
