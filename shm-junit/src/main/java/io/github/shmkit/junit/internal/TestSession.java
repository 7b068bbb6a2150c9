package io.github.shmkit.junit.internal;

import io.github.shmkit.Fill;
import io.github.shmkit.Segment;
import io.github.shmkit.SegmentAddress;
import io.github.shmkit.SegmentSpec;
import io.github.shmkit.ShmException;
import io.github.shmkit.internal.helper.CommandHelpers;
import io.github.shmkit.internal.helper.HeldProgram;
import io.github.shmkit.internal.helper.HelperProcess;
import io.github.shmkit.internal.helper.JvmHelpers;
import io.github.shmkit.internal.helper.NativeHelpers;
import io.github.shmkit.internal.helper.SessionCheckpoints;
import io.github.shmkit.internal.helper.TracedCommand;
import io.github.shmkit.internal.helper.TracedHelper;
import io.github.shmkit.internal.helper.TracedJvm;
import io.github.shmkit.internal.helper.Unseen;
import io.github.shmkit.internal.session.Session;
import io.github.shmkit.internal.trace.LogFile;
import io.github.shmkit.internal.trace.LogMemory;
import io.github.shmkit.internal.trace.TracedStart;
import io.github.shmkit.internal.trace.Tracing;
import io.github.shmkit.process.CommandHelper;
import io.github.shmkit.process.Exit;
import io.github.shmkit.process.ExitPredicate;
import io.github.shmkit.process.Helper;
import io.github.shmkit.process.JvmHelper;
import io.github.shmkit.process.NativeHelper;
import io.github.shmkit.process.Remote;
import io.github.shmkit.process.RemoteCallable;
import io.github.shmkit.trace.Access;
import io.github.shmkit.trace.AccessLog;
import io.github.shmkit.trace.Held;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * All that one test, or one class, has open.
 *
 * <p>One object closes it all, so that the order is fixed, the first failure does not keep the rest open, and what each
 * part finds is told together. It may be closed by another thread than the test's, while the test's still runs.
 */
public final class TestSession {
    /** A declared end may still be on its way when the test returns. */
    private static final Duration DECLARED_END_WAIT = Duration.ofSeconds(2);
    /** It ends right after the program that it traces. */
    private static final Duration TRACER_END_WAIT = Duration.ofSeconds(10);

    /** So may the end of what a helper started. */
    private static final Duration FAMILY_WAIT = Duration.ofSeconds(2);

    /** What a helper does when the test returns may be about to fail. */
    private static final Duration UNSEEN_WAIT = Duration.ofSeconds(2);

    private static final String UNSEEN = ", and the test did not look at it: have it await the result";

    private final Run run;
    private final Settings settings;
    private final Scope scope;
    private final Deque<Leaks.Owned> objects = new ArrayDeque<>();
    private final List<Segment> adopted = new ArrayList<>();
    private final Map<Object, Declared> declared = new HashMap<>();
    private final List<HelperProcess> helpers = new CopyOnWriteArrayList<>();
    private final List<Runnable> faults = new CopyOnWriteArrayList<>();
    private final Set<String> met = ConcurrentHashMap.newKeySet();
    private final List<Finding> deferred = new CopyOnWriteArrayList<>();
    private final Evidence evidence;
    private final List<LogMemory> logs = new CopyOnWriteArrayList<>();
    private final List<TracedHelper> traced = new CopyOnWriteArrayList<>();
    private @Nullable Baseline baseline;
    private @Nullable Random random;
    private @Nullable ArtifactFolder artifacts;
    private volatile @Nullable SessionCheckpoints checkpoints;
    private final Set<String> described = ConcurrentHashMap.newKeySet();
    private final Set<Segment> attached = ConcurrentHashMap.newKeySet();
    private final Set<String> starting = ConcurrentHashMap.newKeySet();
    private boolean closed;

    /**
     * Whose session it is.
     *
     * @param owner the test or class, for messages
     * @param uniqueId the same in each run
     * @param isTest whether it is one test
     * @param artifacts the folder for what it leaves for reports
     * @param around the sessions around it, nearest first, which live longer
     * @param parent that of its class, made if need be
     */
    public record Scope(
            String owner,
            Supplier<String> uniqueId,
            boolean isTest,
            Supplier<ArtifactFolder> artifacts,
            Supplier<List<TestSession>> around,
            Supplier<TestSession> parent) {}

