package io.github.shmkit.internal.session;

import com.sun.jna.Function;
import com.sun.jna.NativeLibrary;
import io.github.shmkit.Attach;
import io.github.shmkit.Segment;
import io.github.shmkit.SegmentKind;
import io.github.shmkit.SegmentSpec;
import java.io.IOException;
import java.util.List;

/**
 * A JVM that makes a segment of every kind, tells of them, and waits to be killed.
 *
 * <p>Arguments: {@code churn} opens and closes many others before; {@code exec-daemon} has native code start a program
 * that inherits all descriptors which are not close-on-exec; {@code fork-daemon=LIBRARY} has native code fork a daemon
 * that inherits everything.
 */
public final class SegmentHolder {
    private static final int CHURN = 20_000;

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
        line.append(' ').append(misbehave(session, List.of(args)));
        write(line.append('\n').toString());
        if (System.in.read() >= 0) {
            System.exit(3); // a way to end without closing anything
        }
    }

    /** The pid of a daemon, or 0. */
    private static int misbehave(Session session, List<String> args) {
        for (String arg : args) {
            if (arg.equals("churn")) {
                for (int i = 0; i < CHURN; i++) {
                    session.create(SegmentSpec.of(SegmentKind.POSIX_SHM)).close();
                }
            } else if (arg.equals("exec-daemon")) {
                // By our pid in its argument the test knows it from every other
                String sleep = "sleep 60." + ProcessHandle.current().pid();
                Function.getFunction("c", "system").invokeInt(new Object[] {sleep + " < /dev/null > /dev/null 2>&1 &"});
            } else if (arg.startsWith("fork-daemon=")) {
                return NativeLibrary.getInstance(arg.substring(arg.indexOf('=') + 1))
                        .getFunction("fork_daemon")
                        .invokeInt(new Object[] {});
            }
        }
        return 0;
    }

    @SuppressWarnings("SystemOut")
    private static void write(String text) {
        System.out.print(text);
        System.out.flush();
    }
}
