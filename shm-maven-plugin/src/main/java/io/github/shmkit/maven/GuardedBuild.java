package io.github.shmkit.maven;

import io.github.shmkit.internal.session.SessionSecret;
import io.github.shmkit.internal.sweep.SweepReport.Finding;
import io.github.shmkit.maven.internal.Attribution;
import io.github.shmkit.maven.internal.BadInputException;
import io.github.shmkit.maven.internal.BuildGuard;
import io.github.shmkit.maven.internal.Check;
import io.github.shmkit.maven.internal.Console;
import io.github.shmkit.maven.internal.ForkingGoals;
import io.github.shmkit.maven.internal.Hermetic;
import io.github.shmkit.maven.internal.Printable;
import io.github.shmkit.maven.internal.Selection;
import io.github.shmkit.maven.internal.Support;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.function.IntConsumer;
import java.util.function.IntSupplier;
import java.util.function.Supplier;
import org.apache.maven.MavenExecutionException;
import org.apache.maven.execution.ExecutionEvent;
import org.apache.maven.execution.MavenExecutionRequest;
import org.apache.maven.execution.MavenSession;
import org.apache.maven.plugin.MojoExecution;
import org.apache.maven.project.MavenProject;

/**
 * A Maven session that we guard: hears what it does, and cleans up after it.
 *
 * <p>No error of ours changes what becomes of the build; a leak does where the user wants that.
 */
final class GuardedBuild implements SessionEvents.Hearer {
    /** Where the request keeps it: one JVM may see many sessions, and one session several of us. */
    private static final String KEY = GuardedBuild.class.getName();

    private final MavenSession session;
    private final SessionSecret secret;
    private final BuildGuard guard;
    private final Selection selection;
    private final Hermetic hermetic;
    private final Console console;
    private volatile boolean checked;
    private volatile int checkAtEnd = -1;

    private GuardedBuild(
            MavenSession session,
            SessionSecret secret,
            BuildGuard guard,
            Selection selection,
            Hermetic hermetic,
            Console console) {
        this.session = session;
        this.secret = secret;
        this.guard = guard;
        this.selection = selection;
        this.hermetic = hermetic;
        this.console = console;
    }

    /** What others of us may ask of it. */
    static final class Handle {
        private static final String SESSION = "session";
        private static final String BETWEEN = "between";
        private static final String CHECKED = "checked";
        private static final String CHECK_AT_END = "checkAtEnd";
        private static final String ISOLATED = "isolated";
        private static final String REMOVED_AT_START = "removedAtStart";
        private static final String CLOSE = "close";

        private final Map<?, ?> members;

        private Handle(Map<?, ?> members) {
            this.members = members;
        }

        String session() {
            return String.valueOf(members.get(SESSION));
        }

        /** What the build did when the object was made. */
        @SuppressWarnings("unchecked")
        String during(Finding finding) {
            return members.get(BETWEEN) instanceof BiFunction<?, ?, ?> between
                    ? BuildGuard.during(finding, (BiFunction<Long, Long, String>) between)
                    : "";
        }

        /** What was left in namespaces of test JVMs so far. */
        @SuppressWarnings("unchecked")
        List<byte[]> isolated() {
            return members.get(ISOLATED) instanceof Supplier<?> isolated
                    ? ((Supplier<List<byte[]>>) isolated).get()
                    : List.of();
        }

        /** How many objects of dead sessions its start has removed. */
        int removedAtStart() {
            return members.get(REMOVED_AT_START) instanceof IntSupplier removed ? removed.getAsInt() : 0;
        }

        /** A goal has told of the leaks so far. */
        void setChecked() {
            run(CHECKED);
        }

        /** Modules run side by side: only at the end of the session can be said what is left. */
        void checkAtEnd(int maxLeaks) {
            if (members.get(CHECK_AT_END) instanceof IntConsumer check) {
                check.accept(maxLeaks);
            }
        }

        /** For a session of whose end nobody told our listener. */
        void close() {
            run(CLOSE);
        }

        private void run(String member) {
            if (members.get(member) instanceof Runnable action) {
                action.run();
            }
        }
    }

    /** The one that guards this session; empty for none. */
    static Optional<Handle> of(MavenSession session) {
        return session.getRequest().getData().get(KEY) instanceof Map<?, ?> members
                ? Optional.of(new Handle(members))
                : Optional.empty();
    }

    /** Of the JDK's types only: a goal called by its coordinates has another class loader than the extension. */
    private Map<String, Object> members() {
        BiFunction<Long, Long, String> between = guard::between;
        Runnable setChecked = () -> checked = true;
        IntConsumer setCheckAtEnd = maxLeaks -> checkAtEnd = maxLeaks;
        Supplier<List<byte[]>> isolated = hermetic::reports;
        IntSupplier removedAtStart = guard::removedAtStart;
        Runnable close = this::close;
        return Map.of(
                Handle.SESSION,
                guard.id().text(),
                Handle.BETWEEN,
                between,
                Handle.CHECKED,
                setChecked,
                Handle.CHECK_AT_END,
                setCheckAtEnd,
                Handle.ISOLATED,
                isolated,
                Handle.REMOVED_AT_START,
                removedAtStart,
                Handle.CLOSE,
                close);
    }