    /** What was declared, and where. */
    private record Declared(Object object, ObjectSpec<?> spec, Origin origin) {}

    /**
     * What the end of a session brought to light.
     *
     * @param findings helpers that did not end as they should, and what they were to do and could not
     * @param causes what they threw
     * @param leaks what is left of it
     * @param errors what went wrong in closing
     */
    public record Closing(List<String> findings, List<Throwable> causes, List<Finding> leaks, List<Throwable> errors) {}

    /** Opens nothing yet. */
    public TestSession(Run run, Settings settings, Scope scope) {
        this.run = run;
        this.settings = settings;
        this.scope = scope;
        this.evidence = new Evidence(scope.owner(), run.seed());
        if (scope.isTest()) {
            run.begin(this);
        }
    }

    void meet(TestSession other) {
        met.add(other.scope.owner());
    }

    /** The owners of those that were there at the same time as this one. */
    Set<String> met() {
        return met;
    }

    /** Its name in messages. */
    public String owner() {
        return scope.owner();
    }

    /** The settings that hold for it. */
    public Settings settings() {
        return settings;
    }

    /** What is told of it when it fails. */
    public Evidence evidence() {
        return evidence;
    }

    // --- objects ---

    /** Makes a segment that lives until the session is closed. */
    public synchronized Segment create(SegmentSpec spec, Origin origin) {
        Segment segment = session().create(spec);
        objects.push(Leaks.Owned.of(segment, origin));
        if (spec.fill() == Fill.RANDOM) {
            evidence.usesSeed();
            Contents.random(seedOf(spec.label())).fill(segment);
        }
        evidence.add(segment, initial(spec), origin.summary());
        return segment;
    }

    /** Maps what is another's, and stays so. */
    public synchronized Segment adopt(SegmentAddress existing, Origin origin) {
        Segment segment = session().adopt(existing);
        run.adopted().add(Leaks.key(segment));
        adopted.add(segment);
        evidence.add(segment, Contents.now(segment), "adopted, " + origin.summary());
        return segment;
    }

    /** The test itself does something to a segment's object, by its kit. */
    public void changes(Segment segment) {
        run.changed().add(Leaks.key(segment));
    }

    /** Makes a semaphore or a queue that lives until the session is closed. */
    public synchronized <T> T create(ObjectSpec.Other<T> spec, Origin origin) {
        T object = spec.createIn(session());
        objects.push(Leaks.Owned.of(spec, object, origin));
        return object;
    }

    private Contents initial(SegmentSpec spec) {
        return switch (spec.fill()) {
            case ZERO -> Contents.of((byte) 0);
            case A5 -> Contents.of((byte) 0xa5);
            case RANDOM -> Contents.random(seedOf(spec.label()));
        };
    }

    private long seedOf(String label) {
        return run.seed() * 31 + scope.uniqueId().get().hashCode() * 31L + label.hashCode();
    }

    /**
     * The object of a declaration, made when it is first asked for.
     *
     * @param key what two declarations of one object have in common
     * @return what the specification is of
     * @throws IllegalArgumentException if another declaration with that key wants another object
     */
    public synchronized Object declared(Object key, ObjectSpec<?> spec, String declaration) {
        Declared known = declared.get(key);
        if (known == null) {
            Origin origin = Origin.declared(declaration);
            Object object = spec instanceof ObjectSpec.OfSegment segment
                    ? create(segment.spec(), origin)
                    : create((ObjectSpec.Other<?>) spec, origin);
            known = new Declared(object, spec, origin);
            declared.put(key, known);
        } else if (!known.spec().equals(spec)) {
            throw new IllegalArgumentException("wants " + spec + ", but "
                    + known.origin().declaration() + " has made '" + spec.label() + "' for the whole run as "
                    + known.spec() + "; let both say the same, or give them different labels");
        }
        return known.object();
    }

    // --- helpers ---

