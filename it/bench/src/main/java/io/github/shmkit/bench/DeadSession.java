package io.github.shmkit.bench;

import io.github.shmkit.SegmentKind;
import io.github.shmkit.SegmentSpec;
import io.github.shmkit.internal.session.Session;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;

/** Segments of JVMs that were killed with their supervisors. */
final class DeadSession {
    /** The kernel lets one process have some 65 000 mappings; a segment takes three. */
    private static final int SEGMENTS_PER_JVM = 20_000;

    private DeadSession() {}

    static void leave(SegmentKind kind, int count) throws Exception {
        for (int left = count; left > 0; left -= SEGMENTS_PER_JVM) {
            leaveBy(kind, Math.min(left, SEGMENTS_PER_JVM));
        }
    }

    private static void leaveBy(SegmentKind kind, int count) throws Exception {
        Process victim = new ProcessBuilder(Programs.java(DeadSession.class, kind.name(), Integer.toString(count)))
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        try (BufferedReader out = victim.inputReader(StandardCharsets.UTF_8)) {
            String pid = out.readLine();
            if (pid == null) {
                throw new IOException("no session could be begun");
            }
            ProcessHandle supervisor = ProcessHandle.of(Long.parseLong(pid)).orElseThrow();
            supervisor.destroyForcibly();
            supervisor.onExit().get();
            victim.destroyForcibly().waitFor();
        }
    }

    /** The victim: makes them and waits for its end. */
    @SuppressWarnings("SystemOut")
    public static void main(String[] args) throws IOException {
        Session session = Session.open();
        SegmentSpec spec = SegmentSpec.of(SegmentKind.valueOf(args[0])).size(1);
        for (int i = Integer.parseInt(args[1]); i > 0; i--) {
            session.create(spec);
        }
        System.out.println(session.supervisor().pid());
        if (System.in.read() < 0) {
            session.close();
        }
    }
}
