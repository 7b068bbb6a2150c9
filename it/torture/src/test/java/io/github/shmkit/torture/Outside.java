package io.github.shmkit.torture;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/** What the kernel has of a session, read without any code under test. */
final class Outside {
    private static final Path SHM = Path.of("/dev/shm");
    private static final String VARIABLE = "SHMKIT_SESSION=";
    /** Of those from the state on, see proc_pid_stat(5). */
    private static final int SETSID_FIELD = 3;

    private static final int THREADS_FIELD = 17;

    private Outside() {}

    /** IPC objects of the session, or made by this process; of no session there are none. */
    static List<String> objects(String session, long creator) throws IOException {
        List<String> found = new ArrayList<>();
        if (session.isEmpty()) {
            return found;
        }
        addNames(SHM, "shmkit." + session, found);
        Path files = Path.of(System.getProperty("java.io.tmpdir"));
        for (Path folder : entries(files)) {
            if (folder.getFileName().toString().startsWith("shmkit-")) {
                addNames(folder, "shmkit." + session, found);
            }
        }
        for (String row : Files.readAllLines(Path.of("/proc/sysvipc/shm"))) {
            String[] fields = row.trim().split("\\s+", -1);
            if (fields[4].equals(Long.toString(creator))) {
                found.add("System V segment " + fields[1]);
            }
        }
        return found;
    }

    /** The session's locks, ledgers and sockets. */
    static List<String> bookkeeping(String session) throws IOException {
        List<String> found = new ArrayList<>();
        for (Path folder : entries(SHM)) {
            if (folder.getFileName().toString().startsWith(".shmkit-")) {
                addNames(folder, session, found);
            }
        }
        return found;
    }

    /** Living processes that have the session's secret in their environment. */
    static List<String> processes(String session) throws IOException {
        List<String> found = new ArrayList<>();
        for (Path process : entries(Path.of("/proc"))) {
            if (Character.isDigit(process.getFileName().toString().charAt(0)) && carries(process, session)) {
                found.add("process " + process.getFileName());
            }
        }
        return found;
    }

    /** Pids of the living processes of a session, and of one more: by environment, or by name in their arguments. */
    static List<Long> processesOf(String session, long build) throws IOException {
        List<Long> found = new ArrayList<>();
        for (Path process : entries(Path.of("/proc"))) {
            String name = process.getFileName().toString();
            if (Character.isDigit(name.charAt(0))
                    && (name.equals(Long.toString(build))
                            || carries(process, session)
                            || text(process.resolve("cmdline")).contains(session))
                    && isRunning(Long.parseLong(name))) {
                found.add(Long.parseLong(name));
            }
        }
        return found;
    }

    /** Whether a process runs in the session of setsid(2) that this one began. */
    static boolean isRunningInSessionOf(long leader) throws IOException {
        for (Path process : entries(Path.of("/proc"))) {
            String name = process.getFileName().toString();
            if (Character.isDigit(name.charAt(0))) {
                long pid = Long.parseLong(name);
                String[] fields = stat(pid);
                if (fields.length > SETSID_FIELD
                        && fields[SETSID_FIELD].equals(Long.toString(leader))
                        && isRunning(pid)) {
                    return true;
                }
            }
        }
        return false;
    }

    /** Everything that bears a mark of ours, of whatever session. */
    static Set<String> everything() throws IOException {
        List<String> found = new ArrayList<>(bookkeeping(""));
        addNames(SHM, "shmkit.", found);
        for (Path folder : entries(Path.of(System.getProperty("java.io.tmpdir")))) {
            if (folder.getFileName().toString().startsWith("shmkit-")) {
                addNames(folder, "shmkit.", found);
            }
        }
        return new TreeSet<>(found);
    }

    /** What shm-helper it is, "supervise", "watch" or "act"; empty if none, or if it has ended. */
    static String role(long pid) {
        List<String> helper = helper(Path.of("/proc/" + pid));
        return helper.isEmpty() ? "" : helper.get(0);
    }

    /** Role and arguments of a shm-helper; empty for any other process. */
    private static List<String> helper(Path process) {
        List<String> arguments = List.of(text(process.resolve("cmdline")).split("\0", -1));
        int name = arguments.indexOf("shm-helper"); // behind the path of its executable
        return name < 0 ? List.of() : arguments.subList(name + 1, arguments.size());
    }

    /** The session of the build whose watchdog watches that Maven; empty if there is none. */
    static String sessionOfWatchdog(long maven) throws IOException {
        for (Path process : entries(Path.of("/proc"))) {
            if (Character.isDigit(process.getFileName().toString().charAt(0))) {
                List<String> watch = helper(process); // watch D session pid start
                if (watch.size() > 3
                        && watch.get(0).equals("watch")
                        && watch.get(3).equals(Long.toString(maven))) {
                    return watch.get(2);
                }
            }
        }
        return "";
    }

    static long parentOf(long pid) {
        String[] fields = stat(pid);
        return fields.length > 1 ? Long.parseLong(fields[1]) : -1;
    }

    /** A zombie is none. */
    static boolean isRunning(long pid) {
        String[] fields = stat(pid);
        boolean ended = fields[0].equals("Z") || fields[0].equals("X");
        // Where only the main thread has ended, the others still have all that the process had open.
        return fields.length > THREADS_FIELD && (!ended || Integer.parseInt(fields[THREADS_FIELD]) > 1);
    }

    /** From the state on. */
    private static String[] stat(long pid) {
        String stat = text(Path.of("/proc/" + pid + "/stat"));
        return stat.substring(stat.lastIndexOf(')') + 1).trim().split(" ", -1);
    }

    private static String text(Path file) {
        try {
            return Files.readString(file, StandardCharsets.ISO_8859_1);
        } catch (IOException e) {
            return ""; // it ended meanwhile
        }
    }

    private static boolean carries(Path process, String session) {
        return Arrays.stream(text(process.resolve("environ")).split("\0", -1))
                .filter(variable -> variable.startsWith(VARIABLE))
                .anyMatch(variable ->
                        sessionOf(variable.substring(VARIABLE.length())).equals(session));
    }

    /** The id of the session with that secret: base64url of half of its SHA-256. */
    static String sessionOf(String secret) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(secret.getBytes(StandardCharsets.ISO_8859_1));
            return Base64.getUrlEncoder().withoutPadding().encodeToString(Arrays.copyOf(digest, digest.length / 2));
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError(e);
        }
    }

    private static void addNames(Path folder, String part, List<String> found) throws IOException {
        for (Path entry : entries(folder)) {
            if (entry.getFileName().toString().contains(part)) {
                found.add(entry.toString());
            }
        }
    }

    private static List<Path> entries(Path folder) throws IOException {
        List<Path> entries = new ArrayList<>();
        try (DirectoryStream<Path> stream = Files.newDirectoryStream(folder)) {
            stream.forEach(entries::add);
        } catch (NoSuchFileException | NotDirectoryException e) {
            return entries; // another session's folder that just went
        }
        return entries;
    }
}