    /** A native helper in the making, which will live at most until the session is closed. */
    public synchronized NativeHelper.Builder nativeHelper(String name) {
        SessionCheckpoints own = checkpoints();
        described.add(name);
        return new WatchedNative(
                name, new NativeHelpers(session().supervisor(), settings.timeouts(), own).helper(name));
    }

    /** A program of the user's in the making, which will live at most until the session is closed. */
    public synchronized CommandHelper.Builder command(String name, String... argv) {
        CommandHelpers commands = new CommandHelpers(session(), checkpoints(), settings.timeouts());
        described.add(name);
        return new WatchedCommand(name, commands.artifacts(artifacts().path()).command(name, argv));
    }

    /**
     * Starts a program of this session under the tracer; its log is an artifact.
     *
     * @param killAfter the point, see {@link Tracing}
     * @param armed whether all that it does counts
     * @param inCheckpoints whether what it does to the page of checkpoints is traced as well
     */
    public TracedCommand traced(
            CommandHelper.Builder program, long killAfter, boolean armed, List<Path> files, boolean inCheckpoints) {
        return traced(
                program, new Tracing(newLog(), killAfter, armed, Tracing.Counted.STORES, files, page(inCheckpoints)));
    }

    private TracedCommand traced(CommandHelper.Builder program, Tracing tracing) {
        if (!(program instanceof WatchedCommand watched) || !watched.isOf(this)) {
            throw new IllegalArgumentException("the program is not from the ShmTestkit of " + owner()
                    + "; take what kit.command(…) returns, and do not start it");
        }
        return known(watched.startTraced(tracing));
    }

    private <H extends TracedHelper> H known(H helper) {
        traced.add(helper);
        return helper;
    }

    /** The same for a JVM, which is armed later. */
    public TracedJvm traced(JvmHelper.Builder jvm, long killAfter, List<Path> files, boolean inCheckpoints) {
        return traced(jvm, new Tracing(newLog(), killAfter, false, Tracing.Counted.STORES, files, page(inCheckpoints)));
    }

    private TracedJvm traced(JvmHelper.Builder jvm, Tracing tracing) {
        if (!(jvm instanceof WatchedJvm watched) || !watched.isOf(this)) {
            throw new IllegalArgumentException("the JVM helper is not from the ShmTestkit of " + owner()
                    + "; take what kit.jvm(…) returns, and do not start it");
        }
        return known(watched.startTraced(tracing));
    }

    /** The name of a helper in the making, which any session has described. */
    public static String nameOf(Object builder) {
        if (builder instanceof WatchedCommand command) {
            return command.name;
        } else if (builder instanceof WatchedJvm jvm) {
            return jvm.name;
        }
        throw new IllegalArgumentException(
                "the helper is not from an ShmTestkit; take what kit.command(…) or kit.jvm(…) "
                        + "returns, and do not start it");
    }

    /** Starts a program of this session, which is held before each of its accesses. */
    public TracedCommand inTurns(CommandHelper.Builder program, List<Path> files) {
        return traced(
                program, new Tracing(newLog(), Tracing.NEVER, true, Tracing.Counted.TURNS, files, Optional.empty()));
    }

    /** The same for a JVM: what it does while {@link TracedJvm#submitArmed} runs a task. */
    public TracedJvm inTurns(JvmHelper.Builder jvm, List<Path> files) {
        return traced(jvm, new Tracing(newLog(), Tracing.NEVER, false, Tracing.Counted.TURNS, files, Optional.empty()));
    }

    /** The same for a JVM that another session described, which lives as long as this one. */
    TracedJvm inTurnsOfAny(JvmHelper.Builder jvm) {
        if (!(jvm instanceof WatchedJvm watched)) {
            throw new IllegalArgumentException(
                    "the JVM helper is not from an ShmTestkit; take what kit.jvm(…) returns, " + "and do not start it");
        }
        return inTurns(new WatchedJvm(watched.name, watched.builder), List.of());
    }

    /**
     * Starts a program and holds it before its first access.
     *
     * @param record is given all accesses, if the program goes on to a good end
     */
    public Held hold(CommandHelper.Builder program, List<Path> files, Consumer<List<Access>> record) {
        TracedCommand held = inTurns(program, files);
        return new HeldProgram(held, () -> endWell(held), record);
    }

