package io.github.shmkit.maven.internal;

import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SeekableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileSystemException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SecureDirectoryStream;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributeView;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.nio.file.attribute.UserPrincipal;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;

/**
 * A folder in which no other user can exchange a file: it belongs to this user or to root, and others cannot write to it,
 * or only as to /tmp.
 *
 * <p>It is looked up by its path once. All else is relative to the folder that was opened and checked then.
 */
final class OwnFolder implements Closeable {
    /** No file of ours is larger. */
    static final int SIZE_MAX = 64 << 20;

    private static final int OTHERS_WRITE = 0002;
    private static final int STICKY = 01000;

    private final Path path;
    private final SecureDirectoryStream<Path> folder;

    private OwnFolder(Path path, SecureDirectoryStream<Path> folder) {
        this.path = path;
        this.folder = folder;
    }

    /** Opens it, and creates it where it is missing. */
    static OwnFolder create(Path path) throws IOException {
        Files.createDirectories(path);
        return open(path);
    }

    /**
     * Opens it.
     *
     * @throws NoSuchFileException if there is none
     * @throws IOException also where another user can exchange files in it, with that in its message
     */
    @SuppressWarnings("StreamResourceLeak") // the folder that is returned closes it
    static OwnFolder open(Path path) throws IOException {
        DirectoryStream<Path> opened = Files.newDirectoryStream(path);
        try {
            if (!(opened instanceof SecureDirectoryStream<Path> folder)) {
                throw new IOException("the file system of " + path + " does not open files relative to a folder");
            }
            check(path, folder);
            return new OwnFolder(path, folder);
        } catch (IOException | RuntimeException e) {
            opened.close();
            throw e;
        }
    }

    /** The folder that holds the file. */
    static Path of(Path file) throws IOException {
        Path folder = file.toAbsolutePath().getParent();
        if (folder == null) {
            throw new IOException(file + " is a folder");
        }
        return folder;
    }

    private static void check(Path path, SecureDirectoryStream<Path> folder) throws IOException {
        Map<String, Object> named = Files.readAttributes(path, "unix:uid,mode,fileKey");
        Object key = folder.getFileAttributeView(BasicFileAttributeView.class)
                .readAttributes()
                .fileKey();
        if (!key.equals(named.get("fileKey"))) {
            throw new IOException("the folder " + path + " was exchanged while it was opened");
        }
        long uid = number(named, "uid");
        if (uid != 0 && uid != BaselineFile.uid()) {
            throw new IOException("the folder " + path + " belongs to user " + uid + ", who can exchange files in it");
        }
        long mode = number(named, "mode");
        if ((mode & OTHERS_WRITE) != 0 && (mode & STICKY) == 0) {
            throw new IOException("every user can write to the folder " + path + ", and can exchange files in it");
        }
    }

    /** The names that end so. */
    List<Path> list(String suffix) throws IOException {
        List<Path> names = new ArrayList<>();
        try (DirectoryStream<Path> entries = folder.newDirectoryStream(Path.of("."))) {
            for (Path entry : entries) {
                if (entry.toString().endsWith(suffix)) {
                    names.add(entry.getFileName());
                }
            }
        } catch (DirectoryIteratorException e) {
            throw e.getCause();
        }
        return names;
    }

    /** Puts a whole file in the place of that name: a reader gets the old one or the new one. */
    void replace(Path name, String content) throws IOException {
        Path unfinished = Path.of(".shmkit-" + UUID.randomUUID() + ".tmp");
        boolean moved = false;
        try (SeekableByteChannel channel = folder.newByteChannel(
                unfinished,
                Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-r--r--")))) {
            ByteBuffer bytes = StandardCharsets.UTF_8.encode(content);
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
            folder.move(unfinished, folder, name);
            moved = true;
        } finally {
            if (!moved) {
                delete(unfinished);
            }
        }
    }

    /**
     * Reads a file that only this user or root can have written.
     *
     * @throws NoSuchFileException if there is none
     */
    byte[] read(Path name) throws IOException {
        check(name);
        // It can be no FIFO by now, on which this would wait: nobody else could put one there.
        try (SeekableByteChannel channel =
                        folder.newByteChannel(name, Set.of(StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS));
                InputStream in = Channels.newInputStream(channel)) {
            ByteArrayOutputStream content = new ByteArrayOutputStream();
            content.writeBytes(in.readNBytes(SIZE_MAX + 1));
            if (content.size() > SIZE_MAX) {
                throw new IOException(path.resolve(name) + " is larger than " + Size.bytes(SIZE_MAX));
            }
            return content.toByteArray();
        }
    }

    private void check(Path name) throws IOException {
        PosixFileAttributes attributes = folder.getFileAttributeView(
                        name, PosixFileAttributeView.class, LinkOption.NOFOLLOW_LINKS)
                .readAttributes();
        Path file = path.resolve(name);
        if (!attributes.isRegularFile()) {
            throw new IOException(file + " is not a regular file");
        }
        if (!attributes.owner().equals(user(BaselineFile.uid()))
                && !attributes.owner().equals(user(0))) {
            throw new IOException(
                    file + " belongs to user " + attributes.owner().getName());
        }
        if (attributes.permissions().contains(PosixFilePermission.GROUP_WRITE)
                || attributes.permissions().contains(PosixFilePermission.OTHERS_WRITE)) {
            throw new IOException("other users can write to " + file);
        }
    }

    private static UserPrincipal user(long uid) throws IOException {
        return FileSystems.getDefault().getUserPrincipalLookupService().lookupPrincipalByName(Long.toString(uid));
    }

    private static long number(Map<String, Object> attributes, String name) {
        return attributes.get(name) instanceof Integer number ? Integer.toUnsignedLong(number) : -1;
    }

    /** Deletes the name, whatever it is of but a folder; one that is gone already is none of our business. */
    void delete(Path name) throws IOException {
        try {
            folder.deleteFile(name);
        } catch (NoSuchFileException e) {
            // somebody was faster
        }
    }

    /** Why it failed, in words; some exceptions say that by their class only. */
    static String reason(Exception e) {
        String message = e.getMessage();
        return message == null || e instanceof FileSystemException || e instanceof RuntimeException
                ? e.toString()
                : message;
    }

    @Override
    public void close() throws IOException {
        folder.close();
    }
}
