package io.github.shmkit.internal.session;

import com.sun.jna.Function;
import com.sun.jna.NativeLibrary;
import io.github.shmkit.Segment;
import io.github.shmkit.SegmentAddress;
import io.github.shmkit.SegmentKind;
import io.github.shmkit.SegmentSpec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A JVM that makes a segment of every kind, tells of them, and waits to be killed.
 *
 * <p>Arguments: {@code churn} opens and closes many others before; {@code exec-daemon} has native code start a program
 * that inherits all descriptors which are not close-on-exec; {@code fork-daemon=LIBRARY} has native code fork a daemon
 * that inherits everything; {@code name-taken-later} and {@code name-taken-before} make a file of somebody else by the
 * name of a segment that was closed, or that has to be made by another name for it.
 */
public final class SegmentHolder {
    private static final int CHURN = 20_000;

    private static final AtomicLong NAMES = new AtomicLong();

    private SegmentHolder() {}

    public static void main(String[] args) throws IOException {
        Session session = Session.open(NAMES::incrementAndGet);
        StringBuilder line = new StringBuilder(session.id().text())
                .append(' ')
                .append(session.supervisor().pid());
        for (SegmentKind kind : SegmentKind.values()) {
            Segment segment = session.create(SegmentSpec.of(kind));
            if (segment.address() instanceof SegmentAddress.BySysv at) {
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
    private static int misbehave(Session session, List<String> args) throws IOException {
        for (String arg : args) {
            if (arg.equals("churn")) {
                for (int i = 0; i < CHURN; i++) {
                    session.create(SegmentSpec.of(SegmentKind.POSIX_SHM)).close();
                }
            } else if (arg.equals("exec-daemon")) {
                // By our pid in its argument the test knows it from every other
                String sleep = "sleep 60." + ProcessHandle.current().pid();
                Function.getFunction("c", "system").invokeInt(new Object[] {sleep + " < /dev/null > /dev/null 2>&1 &"});
            } else if (arg.equals("name-taken-later")) {
                Segment segment = session.create(SegmentSpec.of(SegmentKind.POSIX_SHM));
                segment.close();
                Files.createFile(pathOf(segment));
            } else if (arg.equals("name-taken-before")) {
                Segment segment = session.create(SegmentSpec.of(SegmentKind.POSIX_SHM));
                segment.close();
                String path = pathOf(segment).toString();
                String inTheWay = path.substring(0, path.lastIndexOf('.') + 1)
                        + HexFormat.of().toHexDigits(NAMES.get() + 1);
                Files.createFile(Path.of(inTheWay));
                session.create(SegmentSpec.of(SegmentKind.POSIX_SHM)).close();
            } else if (arg.startsWith("fork-daemon=")) {
                return NativeLibrary.getInstance(arg.substring(arg.indexOf('=') + 1))
                        .getFunction("fork_daemon")
                        .invokeInt(new Object[] {});
            }
        }
        return 0;
    }

    private static Path pathOf(Segment segment) {
        return Path.of(((SegmentAddress.ByPath) segment.address()).path());
    }

    @SuppressWarnings("SystemOut")
    private static void write(String text) {
        System.out.print(text);
        System.out.flush();
    }
}
