package io.github.shmkit.junit.internal;

import io.github.shmkit.NativeHelper;
import io.github.shmkit.Segment;
import io.github.shmkit.SegmentSpec;
import io.github.shmkit.ShmException;
import io.github.shmkit.internal.helper.HelperProcess;
import io.github.shmkit.internal.helper.NativeHelpers;
import io.github.shmkit.internal.session.Session;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * All that one test, or one class, has open.
 *
 * <p>One object closes it all, so that the order is fixed, the first failure does not keep the rest open, and what each
 * part finds is told together. It may be closed by another thread than the test's, while the test's still runs.
 */
public final class TestSession {
    /** A declared end may still be on its way when the test returns. */
    private static final Duration DECLARED_END_WAIT = Duration.ofSeconds(2);

    private final Run run;
    private final String owner;
    private final Deque<Segment> segments = new ArrayDeque<>();
    private final Map<Object, Segment> declared = new HashMap<>();
    private final List<HelperProcess> helpers = new CopyOnWriteArrayList<>();
    private boolean closed;

    /**
     * What the end of a session brought to light.
     *
     * @param findings helpers that did not end as they should
     * @param errors what went wrong in closing
     */
    public record Closing(List<String> findings, List<Throwable> errors) {}

    /**
     * Opens nothing yet.
     *
     * @param owner the test or class, for messages
     */
    public TestSession(Run run, String owner) {
        this.run = run;
        this.owner = owner;
    }

    /** Makes a segment that lives until the session is closed. */
    public synchronized Segment create(SegmentSpec spec) {
        Segment segment = session().create(spec);
        segments.push(segment);
        return segment;
    }

    /** The segment of a declaration, made when it is first asked for. */
    public synchronized Segment declared(Object declaration, SegmentSpec spec) {
        Segment known = declared.get(declaration);
        if (known == null) {
            known = create(spec);
            declared.put(declaration, known);
        }
        return known;
    }

    /** A native helper in the making, which will live at most until the session is closed. */
    public synchronized NativeHelper.Builder nativeHelper(String name) {
        return new WatchedBuilder(new NativeHelpers(session().supervisor(), 1).helper(name));
    }

    private final class WatchedBuilder implements NativeHelper.Builder {
        private final NativeHelper.Builder builder;

        WatchedBuilder(NativeHelper.Builder builder) {
            this.builder = builder;
        }

        @Override
        public NativeHelper.Builder attach(Segment segment) {
            return new WatchedBuilder(builder.attach(segment));
        }

        @Override
        public NativeHelper.Builder attachReadOnly(Segment segment) {
            return new WatchedBuilder(builder.attachReadOnly(segment));
        }

        @Override
        public NativeHelper start() {
            synchronized (TestSession.this) {
                session(); // is it open still?
                NativeHelper helper = builder.start();
                helpers.add((HelperProcess) helper);
                return helper;
            }
        }
    }

    private Session session() {
        if (closed) {
            throw new IllegalStateException(owner + " is over: nothing can be made for it any more");
        }
        return run.session();
    }

    /** What is wrong with the first helper that ended in a way that was not declared. */
    Optional<String> wrongEnd() {
        return helpers.stream()
                .map(TestSession::wrongEnd)
                .flatMap(Optional::stream)
                .findFirst();
    }

    private static Optional<String> wrongEnd(HelperProcess helper) {
        if (helper.isAlive()) {
            return Optional.empty();
        }
        return helper.undeclaredDeath().or(() -> {
            try {
                helper.awaitExit(Duration.ZERO);
                return Optional.empty();
            } catch (ShmException e) { // its supervisor is gone
                return Optional.of(String.valueOf(e.getMessage()));
            }
        });
    }

    /**
     * Ends helpers, then segments.
     *
     * @param failure of the test, which then may not have come to what it declared
     */
    public synchronized Closing close(Optional<Throwable> failure) {
        if (closed) {
            return new Closing(List.of(), List.of());
        }
        closed = true;
        boolean interrupted = Thread.interrupted(); // a timed out test's, which would cut our waiting short
        try {
            List<Throwable> errors = new ArrayList<>();
            List<String> findings = endHelpers(failure, errors);
            segments.forEach(segment -> attempt(segment::close, errors));
            return new Closing(findings, errors);
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private List<String> endHelpers(Optional<Throwable> failure, List<Throwable> errors) {
        if (failure.isEmpty()) {
            awaitDeclaredEnds();
        }
        List<String> findings = new ArrayList<>();
        for (HelperProcess helper : helpers) {
            Optional<String> missing = helper.missingDeath();
            attempt(helper::close, errors);
            if (helper.isAlive()) {
                errors.add(new ShmException(helper + " did not end after SIGKILL; it is " + helper.state()));
            }
            if (failure.isEmpty()) {
                missing.map(this::stillMissing).or(() -> wrongEnd(helper)).ifPresent(findings::add);
            } else if (missing.isEmpty() && !tells(failure.get(), helper)) {
                wrongEnd(helper).ifPresent(findings::add);
            }
        }
        return findings;
    }

    private String stillMissing(String missing) {
        return missing + " " + DECLARED_END_WAIT.toSeconds() + " s after the end of " + owner;
    }

    private static boolean tells(Throwable failure, HelperProcess helper) {
        return String.valueOf(failure.getMessage()).contains(helper.toString());
    }

    private void awaitDeclaredEnds() {
        long until = System.nanoTime() + DECLARED_END_WAIT.toNanos();
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
