package io.github.shmkit.junit.internal;

import io.github.shmkit.SegmentKind;
import io.github.shmkit.SegmentSpec;
import io.github.shmkit.ShmException;
import io.github.shmkit.internal.guard.HelperProgram;
import io.github.shmkit.internal.session.Session;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** One run of tests in this JVM, whose session is opened by the first that needs it. */
public final class Run implements AutoCloseable {
    private final Map<SegmentKind, Optional<String>> unsupported = new EnumMap<>(SegmentKind.class);
    private @Nullable Session session;
    private @Nullable ShmException failure;
    private boolean closed;

    /**
     * The session of this JVM.
     *
     * @throws ShmException if there can be none, the same for every test of the run
     */
    public synchronized Session session() {
        if (closed) {
            throw new IllegalStateException("the test run is over");
        }
        if (failure != null) {
            throw again(failure); // it was slow perhaps, and would fail again
        }
        if (session == null) {
            session = open();
        }
        return session;
    }

    private Session open() {
        try {
            return Session.open();
        } catch (ShmException e) {
            failure = e;
            throw again(e);
        } catch (LinkageError | IllegalCallerException e) {
            failure = new ShmException(
                    "JNA cannot call native code in this JVM: " + rootMessage(e) + "; start it with "
                            + "--enable-native-access=ALL-UNNAMED (Surefire: argLine, Gradle: jvmArgs), and without "
                            + "--illegal-native-access=deny and jna.nosys or jna.boot.library.path of another version",
                    e);
            throw again(failure);
        }
    }

    /** Not the same object twice: JUnit adds what else went wrong in a test to what it threw. */
    private static ShmException again(ShmException failure) {
        return new ShmException(String.valueOf(failure.getMessage()), failure);
    }

    private static String rootMessage(Throwable failure) {
        Throwable root = failure;
        while (root.getCause() != null) {
            root = root.getCause();
        }
        return root.toString();
    }

    /** Why this machine does not have that kind; empty if it has, and if only a trial at another time can tell. */
    public synchronized Optional<String> unsupported(SegmentKind kind) {
        return unsupported.computeIfAbsent(kind, this::probe);
    }

    private Optional<String> probe(SegmentKind kind) {
        try {
            HelperProgram.Platform.current();
        } catch (ShmException e) {
            return Optional.of(String.valueOf(e.getMessage()));
        }
        try {
            session().create(SegmentSpec.of(kind).size(1).label("probe")).close();
            return Optional.empty();
        } catch (ShmException e) {
            return Optional.empty(); // a wrong setting, or no space: not to be passed over in silence
        } catch (RuntimeException e) {
            return Optional.of("this machine has no " + kind + ": " + e.getMessage());
        }
    }

    @Override
    public synchronized void close() {
        closed = true;
        if (session != null) {
            session.end();
        }
    }
}