    /** The same for a JVM, which is held before the first access of a task. */
    public Held hold(JvmHelper.Builder jvm, RemoteCallable<?> task, List<Path> files, Consumer<List<Access>> record) {
        TracedJvm held = inTurns(jvm, files);
        Remote<?> running = held.submitArmed(task);
        return new HeldProgram(
                held,
                () -> {
                    running.await();
                    held.exit(0);
                },
                record);
    }

    /** Throws an AssertionError if it does not exit with 0. */
    public void endWell(TracedCommand program) {
        Exit exit = program.awaitExit();
        if (!exit.isSuccess()) {
            requireTraced(program, program.log());
            throw new AssertionError(program + " " + exit + " after it was held; it has to end with 0");
        }
    }

    private Optional<Segment> page(boolean wanted) {
        return wanted ? Optional.of(checkpoints().segment()) : Optional.empty();
    }

    private Path newLog() {
        LogMemory log = new LogMemory();
        logs.add(log);
        return log.path();
    }

    /** What a traced program did, once it has ended. */
    public LogFile accesses(TracedHelper program) {
        LogFile log = program.log();
        TracedStart.awaitEnd(log, settings.scaled(TRACER_END_WAIT));
        requireTraced(program, log);
        return log;
    }

    /** Those that were traced, in order. */
    List<TracedHelper> traced() {
        return traced;
    }

    /** Its segments, and those that it was given. */
    List<Segment> segments() {
        return evidence.segments().stream().map(Evidence.Known::segment).toList();
    }

    /**
     * Which traced helper changed a byte last, in words; empty if none did.
     *
     * @param label of a segment or of a file
     */
    Optional<String> lastChange(String label, long offset) {
        return traced.stream()
                .flatMap(helper -> helper.log().log().lastChange(label, offset).stream()
                        .map(access -> helper + (helper.isAlive() ? "" : ", which is dead") + ": store "
                                + access.point() + ", " + access))
                .reduce((earlier, later) -> later);
    }

    /** Throws why it was ended by the tracer, if it was. */
    public void requireTraced(TracedHelper program, LogFile log) {
        if (log.refused().isPresent()) {
            program.expectExit(ExitPredicate.any()); // the tracer has killed it
            throw TracedStart.refused(log);
        }
    }

    /** Runs a program to its end, and returns what it did. */
    public AccessLog record(CommandHelper.Builder program, List<Path> files) {
        TracedCommand traced = traced(program, Tracing.NEVER, true, files, false);
        traced.awaitExit();
        return accesses(traced).log();
    }

    /** Runs a task in a JVM of its own, and returns what it did. */
    public AccessLog record(JvmHelper.Builder jvm, RemoteCallable<?> task, List<Path> files) {
        TracedJvm traced = traced(jvm, Tracing.NEVER, files, false);
        traced.submitArmed(task).await();
        traced.exit(0);
        return accesses(traced).log();
    }

    /** Another JVM in the making, which will live at most until the session is closed. */
    public synchronized JvmHelper.Builder jvm(String name) {
        JvmHelpers jvms = new JvmHelpers(run.jvms(), checkpoints(), settings.timeouts());
        described.add(name);
        return new WatchedJvm(name, jvms.artifacts(artifacts().path()).jvm(name));
    }

    /** What its processes meet at; takes no memory until somebody uses it. */
    public synchronized SessionCheckpoints checkpoints() {
        Session session = session();
        SessionCheckpoints known = checkpoints;
        if (known == null) {
            known = new SessionCheckpoints(session, settings.timeouts());
            known.hint(this::neverStarted);
            checkpoints = known;
        }
        return known;
    }

    /** Who reached which checkpoint; empty if there are none. */
    Optional<String> reached() {
        return Optional.ofNullable(checkpoints).flatMap(SessionCheckpoints::reached);
    }

    /** The same, if there is one that somebody reached. */
    Optional<String> reachedSomething() {
        return Optional.ofNullable(checkpoints)
                .filter(SessionCheckpoints::hasReached)
                .flatMap(SessionCheckpoints::reached);
    }

