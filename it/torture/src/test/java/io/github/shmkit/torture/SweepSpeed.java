package io.github.shmkit.torture;

import io.github.shmkit.SegmentKind;
import io.github.shmkit.SegmentSpec;
import io.github.shmkit.internal.session.Session;
import io.github.shmkit.internal.sweep.Sweep;
import io.github.shmkit.internal.sweep.SweepPolicy;
import io.github.shmkit.internal.sweep.SweepReport;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Measures a sweep against the ordinary tools; to be run in IPC and mount namespaces of its own, which it fills.
 *
 * <p>Arguments: System V segments and files in all. Half of each are a dead session's, the others are nobody's. Prints
 * {@code sweep <ms> peer <ms>} for each of both kinds, the peer having removed the same number of equal objects, and the
 * heap in use.
 */
public final class SweepSpeed {
    /** The kernel lets one process have some 65 000 mappings; a segment takes three. */
    private static final int SEGMENTS_PER_JVM = 12_500;

    private SweepSpeed() {}

    public static void main(String[] args) throws Exception {
        if (args[0].equals("hold")) {
            hold(SegmentKind.valueOf(args[1]), Integer.parseInt(args[2]));
            return;
        }
        int sysv = Integer.parseInt(args[0]);
        int files = Integer.parseInt(args[1]);
        for (int warmUp = 0; warmUp < 3; warmUp++) {
            leave(SegmentKind.POSIX_SHM, 2000);
            leave(SegmentKind.SYSV_SHM, 200);
            Sweep.run(SweepPolicy.standard());
        }

        fill(sysv / 2, 0);
        leave(SegmentKind.SYSV_SHM, sysv / 2);
        report("sysv", sweep(sysv / 2), ipcrm(sysv / 2));

        Path others = Files.createDirectory(Path.of("/dev/shm/others"));
        fill(0, files / 2);
        for (int left = files / 2; left > 0; left -= SEGMENTS_PER_JVM) {
            leave(SegmentKind.POSIX_SHM, Math.min(left, SEGMENTS_PER_JVM));
        }
        report("files", sweep(files / 2), findDelete(others, files / 2));
        System.gc();
        Runtime runtime = Runtime.getRuntime();
        report("heap MiB", runtime.totalMemory() >> 20, 0);
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

    private static void leave(SegmentKind kind, int count) throws Exception {
        Process victim = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "--enable-native-access=ALL-UNNAMED",
                        "-cp",
                        System.getProperty("java.class.path"),
                        SweepSpeed.class.getName(),
                        "hold",
                        kind.name(),
                        Integer.toString(count))
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        BufferedReader out = victim.inputReader(StandardCharsets.UTF_8);
        ProcessHandle supervisor =
                ProcessHandle.of(Long.parseLong(out.readLine())).orElseThrow();
        supervisor.destroyForcibly();
        supervisor.onExit().get();
        victim.destroyForcibly().waitFor();
    }

    private static long sweep(int expected) {
        long start = System.nanoTime();
        SweepReport report = Sweep.run(SweepPolicy.standard());
        long took = millisSince(start);
        if (report.removed().size() != expected) {
            throw new IllegalStateException("removed " + report.removed().size() + ", not " + expected);
        }
        return took;
    }

    /** Objects that no session has to do with. */
    private static void fill(int sysv, int files) throws Exception {
        run("perl", "-e", "shmget($_ + 1000000, 1, 0x380) // die for 1 .. " + sysv);
        run("perl", "-e", "for (1 .. " + files + ") { open(F, '>', \"/dev/shm/foreign.$_\") or die; close F }");
    }

    private static long ipcrm(int count) throws Exception {
        run("perl", "-e", "shmget($_ + 2000000, 1, 0x380) // die for 1 .. " + count);
        List<String> command = new ArrayList<>(List.of("ipcrm"));
        for (int i = 1; i <= count; i++) {
            command.add("-M");
            command.add(Integer.toString(i + 2000000));
        }
        long start = System.nanoTime();
        run(command.toArray(String[]::new));
        return millisSince(start);
    }

    private static long findDelete(Path directory, int count) throws Exception {
        run(
                "perl",
                "-e",
                "for (1 .. " + count + ") { open(F, '>', \"" + directory + "/$_\") or die; print F 'x'; close F }");
        long start = System.nanoTime();
        run("find", directory.toString(), "-type", "f", "-delete");
        return millisSince(start);
    }

    private static void run(String... command) throws Exception {
        Process process = new ProcessBuilder(command).inheritIO().start();
        if (process.waitFor() != 0) {
            throw new IllegalStateException(String.join(" ", command).substring(0, 40) + " failed");
        }
    }

    private static long millisSince(long start) {
        return (System.nanoTime() - start) / 1_000_000;
    }

    private static void report(String what, long ours, long peer) {
        say(what + " sweep " + ours + " peer " + peer);
    }

    @SuppressWarnings("SystemOut")
    private static void say(String line) {
        System.out.println(line);
        System.out.flush();
    }
}
