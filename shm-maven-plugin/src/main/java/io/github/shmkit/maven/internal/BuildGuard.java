package io.github.shmkit.maven.internal;

import io.github.shmkit.ShmException;
import io.github.shmkit.internal.guard.Actuator.Outcome;
import io.github.shmkit.internal.session.SessionId;
import io.github.shmkit.internal.sweep.SweepReport;
import io.github.shmkit.internal.sweep.SweepReport.Finding;
import io.github.shmkit.internal.sweep.Verdict.Decision;
import io.github.shmkit.maven.internal.Host.Session;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;

/**
 * Sees to it that a build leaves nothing behind, however it ends.
 *
 * <p>A build that ends in good order is cleaned up after by {@link #end}; one that is interrupted or calls
 * {@code System.exit} by a shutdown hook; one that is killed by the watchdog. The first two can meet, since Maven goes on
 * while hooks run: whoever comes first does the work. No error of ours changes what becomes of the build.
 */
public final class BuildGuard {
    /** How long the build's end waits for test JVMs and their supervisors that are about to go. */
    private static final Duration SETTLE = Duration.ofSeconds(2);

    private static final Duration OPENING_MAX = Duration.ofSeconds(60);
    private static final Duration HOOK_MAX = Duration.ofSeconds(4);
    private static final long PAUSE_MILLIS = 10;
    private static final long PAUSE_MAX_MILLIS = 100;

    private enum Ender {
        NOBODY,
        SESSION,
        HOOK
    }

    private final SessionId id;
    private final Console console;
    private final Host host;
    private final Duration settle;
    private final AtomicReference<Ender> ender = new AtomicReference<>(Ender.NOBODY);
    private final CountDownLatch ended = new CountDownLatch(1);
    private final CountDownLatch preloaded = new CountDownLatch(1);

    private final Activities activities = new Activities();
    private final List<Finding> left = new ArrayList<>();
    private final List<String> notes = new ArrayList<>();

    private String attribution = "";
    private volatile int removedAtStart;
    private volatile Instant opened = Instant.now();
    private @Nullable CompletableFuture<Void> opening;
    private @Nullable Session session;
    private @Nullable Thread hook;

    /** One that looks at what the user wants looked at, and takes his word for what he vouches for. */
    public BuildGuard(SessionId id, Console console, Selection selection) {
        this(id, new EnduringConsole(console), Host.real(selection), SETTLE);
    }

    public SessionId id() {
        return id;
    }

    BuildGuard(SessionId id, Console console, Host host, Duration settle) {
        this.id = id;
        this.console = console;
        this.host = host;
        this.settle = settle;
    }

    /** Removes what sessions left that are dead. */
    public void begin() {
        attempt("looking for what dead sessions left", () -> {
            if (host.hasTraces()) {
                SweepReport report = Progress.of(console, host::sweep);
                removedAtStart = report.removed().size();
                tell(report);
            }
        });
    }

    /**
     * To be called before a test JVM is started: from then on, the build is guarded.
     *
     * <p>Returns at once: a JVM takes longer to come to its first test than the guard to be there.
     */
    public void beforeFork() {
        var unused = startOpening();
    }

    /** To be called before anything else that may make objects, and may do so at once. */
    public void beforeCommand() {
        await(startOpening());
    }

    /** Each wait of the opening has an end of its own. */
    private void await(CompletableFuture<Void> started) {
        attempt("waiting for the guard of this build", () -> {
            try {
                started.get(OPENING_MAX.toSeconds(), TimeUnit.SECONDS);
            } catch (ExecutionException | TimeoutException e) {
                throw new ShmException("it did not begin within " + OPENING_MAX.toSeconds() + " s", e);
            }
        });
    }

    private synchronized CompletableFuture<Void> startOpening() {
        CompletableFuture<Void> started = opening;
        if (started == null) {
            started = new CompletableFuture<>();
            opening = started; // or tried: once is enough
            if (ender.get() == Ender.NOBODY) {
                Thread thread = new Thread(this::open, "shmkit opening");
                thread.setDaemon(true);
                thread.start();
            } else {
                started.complete(null);
            }
        }
        return started;
    }

    private void open() {
        try {
            attempt("guarding this build", () -> {
                opened = Instant.now();
                Session open = host.open(id);
                synchronized (this) {
                    session = open;
                }
                registerHook();
            });
            synchronized (this) {
                if (session == null) {
                    notes.add("this build was not guarded");
                }
            }
        } finally {
            startOpening().complete(null);
        }
    }