    /** Guards the session from now on, once. */
    static void begin(MavenSession session, Console console) {
        MavenExecutionRequest request = session.getRequest();
        Map<String, Object> data = request.getData();
        if (data.containsKey(KEY) || UserSettings.skip(session)) {
            return;
        }
        String missing = Support.missing();
        if (!missing.isEmpty()) {
            console.info(missing);
            return;
        }
        Selection selection = Selection.ALL;
        Hermetic.Mode isolate = Hermetic.Mode.NEVER;
        try {
            selection = UserSettings.selection(session);
            isolate = UserSettings.isolate(session);
        } catch (BadInputException e) {
            console.warn("shmkit: " + e.getMessage());
        }
        Attribution.require(selection.attribute());
        SessionSecret secret = SessionSecret.random();
        GuardedBuild build = new GuardedBuild(
                session,
                secret,
                new BuildGuard(secret.id(), console, selection),
                selection,
                new Hermetic(secret.id(), isolate, console),
                console);
        data.put(KEY, build.members());
        console.debug("shmkit: this is session " + secret.id());
        build.guard.begin();
        SessionToken.inject(secret, session.getProjects());
        request.setExecutionListener(SessionEvents.around(request.getExecutionListener(), build));
    }

    @Override
    public void goalBegins(ExecutionEvent event) {
        MojoExecution mojo = event.getMojoExecution();
        if (mojo == null || !ForkingGoals.contains(mojo.getArtifactId(), mojo.getGoal())) {
            return;
        }
        boolean testJvm = ForkingGoals.startsTestJvm(mojo.getArtifactId(), mojo.getGoal());
        safely(() -> {
            guard.activityBegan(name(event));
            if (ForkingGoals.takesEnvironment(mojo.getArtifactId(), mojo.getGoal())) {
                SessionToken.inject(secret, mojo);
            }
        });
        if (testJvm && isIdle(new TestJvm(event.getSession(), mojo))) {
            return; // to get ready would take longer than all the rest of such a goal
        }
        safely(testJvm ? guard::beforeFork : guard::beforeCommand);
        if (testJvm && hermetic.isWanted()) {
            safely(() -> isolate(event.getSession(), event.getProject(), mojo));
        }
    }

    private boolean isIdle(TestJvm testJvm) {
        try {
            return testJvm.hasNothingToDo();
        } catch (RuntimeException | LinkageError e) {
            console.debug("shmkit: it is not known whether there are tests: " + Printable.text(e.toString()));
            return false;
        }
    }

    private void isolate(MavenSession now, MavenProject project, MojoExecution mojo) {
        TestJvm testJvm = new TestJvm(now, mojo);
        if (!testJvm.isForked()) {
            hermetic.give("forkCount is 0, so that the tests run in Maven's own JVM");
            return;
        }
        hermetic.standIn(
                        folder(project),
                        testJvm.java(),
                        List.of(
                                project.getBasedir().toPath(),
                                Path.of(now.getLocalRepository().getBasedir()),
                                Path.of(System.getProperty("java.io.tmpdir"))))
                .ifPresent(testJvm::replace);
    }

    private static Path folder(MavenProject project) {
        return Path.of(project.getBuild().getDirectory(), "shmkit", "hermetic");
    }

    @Override
    public void goalEnded(ExecutionEvent event) {
        MojoExecution mojo = event.getMojoExecution();
        if (mojo != null && ForkingGoals.contains(mojo.getArtifactId(), mojo.getGoal())) {
            safely(() -> {
                guard.activityEnded(name(event));
                if (hermetic.isWanted() && ForkingGoals.startsTestJvm(mojo.getArtifactId(), mojo.getGoal())) {
                    guard.wasLeft(hermetic.collect(folder(event.getProject())));
                }
            });
        }
    }

    /** "surefire:test (default-test) of module-a". */
    private static String name(ExecutionEvent event) {
        MojoExecution mojo = event.getMojoExecution();
        MavenProject project = event.getProject();
        String plugin = mojo.getArtifactId().replaceFirst("^maven-", "").replaceFirst("-(maven-)?plugin$", "");
        return plugin + ":" + mojo.getGoal() + " (" + mojo.getExecutionId() + ")"
                + (project == null ? "" : " of " + project.getArtifactId());
    }

    @Override
    public void sessionEnds() {
        safely(() -> {
            guard.end();
            boolean untold = checkAtEnd >= 0 || !checked;
            boolean wanted = checkAtEnd >= 0 || UserSettings.failOnLeak(session);
            if (guard.left().isEmpty()) {
                return;
            }
            if (untold && (wanted || hermetic.isWanted())) {
                judge().filter(message -> wanted).ifPresent(this::fail);
            } else if (guard.hasWhatStays()) {
                request().ifPresent(request -> Check.atEndSilently(request, guard.left(), guard.notes(), console));
            }
        });
    }

    private Optional<String> judge() {
        return request().flatMap(request -> Check.atEnd(request, guard.left(), guard.notes(), console));
    }

    private Optional<Check.Request> request() {
        try {
            return Optional.of(new Check.Request(
                    selection,
                    guard.id().text(),
                    Optional.empty(),
                    Duration.ZERO,
                    Math.max(0, checkAtEnd),
                    UserSettings.commandLines(session),
                    guard::during,
                    List.of(),
                    UserSettings.files(session),
                    guard.attribution()));
        } catch (BadInputException e) {
            console.warn("shmkit: " + e.getMessage());
            return Optional.empty();
        }
    }

    /** Before Maven's listener asks for failures, so that its banner tells of them. */
    private void fail(String message) {
        MavenProject top = session.getTopLevelProject();
        session.getResult().addException(new MavenExecutionException(message, top == null ? null : top.getFile()));
    }

    /** Afterwards, nothing of ours is left in the request. */
    private void close() {
        session.getRequest().getData().remove(KEY);
        guard.end();
    }

    private void safely(Runnable step) {
        try {
            step.run();
        } catch (Hermetic.ImpossibleException e) {
            throw e; // the user's word is that the build must not go on
        } catch (RuntimeException | LinkageError e) {
            console.warn("shmkit: " + Printable.text(e.toString()));
        }
    }
}
