package io.github.shmkit.torture;

import io.github.shmkit.Segment;
import io.github.shmkit.SegmentAddress;
import io.github.shmkit.SegmentKind;
import io.github.shmkit.SegmentSpec;
import io.github.shmkit.internal.helper.NativeHelpers;
import io.github.shmkit.internal.helper.Timeouts;
import io.github.shmkit.internal.session.Session;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A test JVM without JUnit, of which many can be started: keeps objects of every kind that can be looked for from
 * outside, and makes and closes more, until it is killed.
 *
 * <p>Arguments: how many sessions, as in a build daemon, and how many objects in each. Says "at work"; and "LOST …" if
 * something takes what it keeps.
 */
public final class LightVictim {
    static final int KINDS = 6;
    private static final int SEGMENT_KINDS = 3;

    private LightVictim() {}

    public static void main(String[] args) throws IOException {
        Jvm.endWithParent();
        List<Session> sessions = new ArrayList<>();
        List<Segment> kept = new ArrayList<>();
        for (int i = 0; i < Integer.parseInt(args[0]); i++) {
            Session session = Session.open();
            sessions.add(session);
            List<Segment> segments = keep(session, Integer.parseInt(args[1]));
            new NativeHelpers(session.supervisor(), new Timeouts(1))
                    .helper("helper")
                    .attach(segments.get(0))
                    .start();
            kept.addAll(segments);
        }
        say("at work");
        for (long round = 0; ; round++) {
            for (Session session : sessions) {
                for (SegmentKind kind : SegmentKind.values()) {
                    create(session, kind).close();
                }
                session.createSemaphore("round " + round, 1).close();
            }
            for (Segment segment : kept) {
                if (!exists(segment.address())) {
                    say("LOST " + segment.address());
                }
            }
        }
    }

    private static List<Segment> keep(Session session, int wanted) {
        List<Segment> kept = new ArrayList<>();
        for (int i = 0; i < wanted; i++) {
            switch (i % KINDS) {
                case 0 -> kept.add(create(session, SegmentKind.POSIX_SHM));
                case 1 -> kept.add(create(session, SegmentKind.SYSV_SHM));
                case 2 -> kept.add(create(session, SegmentKind.MMAP_FILE));
                case SEGMENT_KINDS -> session.createSemaphore("semaphore " + i, 1);
                case SEGMENT_KINDS + 1 -> session.createSemaphoreSet("set " + i, 2, 0);
                default -> session.createSysvQueue("queue " + i);
            }
        }
        return kept;
    }

    private static Segment create(Session session, SegmentKind kind) {
        Segment segment = session.create(SegmentSpec.of(kind));
        segment.putLong(0, 1);
        return segment;
    }

    private static boolean exists(SegmentAddress attach) throws IOException {
        if (attach instanceof SegmentAddress.ByPath file) {
            return Files.exists(Path.of(file.path()));
        }
        String id = " " + ((SegmentAddress.BySysv) attach).shmid() + " ";
        return Files.readString(Path.of("/proc/sysvipc/shm")).contains(id);
    }

    @SuppressWarnings("SystemOut")
    private static void say(String line) {
        System.out.println(line);
        System.out.flush();
    }
}