    private void awaitOpening() {
        CompletableFuture<Void> started;
        synchronized (this) {
            started = opening;
        }
        if (started != null) {
            await(started);
        }
    }

    /** Something began that may make objects. */
    public void activityBegan(String name) {
        activities.begin(name, System.currentTimeMillis());
    }

    public void activityEnded(String name) {
        activities.end(name, System.currentTimeMillis());
    }

    /** What the build did when the object was made; empty where that is unknown. */
    public String during(Finding finding) {
        return activities.at(finding);
    }

    /** What the build did between two moments, in milliseconds since the epoch. */
    public String between(long first, long last) {
        return activities.between(first, last);
    }

    /** As {@link #during}, of a guard that only its answer about moments is known of. */
    public static String during(Finding finding, BiFunction<Long, Long, String> between) {
        return Activities.at(finding, between);
    }

    /** What the end found left by programs of this build, for which it has to answer. */
    public synchronized List<Finding> left() {
        return List.copyOf(left);
    }

    /** Waits until the test JVMs are gone, removes what they left, and lets go. Only the first call does anything. */
    public void end() {
        if (!ender.compareAndSet(Ender.NOBODY, Ender.SESSION)) {
            return;
        }
        boolean[] finished = new boolean[1];
        try {
            awaitOpening();
            attempt("cleaning up after this build", () -> {
                boolean settled = settle();
                finished[0] = sweepEnding() && settled;
            });
        } finally {
            letGo(finished[0]);
            ended.countDown();
        }
        removeHook();
    }

    private synchronized boolean isOpen() {
        return session != null;
    }

    private synchronized void letGo(boolean finished) {
        Session open = session;
        session = null;
        if (open != null) {
            attempt("ending this build's session", () -> open.close(finished));
        }
    }

    /**
     * Sweeps until nothing of this session's test JVMs is left, or what is left stays.
     *
     * @return whether nothing is left
     */
    private boolean settle() throws InterruptedException {
        long until = System.nanoTime() + settle.toNanos();
        long pause = PAUSE_MILLIS;
        while (host.hasTracesOf(id)) {
            SweepReport report = Progress.of(console, host::sweep);
            remember(report.removed());
            Summary.removed(report, id.text()).forEach(this::info);
            if (!host.hasTracesOf(id)) {
                break;
            }
            if (System.nanoTime() > until) {
                tellWhatStays(report);
                warn(
                        "something of this build is still in use; the next build, or shm:clean, removes it once it is not");
                return false;
            }
            Thread.sleep(pause);
            pause = Math.min(2 * pause, PAUSE_MAX_MILLIS);
        }
        return true;
    }

    /**
     * Removes what other programs of this build were seen to leave.
     *
     * @return whether nothing is left for a later sweep
     */
    private boolean sweepEnding() throws InterruptedException {
        if (!isOpen()) {
            return true; // nothing was started, so nothing was seen
        }
        long until = System.nanoTime() + settle.toNanos();
        SweepReport report = Progress.of(console, progress -> host.sweepEnding(id, progress));
        // The last processes of a test JVM may be a few milliseconds behind it.
        while (report.findings().stream().anyMatch(this::isInUse) && System.nanoTime() < until) {
            remember(report.removed());
            Summary.removed(report, id.text()).forEach(this::info);
            Thread.sleep(PAUSE_MAX_MILLIS);
            report = Progress.of(console, progress -> host.sweepEnding(id, progress));
        }
        remember(report.findings());
        List<String> unlisted = host.unlistedSince(opened);
        String known = host.attribution();
        if (!known.isEmpty()) {
            console.debug("shmkit: " + known);
        }
        synchronized (this) {
            attribution = known;
            notes.addAll(report.notes());
            notes.addAll(unlisted);
        }
        Summary.removed(report, id.text()).forEach(this::info);
        tellWhatStays(report);
        unlisted.forEach(line -> warn("possibly left: " + line));
        return report.finished();
    }

    /** Each object that this build made or may have made and that is still there, and what could not be looked at. */
    private void tellWhatStays(SweepReport report) {
        List<Finding> staying = report.findings().stream().filter(this::stays).toList();
        Remedies remedies = Remedies.of(staying);
        LeakRule leaks = leaks();
        Check.tell(
                staying.stream()
                        .map(finding -> Item.of(
                                finding,
                                leaks.isLeak(finding),
                                leaks.isPossible(finding),
                                false,
                                during(finding),
                                remedies))
                        .toList(),
                new PrefixedConsole(console));
        String known = attribution();
        if (staying.stream().anyMatch(leaks::isPossible) && !known.isEmpty() && !known.startsWith("level R:")) {
            info(known + "; shm:doctor shows what would help");
        }
        report.notes().forEach(note -> info("not looked at: " + Printable.text(note)));
    }