    /** Without the monitor: until a helper is ready, others start theirs, and a time-out takes its report. */
    private <H extends Helper> H start(String name, Supplier<H> builder) {
        reserve(name);
        H helper;
        try {
            helper = builder.get();
        } catch (RuntimeException | Error e) {
            starting.remove(name);
            throw e;
        }
        if (!register(helper)) {
            helper.close();
            throw over();
        }
        return helper;
    }

    private synchronized void reserve(String name) {
        session(); // is it open still?
        described.remove(name);
        List<HelperProcess> alive =
                helpers.stream().filter(HelperProcess::isAlive).toList();
        if (starting.contains(name)
                || alive.stream().anyMatch(helper -> helper.name().equals(name))) {
            throw new IllegalArgumentException(owner() + " has a helper '" + name
                    + "' that is alive; give this one another name: barriers and reports know them by it");
        }
        int count = starting.size() + alive.size();
        if (count >= settings.helpersMax()) {
            throw new ShmException(owner() + " has " + count
                    + " helpers, and may have no more at a time; end some, or raise " + Setting.HELPERS_MAX.key());
        }
        starting.add(name);
    }

    /** Whether it could: the test may have ended while the helper was started. */
    private synchronized boolean register(Helper helper) {
        starting.remove(helper.name());
        if (closed) {
            return false;
        }
        if (helper instanceof HelperProcess process) {
            helpers.add(process);
            run.helperPids().add(helper.pid());
        } else {
            faults.add(helper::close); // it runs in this JVM
        }
        return true;
    }

    /** For the message of a wait: helpers that the test has described and not started; empty if there are none. */
    String neverStarted() {
        return described.isEmpty()
                ? ""
                : described.stream().sorted().collect(Collectors.joining("', '", "; never started: '", "'"))
                        + ", described in " + owner() + " without a call of start()";
    }

    private final class WatchedNative implements NativeHelper.Builder {
        private final String name;
        private final NativeHelper.Builder builder;

        WatchedNative(String name, NativeHelper.Builder builder) {
            this.name = name;
            this.builder = builder;
        }

        @Override
        public NativeHelper.Builder attach(Segment segment) {
            attached.add(segment);
            return new WatchedNative(name, builder.attach(segment));
        }

        @Override
        public NativeHelper.Builder attachReadOnly(Segment segment) {
            attached.add(segment);
            return new WatchedNative(name, builder.attachReadOnly(segment));
        }

        @Override
        public NativeHelper.Builder isolated() {
            return new WatchedNative(name, builder.isolated());
        }

        @Override
        public NativeHelper.Builder isolated(long shmBytes) {
            return new WatchedNative(name, builder.isolated(shmBytes));
        }

        @Override
        public NativeHelper.Builder asRoot() {
            return new WatchedNative(name, builder.asRoot());
        }

        @Override
        public NativeHelper start() {
            return TestSession.this.start(name, builder::start);
        }
    }

    private final class WatchedCommand implements TracedCommand.Builder {
        private final String name;
        private final CommandHelper.Builder builder;

        WatchedCommand(String name, CommandHelper.Builder builder) {
            this.name = name;
            this.builder = builder;
        }

        @Override
        public CommandHelper.Builder env(String variable, String value) {
            return new WatchedCommand(name, builder.env(variable, value));
        }

        @Override
        public CommandHelper.Builder directory(Path directory) {
            return new WatchedCommand(name, builder.directory(directory));
        }

        @Override
        public CommandHelper.Builder attach(Segment segment) {
            attached.add(segment);
            return new WatchedCommand(name, builder.attach(segment));
        }

        @Override
        public CommandHelper.Builder pipedInput() {
            return new WatchedCommand(name, builder.pipedInput());
        }

        @Override
        public CommandHelper.Builder readyWhen(io.github.shmkit.process.Readiness condition) {
            return new WatchedCommand(name, builder.readyWhen(condition));
        }

        @Override
        public CommandHelper.Builder readyWhen(io.github.shmkit.process.Readiness condition, Duration max) {
            return new WatchedCommand(name, builder.readyWhen(condition, max));
        }

