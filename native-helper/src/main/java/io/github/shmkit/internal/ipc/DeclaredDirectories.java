package io.github.shmkit.internal.ipc;

import io.github.shmkit.internal.os.RawName;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Directories that the user declares to hold memory-mapped files, by patterns: {@code *} and {@code ?} stand for characters of
 * one name. Every regular file in such a directory, and below it, is an object.
 */
public record DeclaredDirectories(List<String> patterns) {
    /** None. */
    public static final DeclaredDirectories NONE = new DeclaredDirectories(List.of());

    private static final int DEPTH_MAX = 32;
    private static final int FILES_MAX = 100_000;
    private static final int DEPTH_MIN = 2;
    /** In which everybody's files are. */
    private static final Set<String> SHARED = Set.of("/var/tmp", "/dev/shm", "/run/user", "/var/lib");

    public DeclaredDirectories {
        patterns = List.copyOf(patterns);
    }

    /**
     * Reads one, relative to a folder.
     *
     * @return an absolute pattern
     * @throws IllegalArgumentException with the text, the rule and the remedy
     */
    public static String parse(String text, Path folder) {
        if (text.isBlank()) {
            throw new IllegalArgumentException("'" + text + "' is empty; give a directory, for example target/ring");
        }
        if (text.contains("**") || text.indexOf('[') >= 0 || text.indexOf('{') >= 0 || text.indexOf('\\') >= 0) {
            throw new IllegalArgumentException(
                    "'" + text + "' has a wildcard other than * and ?; files below a directory count without one");
        }
        Path path = folder.toAbsolutePath().resolve(text.trim());
        for (Path name : path) {
            if (name.toString().equals("..")) {
                throw new IllegalArgumentException("'" + text + "' has '..' in it; give the directory's own path");
            }
        }
        String pattern = path.normalize().toString();
        String literal = pattern.replaceAll("[*?].*", "");
        int depth = path.normalize().getNameCount();
        if (depth < DEPTH_MIN
                || SHARED.contains(pattern)
                || literal.equals("/")
                || pattern.startsWith("/dev/shm/")
                || pattern.startsWith("/proc")
                || pattern.startsWith("/sys")) {
            throw new IllegalArgumentException("'" + text + "' means " + pattern
                    + ", where files of others are or none that is mapped; give a directory of this build's own, for example"
                    + " target/ring or /var/tmp/app-*");
        }
        return pattern;
    }

    /** Whether a file lies in one of them. */
    public boolean contain(RawName file) {
        return patternOf(file).isPresent();
    }

    /** The pattern by which a file lies in a declared directory. */
    public Optional<String> patternOf(RawName file) {
        String path = new String(file.bytes(), StandardCharsets.UTF_8);
        for (String pattern : patterns) {
            String regex = pattern.replaceAll("[^*?]+", "\\\\Q$0\\\\E")
                    .replace("*", "[^/]*")
                    .replace("?", "[^/]");
            if (path.matches("(?s)" + regex + "/.*")) {
                return Optional.of(pattern);
            }
        }
        return Optional.empty();
    }

    /** Shows each file in them; those of directories that this user may not list are not among them. */
    void scan(Consumer<IpcObject> found, Consumer<String> gap) {
        int[] left = {FILES_MAX};
        for (String pattern : patterns) {
            for (Path directory : expand(pattern)) {
                walk(directory, 0, left, found);
            }
        }
        if (left[0] <= 0) {
            gap.accept("the directories of shm.directories hold more than " + FILES_MAX + " files; declare fewer");
        }
    }

    private static List<Path> expand(String pattern) {
        List<Path> found = List.of(Path.of("/"));
        for (Path name : Path.of(pattern)) {
            List<Path> next = new ArrayList<>();
            String text = name.toString();
            for (Path directory : found) {
                if (text.indexOf('*') < 0 && text.indexOf('?') < 0) {
                    add(directory.resolve(text), next);
                    continue;
                }
                try (DirectoryStream<Path> entries = Files.newDirectoryStream(directory, text)) {
                    entries.forEach(entry -> add(entry, next));
                } catch (IOException | DirectoryIteratorException e) {
                    // It is not there, or another user's.
                }
            }
            found = next;
        }
        return found;
    }

    /** Links are not followed: what they lead to has its own path. */
    private static void add(Path directory, List<Path> to) {
        if (Files.isDirectory(directory, LinkOption.NOFOLLOW_LINKS)) {
            to.add(directory);
        }
    }

    private static void walk(Path directory, int depth, int[] left, Consumer<IpcObject> found) {
        if (depth > DEPTH_MAX) {
            return;
        }
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(directory)) {
            for (Path entry : entries) {
                if (Files.isDirectory(entry, LinkOption.NOFOLLOW_LINKS)) {
                    walk(entry, depth + 1, left, found);
                } else if (left[0]-- > 0 && Files.isRegularFile(entry, LinkOption.NOFOLLOW_LINKS)) {
                    Inventory.mappedFile(RawName.of(entry.toString())).ifPresent(found);
                }
            }
        } catch (IOException | DirectoryIteratorException e) {
            // It is another user's, or was removed meanwhile.
        }
    }
}