    /** By a process that may be about to end. */
    private boolean isInUse(Finding finding) {
        return stays(finding)
                && (finding.verdict().decision() == Decision.LIVE
                        || finding.result()
                                .filter(result -> result.outcome() == Outcome.BUSY)
                                .isPresent());
    }

    private LeakRule leaks() {
        return new LeakRule(id.text(), Optional.empty(), false, BaselineFile.uid());
    }

    private boolean stays(Finding finding) {
        return !finding.isRemoved() && (leaks().isLeak(finding) || leaks().isPossible(finding));
    }

    /** Whether anything of this build is still there after its end. */
    public synchronized boolean hasWhatStays() {
        return left.stream().anyMatch(this::stays);
    }

    /** How well creators of objects were known, in one line; empty for unknown. */
    public synchronized String attribution() {
        return attribution;
    }

    /** How many objects of dead sessions the start of this build has removed. */
    public int removedAtStart() {
        return removedAtStart;
    }

    /** What the end could not look at. */
    public synchronized List<String> notes() {
        return List.copyOf(notes);
    }

    /** Takes in what programs left that no sweep finds, and tells of it. */
    public void wasLeft(List<Finding> findings) {
        remember(findings);
        Summary.removed(new SweepReport(findings, 0, List.of(), true), id.text())
                .forEach(this::info);
    }

    private synchronized void remember(List<Finding> findings) {
        left.addAll(findings);
    }

    // --- the hook ---

    private void registerHook() {
        Thread preloading = new Thread(this::preload, "shmkit preload");
        preloading.setDaemon(true);
        preloading.start();
        Thread thread = new Thread(this::onShutdown, "shmkit shutdown");
        try {
            Runtime.getRuntime().addShutdownHook(thread);
            synchronized (this) {
                hook = thread;
            }
        } catch (IllegalStateException e) {
            // The JVM is going down already: the watchdog sees to the rest.
        }
    }

    /** Beside the start of the first test JVM, which takes much longer. */
    private void preload() {
        try {
            host.preload();
        } catch (IOException | RuntimeException | LinkageError e) {
            console.debug("shmkit: cannot prepare for an interrupt: " + Printable.text(String.valueOf(e)));
        } finally {
            preloaded.countDown();
        }
    }

    /** The hook that is registered. */
    synchronized Optional<Thread> hook() {
        return Optional.ofNullable(hook);
    }

    private synchronized void removeHook() {
        Thread registered = hook;
        hook = null;
        if (registered != null) {
            try {
                Runtime.getRuntime().removeShutdownHook(registered);
            } catch (IllegalStateException e) {
                // It is running, and finds that there is nothing to do.
            }
        }
    }

    /** Bounded: what it does not finish, the watchdog does, which sees this JVM go without a word. */
    private void onShutdown() {
        try {
            if (!ender.compareAndSet(Ender.NOBODY, Ender.HOOK)) {
                boolean done = ended.await(HOOK_MAX.toMillis(), TimeUnit.MILLISECONDS);
                console.debug("shmkit: the build's end " + (done ? "was" : "is still being") + " cleaned up after");
                return;
            }
            Thread worker = new Thread(
                    () -> attempt("cleaning up after this build", () -> {
                        preloaded.await();
                        if (settle()) {
                            letGo(sweepEnding());
                        }
                    }),
                    "shmkit clean-up");
            worker.setDaemon(true);
            worker.start();
            worker.join(HOOK_MAX.toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    // --- telling ---

    private void tell(SweepReport report) {
        Summary.removed(report, id.text()).forEach(this::info);
        Summary.kept(report).forEach(this::warn);
        report.notes().forEach(note -> console.debug("shmkit: " + Printable.text(note)));
    }

    private void info(String line) {
        console.info("shmkit: " + line);
    }

    private void warn(String line) {
        console.warn("shmkit: " + line);
    }

    /** A step of ours. */
    private interface Step {
        void run() throws IOException, InterruptedException;
    }

    private void attempt(String what, Step step) {
        try {
            step.run();
        } catch (ShmException e) {
            warn(what + " failed: " + Printable.text(String.valueOf(e.getMessage())));
        } catch (IOException | RuntimeException | LinkageError e) {
            warn(what + " failed: " + Printable.text(String.valueOf(e)));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            warn(what + " was interrupted");
        }
    }
}
