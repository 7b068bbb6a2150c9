package io.github.shmkit.junit.internal;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The folder of what one test leaves for reports.
 *
 * <p>It holds memory of the test, and its place may be where other users can write. So each folder on the way is a real
 * one of this user, nothing is written through a link, and nothing is removed that this run did not create.
 */
public final class ArtifactFolder {
    private static final FileAttribute<Set<PosixFilePermission>> PRIVATE_FOLDER =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));
    private static final FileAttribute<Set<PosixFilePermission>> PRIVATE_FILE =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));
    /** Another test may remove an empty folder between two steps. */
    private static final int ATTEMPTS = 16;

    private final Made made;
    private final Path top;
    private final List<Path> names;
    private @Nullable Path place;
    private @Nullable Set<Path> before;

    /** The folders that one run created, and where it goes if others occupy the usual place. */
    public static final class Made {
        private final Set<Path> folders = ConcurrentHashMap.newKeySet();
        private @Nullable Path fresh;

        /** None yet. */
        public Made() {}

        private synchronized Path fresh() throws IOException {
            if (fresh == null || !Files.isDirectory(fresh)) {
                fresh = Files.createTempDirectory("shmkit-artifacts-", PRIVATE_FOLDER);
                folders.add(fresh);
            }
            return fresh;
        }
    }

    /**
     * Creates nothing yet.
     *
     * @param top is taken as it is, and created if there is none
     * @param below the way from there, of folders that must be this user's
     */
    public ArtifactFolder(Made made, Path top, Path below) {
        this.made = made;
        this.top = top.toAbsolutePath();
        this.names = new ArrayList<>();
        below.forEach(names::add);
    }

    /** Where it is, or will be. */
    public synchronized Path path() {
        if (place == null) {
            try {
                place = isUsable(top) ? top : made.fresh();
            } catch (IOException e) {
                throw new UncheckedIOException("cannot find a place for artifacts", e);
            }
        }
        return last(folders(place));
    }

    /** From the top down. */
    private List<Path> folders(Path from) {
        List<Path> folders = new ArrayList<>();
        Path at = from;
        for (Path name : names) {
            at = at.resolve(name);
            folders.add(at);
        }
        return folders;
    }

    private static Path last(List<Path> folders) {
        return folders.get(folders.size() - 1);
    }

    /** Whether what is there of the way is this user's. */
    private boolean isUsable(Path from) throws IOException {
        for (Path folder : folders(from)) {
            Optional<Boolean> ours = isOurs(folder);
            if (ours.isEmpty()) {
                return true;
            }
            if (!ours.get()) {
                return false;
            }
        }
        return true;
    }

    /** Whether it is a real folder of this user, in which no other one can exchange anything; empty if there is none. */
    private static Optional<Boolean> isOurs(Path folder) throws IOException {
        return Status.of(folder)
                .map(status ->
                        status.uid() == ProcessTree.euid() && status.isDirectory() && !status.isWritableForOthers());
    }

    /** Creates it, unless it is there. */
    public synchronized Path make() {
        Path folder = path();
        for (int attempt = 1; ; attempt++) {
            try {
                Files.createDirectories(folder.getParent() == null ? folder : placeOf());
                folders(placeOf()).forEach(this::makeOne);
                if (before == null) {
                    before = made.folders.contains(folder) ? Set.of() : entries(folder);
                }
                return folder;
            } catch (UncheckedIOException e) {
                if (!(e.getCause() instanceof NoSuchFileException) || attempt == ATTEMPTS) {
                    throw new UncheckedIOException("cannot create the folder for artifacts " + folder, e.getCause());
                }
            } catch (IOException e) {
                throw new UncheckedIOException("cannot create the folder for artifacts " + folder, e);
            }
        }
    }

    private Path placeOf() {
        return place == null ? top : place;
    }

    private void makeOne(Path folder) {
        try {
            Files.createDirectory(folder, PRIVATE_FOLDER);
            made.folders.add(folder);
        } catch (FileAlreadyExistsException e) {
            refuseUnlessOurs(folder);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void refuseUnlessOurs(Path folder) {
        try {
            Optional<Boolean> ours = isOurs(folder);
            if (ours.isEmpty()) {
                throw new NoSuchFileException(folder.toString());
            }
            if (!ours.get()) {
                throw new IOException(folder + " is not a folder of this user alone");
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Set<Path> entries(Path folder) throws IOException {
        try (Stream<Path> entries = Files.list(folder)) {
            return new HashSet<>(entries.toList());
        }
    }

    /** Removes what came into it since it was made here, and the folders that are empty then and that this run created. */
    public synchronized void discard() {
        Set<Path> others = before;
        if (others == null) {
            return;
        }
        before = null;
        Path folder = path();
        try {
            if (isUsable(placeOf())) {
                for (Path entry : entries(folder)) {
                    if (!others.contains(entry)) {
                        delete(entry);
                    }
                }
            }
        } catch (NoSuchFileException e) {
            // another test JVM of the build was faster
        } catch (IOException e) {
            throw new UncheckedIOException("cannot remove the artifacts of a test that passed, " + folder, e);
        }
        for (Path at = folder; at != null && made.folders.contains(at) && deleteEmpty(at); at = at.getParent()) {
            made.folders.remove(at);
        }
    }

    private static void delete(Path entry) throws IOException {
        try (Stream<Path> tree = Files.walk(entry)) {
            for (Path path : tree.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(path);
            }
        } catch (NoSuchFileException | DirectoryNotEmptyException e) {
            // it is gone, or another test JVM of the build uses it again
        } catch (UncheckedIOException e) {
            if (!(e.getCause() instanceof NoSuchFileException)) {
                throw e.getCause();
            }
        }
    }

    private static boolean deleteEmpty(Path folder) {
        try {
            return Files.deleteIfExists(folder);
        } catch (IOException e) {
            return false; // another test has something in it
        }
    }

    // --- files in it ---

    /** A new file that only this user may read, in the place of one of an earlier run. */
    static OutputStream create(Path file) throws IOException {
        Files.deleteIfExists(file);
        return Channels.newOutputStream(channel(file));
    }

    /** Writes a new file that only this user may read. */
    static Path write(Path file, byte[] content) throws IOException {
        Files.deleteIfExists(file);
        try (SeekableByteChannel channel = channel(file)) {
            ByteBuffer left = ByteBuffer.wrap(content);
            while (left.hasRemaining()) {
                channel.write(left);
            }
        }
        return file;
    }

    private static SeekableByteChannel channel(Path file) throws IOException {
        return Files.newByteChannel(
                file,
                Set.of(StandardOpenOption.WRITE, StandardOpenOption.CREATE_NEW, LinkOption.NOFOLLOW_LINKS),
                PRIVATE_FILE);
    }
}
