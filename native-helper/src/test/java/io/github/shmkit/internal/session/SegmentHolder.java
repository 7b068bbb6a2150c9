package io.github.shmkit.internal.session;

import io.github.shmkit.Attach;
import io.github.shmkit.Segment;
import io.github.shmkit.SegmentKind;
import io.github.shmkit.SegmentSpec;
import java.io.IOException;

/** A JVM that makes a segment of every kind, tells of them, and waits to be killed. */
public final class SegmentHolder {
    private SegmentHolder() {}

    public static void main(String[] args) throws IOException {
        Session session = Session.open();
        StringBuilder line = new StringBuilder(session.id().text())
                .append(' ')
                .append(session.supervisor().pid());
        for (SegmentKind kind : SegmentKind.values()) {
            Segment segment = session.create(SegmentSpec.of(kind));
            if (segment.attach() instanceof Attach.BySysv at) {
                line.append(' ').append(at.shmid());
            }
        }
        write(line.append('\n').toString());
        if (System.in.read() >= 0) {
            System.exit(3); // a way to end without closing anything
        }
    }

    @SuppressWarnings("SystemOut")
    private static void write(String text) {
        System.out.print(text);
        System.out.flush();
    }
}
