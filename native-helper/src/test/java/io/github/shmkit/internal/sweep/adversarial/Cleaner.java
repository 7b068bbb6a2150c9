package io.github.shmkit.internal.sweep.adversarial;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.shmkit.internal.session.ForgedSession;
import io.github.shmkit.internal.sweep.Removal;
import io.github.shmkit.internal.sweep.SweepPolicy;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** The two that clean: the sweep, and the reaper in the native program. What one may not delete, neither may the other. */
enum Cleaner {
    SWEEP {
        @Override
        void clean(ForgedSession session) {
            Removal.run(SweepPolicy.standard());
        }
    },
    REAPER {
        @Override
        void clean(ForgedSession session) throws IOException, InterruptedException {
            reap(program(), List.of(), session);
        }
    };

    /** Has it look after a session; it does all that it ever would before this returns. */
    abstract void clean(ForgedSession session) throws IOException, InterruptedException;

    /** A supervisor whose JVM is gone when it looks reaps at once; started by way of other programs or not. */
    static void reap(Path program, List<String> wrapper, ForgedSession session)
            throws IOException, InterruptedException {
        Process reaper = startReaper(program, wrapper, session);
        assertThat(reaper.waitFor(20, TimeUnit.SECONDS)).isTrue();
        assertThat(reaper.exitValue()).isZero();
    }

    static Process startReaper(Path program, List<String> wrapper, ForgedSession session) throws IOException {
        Files.deleteIfExists(session.dir().resolve(session.stem() + ".sock")); // where one before it listened
        List<String> command = new ArrayList<>(wrapper);
        // Process 1 did not start in the first tick after boot: whom we name is nobody any more.
        command.addAll(List.of(
                program.toString(),
                "shm-helper",
                "supervise",
                session.dir().toString(),
                session.stem(),
                "1",
                Long.toString(Long.MAX_VALUE)));
        return new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
    }

    static Path program() {
        String resource = "/META-INF/native/linux-"
                + (System.getProperty("os.arch").equals("aarch64") ? "aarch64" : "x86_64") + "/shm-helper";
        try {
            Path program = Path.of(Cleaner.class.getResource(resource).toURI());
            assertThat(Files.isExecutable(program)).isTrue();
            return program;
        } catch (URISyntaxException e) {
            throw new AssertionError(e);
        }
    }
}