        @Override
        public CommandHelper start() {
            return TestSession.this.start(name, () -> {
                makeArtifacts(); // the program may be given its name
                return builder.start();
            });
        }

        @Override
        public TracedCommand startTraced(Tracing tracing) {
            return TestSession.this.start(name, () -> {
                makeArtifacts(); // the program may be given its name
                return ((TracedCommand.Builder) builder).startTraced(tracing);
            });
        }

        boolean isOf(TestSession session) {
            return TestSession.this == session;
        }
    }

    private final class WatchedJvm implements TracedJvm.Builder {
        private final String name;
        private final JvmHelper.Builder builder;

        WatchedJvm(String name, JvmHelper.Builder builder) {
            this.name = name;
            this.builder = builder;
        }

        @Override
        public JvmHelper.Builder attach(Segment segment) {
            attached.add(segment);
            return new WatchedJvm(name, builder.attach(segment));
        }

        @Override
        public JvmHelper.Builder jvmArgs(String... arguments) {
            return new WatchedJvm(name, builder.jvmArgs(arguments));
        }

        @Override
        public JvmHelper.Builder systemProperty(String property, String value) {
            return new WatchedJvm(name, builder.systemProperty(property, value));
        }

        @Override
        public JvmHelper.Builder debug(boolean wait) {
            return new WatchedJvm(name, builder.debug(wait));
        }

        @Override
        public JvmHelper.Builder inheritAgents() {
            return new WatchedJvm(name, builder.inheritAgents());
        }

        @Override
        public JvmHelper.Builder inProcess() {
            return new WatchedJvm(name, builder.inProcess());
        }

        @Override
        public JvmHelper start() {
            return TestSession.this.start(name, () -> {
                makeArtifacts(); // a JVM that crashes creates no folder for its hs_err file, and takes another
                return builder.start();
            });
        }

        @Override
        public TracedJvm startTraced(Tracing tracing) {
            return TestSession.this.start(name, () -> {
                makeArtifacts();
                return ((TracedJvm.Builder) builder).startTraced(tracing);
            });
        }

        boolean isOf(TestSession session) {
            return TestSession.this == session;
        }
    }

    private IllegalStateException over() {
        return new IllegalStateException(owner() + " is over: nothing can be made for it any more");
    }

    private Session session() {
        if (closed) {
            throw over();
        }
        Session session = run.session();
        if (baseline == null && settings.leakPolicy() != Settings.LeakPolicy.OFF) {
            baseline = Baseline.take();
        }
        return session;
    }

    String withoutSecret(String text) {
        return run.withoutSecret(text);
    }

    /** What the test has started, in order. */
    public List<HelperProcess> helpers() {
        return helpers;
    }

    boolean hasLivingHelper() {
        return !starting.isEmpty() || helpers.stream().anyMatch(HelperProcess::isAlive);
    }

    /** Whether it described a helper that shares the segment, and has started some. */
    boolean hadHelperWith(Segment segment) {
        return attached.contains(segment) && !helpers.isEmpty() && described.isEmpty();
    }

    /** How its helpers ended. */
    List<String> ended() {
        return helpers.stream()
                .map(helper ->
                        helper + " " + helper.exit().map(Object::toString).orElse("ended in a way that is not known"))
                .toList();
    }

    /** What is wrong with the first helper that ended in a way that was not declared. */
    Optional<String> wrongEnd() {
        return helpers.stream()
                .map(HelperProcess::undeclaredDeath)
                .flatMap(Optional::stream)
                .findFirst();
    }

    /** Whether closing will find a helper that did not end as it should, or could not do what it was to do. */
    public boolean hasWrongEnd() {
        awaitUnseenWork();
        return wrongEnd().isPresent()
                || unseenFailure().isPresent()
                || helpers.stream().anyMatch(helper -> helper.missingDeath().isPresent());
    }

    // --- chance, faults, reports ---

    /** The same sequence again in each run with the same seed. */
    public synchronized Random random() {
        if (random == null) {
            random = new Random(seedOf(""));
            evidence.usesSeed();
        }
        return random;
    }

