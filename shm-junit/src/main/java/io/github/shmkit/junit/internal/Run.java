package io.github.shmkit.junit.internal;

import io.github.shmkit.SegmentKind;
import io.github.shmkit.ShmException;
import io.github.shmkit.internal.guard.HelperProgram;
import io.github.shmkit.internal.helper.JvmLauncher;
import io.github.shmkit.internal.session.Session;
import io.github.shmkit.internal.stack.UserStack;
import java.security.SecureRandom;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** One run of tests in this JVM, whose session is opened by the first that needs it. */
public final class Run implements AutoCloseable {
    static {
        UserStack.addLocationOf(Run.class); // before anything of a run can throw; a test that needs none loads none
    }

    /** Of all runs: a test of this JVM may run others. */
    private static final Set<TestSession> RUNNING = ConcurrentHashMap.newKeySet();

    private static final AtomicInteger SESSIONS = new AtomicInteger();

    private final Map<SegmentKind, Optional<String>> unsupported = new EnumMap<>(SegmentKind.class);
    private @Nullable Session session;
    private @Nullable ShmException failure;
    private @Nullable JvmLauncher jvms;
    private final Settings settings;
    private final long seed;
    private final Set<TestSession> tests = ConcurrentHashMap.newKeySet();
    private final Set<Long> helperPids = ConcurrentHashMap.newKeySet();
    private final Set<String> adopted = ConcurrentHashMap.newKeySet();
    private final Set<String> changed = ConcurrentHashMap.newKeySet();
    private final Set<Finding> charged = ConcurrentHashMap.newKeySet();
    private final ArtifactFolder.Made artifacts = new ArtifactFolder.Made();
    private boolean closed;

    /**
     * Opens nothing yet.
     *
     * @throws ShmException if a system property that begins as ours is not one
     */
    public Run(Settings settings) {
        Setting.misspelt(System.getProperties().stringPropertyNames()).ifPresent(problem -> {
            throw new ShmException(problem);
        });
        this.settings = settings;
        this.seed = settings.seed().orElseGet(() -> new SecureRandom().nextLong());
    }

    /** Those that hold where a class says nothing else. */
    public Settings settings() {
        return settings;
    }

    /** The folders for reports that it created. */
    public ArtifactFolder.Made artifacts() {
        return artifacts;
    }

    /** What all that is random in this run comes from. */
    public long seed() {
        return seed;
    }

    /** A test begins, and meets those that have not ended. */
    void begin(TestSession test) {
        RUNNING.add(test);
        tests.add(test); // first: of two that begin at once, one at least sees the other
        for (TestSession other : tests) {
            if (other != test) {
                other.meet(test);
                test.meet(other);
            }
        }
    }

    void end(TestSession test) {
        tests.remove(test);
        RUNNING.remove(test);
    }

    /** What processes show that map a segment which some test adopted: another's, and no leak. */
    Set<String> adopted() {
        return adopted;
    }

    /** What processes show that map a segment that a test changed by its kit. */
    Set<String> changed() {
        return changed;
    }

    /** Whether no test of this JVM runs that the run knows nothing of. */
    boolean knowsAllTests() {
        return tests.containsAll(RUNNING);
    }

    /** Whether no test of this JVM runs. */
    static boolean isQuiet() {
        return RUNNING.isEmpty();
    }

    /** How many sessions this JVM has. */
    static int sessions() {
        return SESSIONS.get();
    }

    /** Whether a finding is of none of those that have ended: each object is charged once. */
    boolean charge(Finding finding) {
        return finding.address().isEmpty() || (charged.stream().noneMatch(finding::isSameAs) && charged.add(finding));
    }

    Set<Long> helperPids() {
        return helperPids;
    }

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

    /** A text for reports: a helper that prints its environment prints the session's secret. */
    synchronized String withoutSecret(String text) {
        return session == null ? text : session.secret().hiddenIn(text);
    }

    private Session open() {
        try {
            // The layer below reads the property, wherever this setting came from.
            settings.helperPath().ifPresent(path -> System.setProperty(Setting.HELPER_PATH.key(), path));
            Session opened = Session.open();
            SESSIONS.incrementAndGet();
            return opened;
        } catch (ShmException e) {
            failure = e;
            throw again(e);
        } catch (LinkageError | IllegalCallerException e) {
            failure = refusal(e)
                    .orElseGet(() -> new ShmException(
                            "JNA cannot call native code in this JVM: " + rootMessage(e) + "; start it with "
                                    + "--enable-native-access=ALL-UNNAMED (Surefire: argLine, Gradle: jvmArgs), and without "
                                    + "--illegal-native-access=deny and jna.nosys or jna.boot.library.path of another version",
                            e));
            throw again(failure);
        }
    }

    /** What starts other JVMs, made by the first that needs one. */
    synchronized JvmLauncher jvms() {
        Session open = session();
        if (jvms == null) {
            jvms = new JvmLauncher(open, settings.timeouts(), false);
        }
        return jvms;
    }

    /** Not the same object twice: JUnit adds what else went wrong in a test to what it threw. */
    private static ShmException again(ShmException failure) {
        return new ShmException(String.valueOf(failure.getMessage()), failure);
    }

    /** What the layer below has to say of the JNA that it found, where it got so far. */
    private static Optional<ShmException> refusal(Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof ShmException known) {
                return Optional.of(new ShmException(String.valueOf(known.getMessage()), failure));
            }
        }
        return Optional.empty();
    }

    private static String rootMessage(Throwable failure) {
        Throwable root = failure;
        while (root.getCause() != null) {
            root = root.getCause();
        }
        return root.toString();
    }

    /** Why this machine does not have that kind; empty if it has. */
    public synchronized Optional<String> unsupported(SegmentKind kind) {
        return unsupported.computeIfAbsent(kind, this::probe);
    }

    private Optional<String> probe(SegmentKind kind) {
        try {
            HelperProgram.Platform.current();
        } catch (ShmException e) {
            return Optional.of(String.valueOf(e.getMessage()));
        }
        return Session.unsupported(kind).map(reason -> "this machine has no " + kind + ": " + reason);
    }

    @Override
    public synchronized void close() {
        closed = true;
        try {
            if (jvms != null) {
                jvms.close();
            }
        } finally {
            if (session != null) {
                SESSIONS.decrementAndGet();
                session.end();
            }
        }
    }
}
