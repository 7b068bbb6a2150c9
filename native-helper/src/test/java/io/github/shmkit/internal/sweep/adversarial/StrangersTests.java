package io.github.shmkit.internal.sweep.adversarial;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.shmkit.internal.os.Stranger;
import io.github.shmkit.internal.session.ForgedSession;
import io.github.shmkit.internal.session.ForgedSession.Made;
import io.github.shmkit.internal.session.SessionSecret;
import io.github.shmkit.internal.sweep.RunningBuild;
import io.github.shmkit.internal.sweep.Sweep;
import io.github.shmkit.internal.sweep.SweepPolicy;
import io.github.shmkit.internal.sweep.Verdict.Decision;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Isolated;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What another user of the machine can have this user's cleaning do: nothing. */
@Isolated
@ExtendWith(PrivateShm.class)
class StrangersTests {
    @BeforeEach
    void needAStranger() throws Exception {
        Stranger.assumePossible();
    }

    /** The control is case 11: a process of this user's with the mark does. */
    @Test
    void theSessionsMarkOnAStrangersProcessKeepsNothing() throws Exception {
        try (ForgedSession session = ForgedSession.dead()) {
            Made made = session.newShm();
            Process knowsTheId = Stranger.start(Map.of(SessionSecret.VARIABLE, session.id()), "sleep", "60");
            Process knowsAll = Stranger.start(Map.of(SessionSecret.VARIABLE, session.secret()), "sleep", "60");
            try {
                assertThat(Sweep.run(SweepPolicy.standard()).findings())
                        .singleElement()
                        .matches(finding -> finding.verdict().decision() == Decision.DELETE, "deleted");
                assertThat(made.exists()).isFalse();
            } finally {
                knowsTheId.destroyForcibly().waitFor();
                knowsAll.destroyForcibly().waitFor();
            }
        }
    }

    /** It has the mark, and what it makes is root's; the control is the same program of this user's own. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aSetUserIdProgramOfAStrangersMakesNothingOfTheBuilds(boolean strangers, @TempDir Path folder)
            throws Exception {
        String program = Stranger.setUserId(Path.of(Holder.program()), folder).toString();
        String key = Integer.toHexString(ThreadLocalRandom.current().nextInt(1, Integer.MAX_VALUE));
        List<String> create = List.of(program, "create-sysv", "shm", key);
        // An orphan at once, which no descent makes the build's.
        String command = "cd " + folder + "; mkfifo in; : > said; (flock lock "
                + String.join(" ", strangers ? Stranger.command(create.toArray(String[]::new)) : create)
                + " < in > said &); exec 9> in; until grep -q ready said; do sleep 0.05; done; sleep 0.5; exec 9>&-; "
                + "flock lock true";
        try (RunningBuild build = RunningBuild.start(List.of(), command)) {
            int id = Integer.parseInt(
                    Files.readString(folder.resolve("said")).trim().substring("ready ".length()));
            try {
                List<String> said = build.tell("sweep");
                assertThat(said)
                        .filteredOn(line -> line.startsWith("SYSV_SHM id " + id + " ") && line.contains("DELETE"))
                        .as(String.join("\n", said))
                        .hasSize(strangers ? 0 : 1);
                assertThat(NaiveCleaners.segment(id).isPresent()).isEqualTo(strangers);
            } finally {
                if (NaiveCleaners.segment(id).isPresent()) {
                    Kernel.removeSegment(id);
                }
            }
        }
    }
}
