package io.github.shmkit.maven.internal;

import io.github.shmkit.internal.session.BuildSession;
import io.github.shmkit.internal.session.SessionId;
import io.github.shmkit.internal.sweep.Removal;
import io.github.shmkit.internal.sweep.Survey;
import io.github.shmkit.internal.sweep.SweepPolicy;
import io.github.shmkit.internal.sweep.SweepProgress;
import io.github.shmkit.internal.sweep.SweepReport;
import io.github.shmkit.internal.sweep.Traces;
import java.io.IOException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What a build's guard does to the machine; a seam for tests. */
interface Host {
    /** An open session of the build. */
    interface Session {
        /** Gives it back; if it is not finished, what is known of it stays for a later sweep. */
        void close(boolean finished);
    }

    /** Whether any session may have left anything. */
    boolean hasTraces();

    /** Whether this session's test JVMs live or have left anything. */
    boolean hasTracesOf(SessionId id);

    SweepReport sweep(SweepProgress progress);

    /** Sweeps at the end of a session whose processes have ended. */
    SweepReport sweepEnding(SessionId id, SweepProgress progress);

    Session open(SessionId id);

    /** How well creators of objects are known in the open session, in one line; empty for unknown. */
    String attribution();

    /** What processes that began since then keep and has no name, one line each. */
    List<String> unlistedSince(Instant began);

    /** Loads what the others need, for when it is too late to load it. */
    void preload() throws IOException;

    /** What it means that the watchdog missed something. */
    String NOT_CAUGHT_UP = ": who made the last objects is not known, and some may be missing here";

    /** The real one. */
    Host REAL = real(Selection.ALL);

    /** One that keeps to what the user selected. */
    static Host real(Selection selection) {
        return new Host() {
            private volatile @Nullable BuildSession opened;

            @Override
            public boolean hasTraces() {
                return Traces.exist();
            }

            @Override
            public boolean hasTracesOf(SessionId id) {
                return Traces.existOfTestJvms(id);
            }

            @Override
            public SweepReport sweep(SweepProgress progress) {
                return Removal.run(selection.leftoversPolicy().withProgress(progress));
            }

            @Override
            public SweepReport sweepEnding(SessionId id, SweepProgress progress) {
                BuildSession build = opened;
                Optional<String> missed = build == null ? Optional.empty() : build.catchUp();
                SweepReport report =
                        Removal.run(selection.endingPolicy(id.text()).withProgress(progress));
                return missed.map(why -> report.withNote(why + NOT_CAUGHT_UP)).orElse(report);
            }

            @Override
            public String attribution() {
                BuildSession build = opened;
                return build == null
                        ? ""
                        : build.ledger()
                                .flatMap(ledger -> ledger.watch()
                                        .map(watch -> new Attribution(watch).summary()
                                                + (ledger.lost().isEmpty()
                                                        ? ""
                                                        : "; some of the kernel's events were lost, so that not all are"
                                                                + " known")))
                                .orElse("");
            }

            @Override
            public List<String> unlistedSince(Instant began) {
                return Unlisted.since(began);
            }

            @Override
            public Session open(SessionId id) {
                BuildSession build =
                        BuildSession.open(id, selection.attribute() != Attribution.Mode.NEVER, selection.directories());
                opened = build;
                return build::close;
            }

            @Override
            public void preload() throws IOException {
                Preload.all();
                // Loads what of JNA and the JDK a sweep needs.
                Survey.report(SweepPolicy.standard());
            }
        };
    }
}
