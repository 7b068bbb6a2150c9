package io.github.shmkit.maven.internal;

import io.github.shmkit.internal.session.BuildSession;
import io.github.shmkit.internal.session.PrivateDir;
import io.github.shmkit.internal.session.SessionId;
import io.github.shmkit.internal.sweep.Sweep;
import io.github.shmkit.internal.sweep.SweepPolicy;
import io.github.shmkit.internal.sweep.SweepReport;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

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

    SweepReport sweep();

    /** Sweeps at the end of a session whose processes have ended. */
    SweepReport sweepEnding(SessionId id);

    Session open(SessionId id);

    /** Loads what the others need, for when it is too late to load it. */
    void preload() throws IOException;

    /** The real one. */
    Host REAL = real(Selection.ALL);

    /** One that keeps to what the user selected. */
    static Host real(Selection selection) {
        return new Host() {
            @Override
            public boolean hasTraces() {
                return Sweep.hasTraces("");
            }

            @Override
            public boolean hasTracesOf(SessionId id) {
                // The build's own, its lock and its ledger, are "<session>.<suffix>".
                String testJvms = id + ".*.*";
                try (DirectoryStream<Path> dirs = Files.newDirectoryStream(Path.of(PrivateDir.SHM), ".shmkit-*")) {
                    for (Path dir : dirs) {
                        try (DirectoryStream<Path> entries = Files.newDirectoryStream(dir, testJvms)) {
                            if (entries.iterator().hasNext()) {
                                return true;
                            }
                        } catch (AccessDeniedException | NoSuchFileException e) {
                            // another user's, or gone with its last session
                        }
                    }
                    return false;
                } catch (IOException | DirectoryIteratorException e) {
                    return true; // the sweep will say what is wrong
                }
            }

            @Override
            public SweepReport sweep() {
                return Sweep.run(SweepPolicy.standard());
            }

            @Override
            public SweepReport sweepEnding(SessionId id) {
                return Sweep.run(selection.endingPolicy(id.text()));
            }

            @Override
            public Session open(SessionId id) {
                return BuildSession.open(id)::close;
            }

            @Override
            public void preload() throws IOException {
                Preload.all();
                // Loads what of JNA and the JDK a sweep needs.
                Sweep.run(SweepPolicy.standard().asDryRun());
            }
        };
    }
}
