package io.github.shmkit.torture;

import io.github.shmkit.SegmentKind;
import io.github.shmkit.SegmentSpec;
import io.github.shmkit.internal.session.Session;
import io.github.shmkit.internal.sweep.Removal;
import io.github.shmkit.internal.sweep.SweepPolicy;
import io.github.shmkit.internal.sweep.SweepReport;
import io.github.shmkit.internal.sweep.Traces;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;

/**
 * Measures a sweep against the ordinary tools; to be run in IPC and mount namespaces of its own, which it fills.
 *
 * <p>Arguments: System V segments in all, files in all, rounds of each, after {@value #WARMING_ROUNDS} sweeps of segments that
 * are not measured. Half of the objects are a dead session's, the others are nobody's. In each round the sweep removes a session's objects, and then an ordinary tool those of another one
 * that are just the same: {@code ipcrm}, given all ids in one call, and {@code find -delete}. Prints {@code sysv <ms>
 * <ms>} or {@code files <ms> <ms>} for each round, sweep first, from the call to its return; and before all else
 * {@code idle <ms> <whether JNA was loaded>} for each of so many looks that find nothing to do, the first of them cold.
 */
public final class SweepSpeed {
    /** The kernel lets one process have some 65 000 mappings; a segment takes three. */
    private static final int SEGMENTS_PER_JVM = 12_500;

    /** Those take so little time each that the JVM compiles for long. */
    private static final int WARMING_ROUNDS = 15;

    private static final String PREFIX = "shmkit.";

    private SweepSpeed() {}

    /** Removes what is left of a dead session. */
    private interface Peer {
        double remove() throws Exception;
    }

    public static void main(String[] args) throws Exception {
        if (args[0].equals("hold")) {
            hold(SegmentKind.valueOf(args[1]), Integer.parseInt(args[2]));
            return;
        }
        int sysv = Integer.parseInt(args[0]) / 2;
        int files = Integer.parseInt(args[1]) / 2;
        int rounds = Integer.parseInt(args[2]);
        for (int round = 0; round < rounds; round++) {
            idle();
        }
        perl("shmget($_ + 1000000, 1, 0x380) // die for 1 .. " + sysv);
        Set<Integer> foreign = sysvIds();
        for (int round = 0; round < WARMING_ROUNDS; round++) {
            leave(SegmentKind.SYSV_SHM, sysv);
            sweep(sysv);
        }
        for (int round = 0; round < rounds; round++) {
            compare("sysv", SegmentKind.SYSV_SHM, sysv, () -> ipcrm(foreign));
        }
        // Only now: a sweep lists /dev/shm for our directories, which ipcrm does not, and 50 000 names take 16 ms.
        perl("for (1 .. " + files + ") { open(F, '>', \"/dev/shm/foreign.$_\") or die; print F 'x'; close F }");
        for (int round = 0; round < rounds; round++) {
            compare("files", SegmentKind.POSIX_SHM, files, SweepSpeed::findDelete);
        }
        if (!sysvIds().equals(foreign) || names("foreign.") != files || names(PREFIX) != 0) {
            throw new IllegalStateException("the wrong objects are gone, or some are left");
        }
    }

    private static void idle() throws Exception {
        long start = System.nanoTime();
        boolean traces = Traces.exist();
        double took = millisSince(start);
        if (traces) {
            throw new IllegalStateException("there is something in /dev/shm; run this in namespaces of its own");
        }
        var loaded = ClassLoader.class.getDeclaredMethod("findLoadedClass", String.class);
        loaded.setAccessible(true); // needs --add-opens java.base/java.lang=ALL-UNNAMED
        Object jna = loaded.invoke(ClassLoader.getSystemClassLoader(), "com.sun.jna.Native");
        say(String.format(Locale.ROOT, "idle %.2f %b", took, jna != null));
    }

    private static void compare(String what, SegmentKind kind, int count, Peer peer) throws Exception {
        leave(kind, count);
        double ours = sweep(count);
        leave(kind, count);
        double theirs = peer.remove();
        sweep(0); // the ledgers
        say(String.format(Locale.ROOT, "%s %.2f %.2f", what, ours, theirs));
    }

    private static double sweep(int expected) {
        long start = System.nanoTime();
        SweepReport report = Removal.run(SweepPolicy.standard());
        double took = millisSince(start);
        if (report.removed().size() != expected) {
            throw new IllegalStateException("removed " + report.removed().size() + ", not " + expected);
        }
        return took;
    }

    private static double ipcrm(Set<Integer> foreign) throws Exception {
        List<String> command = new ArrayList<>(List.of("ipcrm"));
        for (int id : sysvIds()) {
            if (!foreign.contains(id)) {
                command.add("--shmem-id");
                command.add(Integer.toString(id));
            }
        }
        long start = System.nanoTime();
        run(command.toArray(String[]::new));
        return millisSince(start);
    }

    private static double findDelete() throws Exception {
        long start = System.nanoTime();
        run("find", "/dev/shm", "-maxdepth", "1", "-name", PREFIX + "*", "-type", "f", "-delete");
        return millisSince(start);
    }

    private static Set<Integer> sysvIds() throws IOException {
        Set<Integer> ids = new TreeSet<>();
        List<String> rows = Files.readAllLines(Path.of("/proc/sysvipc/shm"));
        for (String row : rows.subList(1, rows.size())) {
            ids.add(Integer.parseInt(row.trim().split("\\s+", -1)[1]));
        }
        return ids;
    }

    private static long names(String prefix) throws IOException {
        try (var all = Files.list(Path.of("/dev/shm"))) {
            return all.filter(path -> path.getFileName().toString().startsWith(prefix))
                    .count();
        }
    }

    /** A dead session's objects: both its JVM and its supervisor are killed. */
    private static void leave(SegmentKind kind, int count) throws Exception {
        for (int left = count; left > 0; left -= SEGMENTS_PER_JVM) {
            Process victim = new ProcessBuilder(
                            Path.of(System.getProperty("java.home"), "bin", "java")
                                    .toString(),
                            "--enable-native-access=ALL-UNNAMED",
                            "-XX:TieredStopAtLevel=1",
                            "-cp",
                            System.getProperty("java.class.path"),
                            SweepSpeed.class.getName(),
                            "hold",
                            kind.name(),
                            Integer.toString(Math.min(left, SEGMENTS_PER_JVM)))
                    .redirectError(ProcessBuilder.Redirect.INHERIT)
                    .start();
            BufferedReader out = victim.inputReader(StandardCharsets.UTF_8);
            ProcessHandle supervisor =
                    ProcessHandle.of(Long.parseLong(out.readLine())).orElseThrow();
            supervisor.destroyForcibly();
            supervisor.onExit().get();
            victim.destroyForcibly().waitFor();
        }
    }

    /** The victim: makes them and waits for its end. */
    private static void hold(SegmentKind kind, int count) throws IOException {
        Session session = Session.open();
        for (int i = 0; i < count; i++) {
            session.create(SegmentSpec.of(kind).size(1));
        }
        say(Long.toString(session.supervisor().pid()));
        if (System.in.read() < 0) {
            session.close();
        }
    }

    private static void perl(String script) throws Exception {
        run("perl", "-e", script);
    }

    private static void run(String... command) throws Exception {
        Process process = new ProcessBuilder(command).inheritIO().start();
        if (process.waitFor() != 0) {
            throw new IllegalStateException(command[0] + " failed");
        }
    }

    private static double millisSince(long start) {
        return (System.nanoTime() - start) / 1e6;
    }

    @SuppressWarnings("SystemOut")
    private static void say(String line) {
        System.out.println(line);
        System.out.flush();
    }
}
