package io.github.shmkit.it;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Properties;
import java.util.Set;
import java.util.TreeSet;

/** What the kernel says exists. */
final class Machine {
    private static final Path SHM = Path.of("/dev/shm");
    private static final Path SYSVIPC = Path.of("/proc/sysvipc");
    private static final String VARIABLE = "SHMKIT_SESSION=";

    private Machine() {}

    /** Everything that has the word in its name, which a session's own files and objects have: paths. */
    static Set<String> filesWith(String word) {
        Set<String> found = new TreeSet<>();
        addWith(word, SHM, found);
        folders(SHM, ".shmkit-*").forEach(folder -> addWith(word, folder, found));
        folders(Path.of(System.getProperty("java.io.tmpdir")), "shmkit-*")
                .forEach(folder -> addWith(word, folder, found));
        return found;
    }

    private static List<Path> folders(Path parent, String glob) {
        List<Path> folders = new ArrayList<>();
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(parent, glob)) {
            entries.forEach(folders::add);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return folders;
    }

    private static void addWith(String word, Path folder, Set<String> found) {
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(folder)) {
            entries.forEach(entry -> {
                if (entry.getFileName().toString().contains(word)) {
                    found.add(entry.toString());
                }
            });
        } catch (NoSuchFileException e) {
            // the last session took it away
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** System V objects that the process made, or that have the id: rows of the kernel's tables. */
    static Set<String> sysvOf(long pid, int shmid) {
        Set<String> found = new TreeSet<>();
        for (String[] row : rows("shm")) {
            if (Long.parseLong(row[4]) == pid || Integer.parseInt(row[1]) == shmid) {
                found.add("shm " + String.join(" ", row));
            }
        }
        // These two do not tell who made them; a queue tells who used it last.
        for (String[] row : rows("msg")) {
            if (Long.parseLong(row[5]) == pid || Long.parseLong(row[6]) == pid) {
                found.add("msg " + String.join(" ", row));
            }
        }
        return found;
    }

    private static List<String[]> rows(String kind) {
        try {
            return Files.readAllLines(SYSVIPC.resolve(kind)).stream()
                    .skip(1)
                    .map(line -> line.trim().split("\\s+", -1))
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** What a test left, with the session to which its secret belongs: base64url of half of its SHA-256. */
    static Properties evidence(Path file) throws IOException {
        Properties evidence = new Properties();
        try (var in = Files.newBufferedReader(file, StandardCharsets.UTF_8)) {
            evidence.load(in);
        }
        String secret = evidence.getProperty("secret");
        if (secret != null) {
            evidence.setProperty("session", sessionOf(secret));
        }
        return evidence;
    }

    static String sessionOf(String secret) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(secret.getBytes(StandardCharsets.ISO_8859_1));
            return Base64.getUrlEncoder().withoutPadding().encodeToString(Arrays.copyOf(digest, digest.length / 2));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Processes of a session, with its name among their arguments or its secret in their environment: "pid arguments". */
    static Set<String> processesWith(String session) {
        Set<String> found = new TreeSet<>();
        ProcessHandle.allProcesses().forEach(process -> {
            Path proc = Path.of("/proc", Long.toString(process.pid()));
            String arguments = content(proc.resolve("cmdline"));
            if (arguments.contains(session) || isOf(session, content(proc.resolve("environ")))) {
                found.add(process.pid() + " " + arguments.replace('\0', ' '));
            }
        });
        return found;
    }

    private static boolean isOf(String session, String environment) {
        return Arrays.stream(environment.split("\0", -1))
                .anyMatch(variable -> variable.contains(session)
                        || (variable.startsWith(VARIABLE)
                                && sessionOf(variable.substring(VARIABLE.length()))
                                        .equals(session)));
    }

    private static String content(Path file) {
        try {
            return Files.readString(file, StandardCharsets.ISO_8859_1);
        } catch (IOException e) {
            return ""; // it ended meanwhile
        }
    }
}