    /** Has something undone before helpers are ended. */
    public void beforeEnd(Runnable undo) {
        faults.add(undo);
    }

    private synchronized ArtifactFolder artifacts() {
        if (artifacts == null) {
            artifacts = scope.artifacts().get();
        }
        return artifacts;
    }

    /** The folder for what it leaves for reports. */
    public Path makeArtifacts() {
        return artifacts().make();
    }

    /** It passed: nobody reads its artifacts. */
    public synchronized void discardArtifacts() {
        if (artifacts != null) {
            artifacts.discard();
        }
    }

    // --- the end ---

    /**
     * Ends helpers, then segments, and looks for what is left.
     *
     * @param failure of the test, which then may not have come to what it declared
     */
    public synchronized Closing close(Optional<Throwable> failure) {
        if (closed) {
            return new Closing(List.of(), List.of(), List.of(), List.of());
        }
        closed = true;
        boolean interrupted = Thread.interrupted(); // a timed out test's, which would cut our waiting short
        try {
            return end(failure);
        } finally {
            run.end(this);
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private Closing end(Optional<Throwable> failure) {
        List<Throwable> errors = new ArrayList<>();
        faults.forEach(undo -> attempt(undo, errors));
        if (failure.isEmpty()) {
            awaitDeclaredEnds();
        }
        List<String> failed = new ArrayList<>();
        List<Throwable> causes = new ArrayList<>();
        attempt(() -> findUnseen(failure, failed, causes), errors);
        Optional<Leaks> leaks = leaks(errors);
        leaks.ifPresent(l -> attempt(() -> l.look(List.copyOf(objects), helpers), errors));
        List<String> findings = endHelpers(failure, errors);
        findings.addAll(failed);
        leaks.ifPresent(
                l -> attempt(() -> l.findProcesses(helpers, run.helperPids(), settings.scaled(FAMILY_WAIT)), errors));
        leaks.ifPresent(l -> attempt(l::findChanged, errors));
        Optional.ofNullable(checkpoints).ifPresent(c -> attempt(c::close, errors));
        for (int i = 0; i < logs.size(); i++) {
            LogMemory log = logs.get(i);
            if (failure.isPresent()) {
                String name = "accesses-" + (i + 1) + ".log";
                attempt(() -> leave(log, makeArtifacts().resolve(name)), errors);
            }
            attempt(log::close, errors);
        }
        AtomicInteger inUse = new AtomicInteger(objects.size());
        objects.forEach(each -> attempt(
                () -> {
                    if (each.close().getAsBoolean()) {
                        inUse.decrementAndGet();
                    }
                },
                errors));
        adopted.forEach(each -> attempt(each::close, errors));
        boolean alone = scope.isTest() ? run.knowsAllTests() : Run.isQuiet();
        leaks.ifPresent(l -> attempt(() -> l.findObjects(survivors(), inUse.get() == 0, alone), errors));
        List<Finding> left = new ArrayList<>();
        leaks.ifPresent(l -> left.addAll(found(l)));
        deferred.stream().filter(LeakSnapshot::exists).forEach(left::add);
        left.removeIf(finding -> !run.charge(finding));
        return new Closing(findings, causes, left, errors);
    }

    /** What fails at once, as the last thing of a test, is to fail it each time. */
    private void awaitUnseenWork() {
        Optional<Unseen> work = unseen();
        if (work.isPresent()) {
            Rest.await(
                    () -> helpers.stream()
                            .filter(JvmHelper.class::isInstance)
                            .filter(HelperProcess::isAlive)
                            .map(HelperProcess::pid)
                            .toList(),
                    () -> !work.get().isGoingOn(),
                    settings.scaled(UNSEEN_WAIT));
        }
    }

    private void findUnseen(Optional<Throwable> failure, List<String> findings, List<Throwable> causes) {
        for (Optional<Unseen.Failure> next = unseenFailure(); next.isPresent(); next = unseenFailure()) {
            Unseen.Failure unseen = next.get();
            told(unseen);
            if (failure.isEmpty() || !String.valueOf(failure.get().getMessage()).contains(unseen.message())) {
                findings.add(unseen.message() + UNSEEN);
                causes.add(unseen.cause());
            }
        }
    }

    private Optional<Unseen> unseen() {
        return Optional.ofNullable(checkpoints).map(SessionCheckpoints::unseen);
    }

    /** What a helper was to do and could not, if the test has not looked at it. */
    Optional<Unseen.Failure> unseenFailure() {
        return unseen().flatMap(Unseen::first);
    }

    /** The test knows now. */
    void told(Unseen.Failure failure) {
        unseen().ifPresent(unseen -> unseen.looked(failure.work()));
    }

    private Optional<Leaks> leaks(List<Throwable> errors) {
        try {
            return Optional.ofNullable(baseline).map(known -> new Leaks(run, known));
        } catch (RuntimeException e) {
            errors.add(e); // the rest is closed all the same
            return Optional.empty();
        }
    }

    private static void leave(LogMemory log, Path file) {
        try {
            log.copyTo(file);
        } catch (IOException e) {
            throw new ShmException("cannot leave " + file, e);
        }
    }

    private List<HelperProcess> survivors() {
        return scope.around().get().stream()
                .filter(session -> session != this)
                .map(TestSession::helpers)
                .flatMap(Collection::stream)
                .toList();
    }

    /** In one JVM all tests are one process: what another one may have made is told at the end of the class. */
    private List<Finding> found(Leaks leaks) {
        List<Finding> found = new ArrayList<>(leaks.attributed());
        if (met.isEmpty() || !scope.isTest()) {
            found.addAll(leaks.unattributed());
        } else if (!leaks.unattributed().isEmpty()) {
            TestSession parent = scope.parent().get();
            Set<String> names = new TreeSet<>(met);
            names.add(owner());
            leaks.unattributed().forEach(finding -> parent.defer(finding, names));
        }
        return found;
    }

    private void defer(Finding finding, Set<String> tests) {
        boolean known = deferred.stream().anyMatch(other -> other.what().equals(finding.what()));
        if (!known) {
            deferred.add(new Finding(
                    finding.kind(),
                    finding.address(),
                    finding.size(),
                    finding.creator(),
                    finding.what(),
                    finding.who() + "; it came while these ran at once: " + String.join(", ", tests),
                    finding.where()));
        }
    }

    private List<String> endHelpers(Optional<Throwable> failure, List<Throwable> errors) {
        List<String> findings = new ArrayList<>();
        for (HelperProcess helper : helpers) {
            Optional<String> missing = helper.missingDeath();
            helper.endsWith(owner());
            if (helper instanceof CommandHelper && helper.isAlive()) {
                long supervisor = run.session().supervisor().pid();
                attempt(() -> Family.end(helper, supervisor, settings.scaled(FAMILY_WAIT)), errors);
            }
            attempt(helper::close, errors);
            if (helper.isAlive()) {
                errors.add(new ShmException(helper + " did not end after SIGKILL; it is " + helper.state()));
            }
            if (failure.isEmpty()) {
                missing.map(this::stillMissing).or(helper::undeclaredDeath).ifPresent(findings::add);
            } else if (missing.isEmpty() && !tells(failure.get(), helper)) {
                helper.undeclaredDeath().ifPresent(findings::add);
            }
        }
        return findings;
    }

    private String stillMissing(String missing) {
        return missing + " " + settings.scaled(DECLARED_END_WAIT).toSeconds() + " s after the end of " + owner();
    }

    private static boolean tells(Throwable failure, HelperProcess helper) {
        return String.valueOf(failure.getMessage()).contains(helper.toString());
    }

    private void awaitDeclaredEnds() {
        long until = System.nanoTime() + settings.scaled(DECLARED_END_WAIT).toNanos();
        for (HelperProcess helper : helpers) {
            if (helper.missingDeath().isPresent()) {
                try {
                    helper.awaitExit(Duration.ofNanos(Math.max(0, until - System.nanoTime())));
                } catch (ShmException e) {
                    // it did not come, which is found below
                }
            }
        }
    }

    private static void attempt(Runnable step, List<Throwable> errors) {
        try {
            step.run();
        } catch (RuntimeException | Error e) {
            errors.add(e);
        }
    }
}
