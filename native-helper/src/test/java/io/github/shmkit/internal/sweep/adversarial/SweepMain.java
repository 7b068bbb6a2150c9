package io.github.shmkit.internal.sweep.adversarial;

import io.github.shmkit.SegmentKind;
import io.github.shmkit.SegmentSpec;
import io.github.shmkit.internal.ipc.Inventory;
import io.github.shmkit.internal.ipc.IpcKind;
import io.github.shmkit.internal.session.BuildSession;
import io.github.shmkit.internal.session.ForgedSession;
import io.github.shmkit.internal.session.Session;
import io.github.shmkit.internal.session.SessionId;
import io.github.shmkit.internal.sweep.Declared;
import io.github.shmkit.internal.sweep.Removal;
import io.github.shmkit.internal.sweep.Survey;
import io.github.shmkit.internal.sweep.SweepPolicy;
import io.github.shmkit.internal.sweep.SweepReport;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Set;

/**
 * What tests run in namespaces of their own.
 *
 * <p>Arguments, carried out in their order: {@code sweep} prints a line for each finding and each note, {@code bulk} only
 * how many were removed and at what cost; {@code leave} makes a dead session with an object in /dev/shm and three System
 * V segments; {@code fill} takes all System V ids and {@code count} counts them; {@code create=KIND} creates a segment,
 * writes and closes it, or prints why not, {@code create=KIND,SIZE} one of so many bytes; {@code read-only} makes
 * /dev/shm so; {@code claim=GLOB} sweeps with a claim, and {@code
 * claim-at-once=GLOB} without a minimum age; {@code look=TIMES} sweeps dry so often, after the first time it prints
 * a line; {@code build} opens and closes a build's session.
 */
public final class SweepMain {
    private static final int MS_RDONLY_REMOUNT = 1 | 32;

    private SweepMain() {}

    public static void main(String[] args) throws IOException {
        for (String arg : List.of(args)) {
            switch (arg) {
                case "sweep" -> sweep(SweepPolicy.standard());
                case "build" -> build();
                case "bulk" -> bulk();
                case "leave" -> leave();
                case "fill" -> fill();
                case "count" ->
                    print("segments "
                            + Inventory.scan(Set.of(IpcKind.SYSV_SHM)).objects().size());
                case "read-only" ->
                    Kernel.check("mount", Kernel.LIBC.mount("none", "/dev/shm", "none", MS_RDONLY_REMOUNT, null));
                default -> {
                    String value = arg.substring(arg.indexOf('=') + 1);
                    switch (arg.substring(0, arg.indexOf('='))) {
                        case "claim-at-once" ->
                            sweep(SweepPolicy.standard()
                                    .withDeclared(List.of(new Declared(value)))
                                    .withMinAge(Duration.ZERO));
                        case "claim" -> sweep(SweepPolicy.standard().withDeclared(List.of(new Declared(value))));
                        case "look" -> look(Integer.parseInt(value));
                        default -> create(value.split(",", -1));
                    }
                }
            }
        }
    }

    private static void sweep(SweepPolicy policy) {
        try {
            SweepReport report = Removal.run(policy);
            for (SweepReport.Finding f : report.findings()) {
                print("finding " + f.object().address() + " " + f.verdict().decision() + " "
                        + f.verdict().rule() + " "
                        + f.result().map(r -> r.outcome().toString()).orElse("-"));
            }
            report.notes().forEach(note -> print("note " + note));
            print("swept " + report.processes());
        } catch (RuntimeException e) {
            print("refused " + e);
        }
    }

    private static void look(int times) {
        Survey.report(SweepPolicy.standard());
        print("looking");
        for (int i = 0; i < times; i++) {
            Survey.report(SweepPolicy.standard());
        }
    }

    private static void build() {
        try (BuildSession build = BuildSession.open(SessionId.random())) {
            print("began " + build.id());
        } catch (RuntimeException e) {
            print("refused " + e);
        }
    }

    private static void bulk() throws IOException {
        long before = cpuTicks();
        int removed = Removal.run(SweepPolicy.standard()).removed().size();
        print("removed " + removed + " ticks " + (cpuTicks() - before));
    }

    /** Of this process and of those that it waited for; 100 a second, whatever else the machine does. */
    private static long cpuTicks() throws IOException {
        String stat = Files.readString(Path.of("/proc/self/stat"));
        String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
        return Arrays.stream(fields, 11, 15).mapToLong(Long::parseLong).sum();
    }

    private static void leave() throws IOException {
        ForgedSession session = ForgedSession.dead();
        print("left " + session.newShm().path());
        for (int i = 0; i < 3; i++) {
            session.ownsSysv(IpcKind.SYSV_SHM, Kernel.newSegment(Kernel.IPC_PRIVATE, 4096));
        }
    }

    private static void fill() throws IOException {
        print("limit " + Programs.setting(Path.of("/proc/sys/kernel/shmmni")));
        int count = 0;
        while (Kernel.LIBC.shmget(Kernel.IPC_PRIVATE, 4096, 01600) >= 0) {
            count++;
        }
        print("filled " + count);
    }

    private static void create(String[] what) {
        SegmentSpec spec = SegmentSpec.of(SegmentKind.valueOf(what[0]));
        try (Session session = Session.open();
                var segment = session.create(what.length == 1 ? spec : spec.size(Long.parseLong(what[1])))) {
            segment.fill(0, segment.size(), (byte) 1);
            print("created " + segment.kind());
        } catch (RuntimeException e) {
            print("refused " + e);
        }
    }

    @SuppressWarnings("SystemOut")
    private static void print(String line) {
        System.out.println(line);
    }
}
