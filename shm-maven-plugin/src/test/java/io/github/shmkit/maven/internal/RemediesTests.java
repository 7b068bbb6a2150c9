package io.github.shmkit.maven.internal;

import static io.github.shmkit.maven.internal.Findings.SESSION;
import static io.github.shmkit.maven.internal.Findings.acted;
import static io.github.shmkit.maven.internal.Findings.observed;
import static io.github.shmkit.maven.internal.Findings.posix;
import static io.github.shmkit.maven.internal.Findings.recorded;
import static io.github.shmkit.maven.internal.Findings.sysv;
import static io.github.shmkit.maven.internal.Findings.with;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.shmkit.internal.guard.Actuator.Outcome;
import io.github.shmkit.internal.ipc.Inventory;
import io.github.shmkit.internal.ipc.IpcKind;
import io.github.shmkit.internal.ipc.IpcObject;
import io.github.shmkit.internal.os.RawName;
import io.github.shmkit.internal.sweep.Claim;
import io.github.shmkit.internal.sweep.Claim.Proof;
import io.github.shmkit.internal.sweep.SweepReport.Finding;
import io.github.shmkit.internal.sweep.Verdict.Decision;
import io.github.shmkit.internal.sweep.Verdict.Rule;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class RemediesTests {
    @Test
    void fileInUseNamesItsHolders() throws Exception {
        Path file = Files.writeString(
                Path.of("/dev/shm/shmkit-remedies-" + ProcessHandle.current().pid()), "x");
        Process holder =
                new ProcessBuilder("sh", "-c", "exec 3<\"$1\"; echo; exec sleep 600", "sh", file.toString()).start();
        try {
            holder.getInputStream().read();
            IpcObject object = Inventory.mappedFile(RawName.of(file.toString())).orElseThrow();
            Finding busy = acted(recorded(object, SESSION + ".1"), Outcome.BUSY, 0);

            assertThat(Remedies.of(List.of(busy)).action(busy)).isEqualTo("end sleep (" + holder.pid() + ")");
            assertThat(Remedies.of(List.of(busy)).user(busy)).isEqualTo("in use by sleep (" + holder.pid() + ")");
            assertThat(Check.line(Item.of(busy, true, false, false, "", Remedies.of(List.of(busy)))))
                    .contains("made by test JVM 1 as user ")
                    .endsWith("; proof: the session's ledger. It stays: a process uses it. Remedy: end sleep ("
                            + holder.pid() + ")");
        } finally {
            holder.destroyForcibly().waitFor();
        }
        IpcObject object = Inventory.mappedFile(RawName.of(file.toString())).orElseThrow();
        Files.delete(file);
        Finding control = acted(recorded(object, SESSION + ".1"), Outcome.BUSY, 0);
        assertThat(Remedies.of(List.of(control)).action(control))
                .isEqualTo("end the process that uses it, which is another user's or another container's");
        assertThat(Remedies.of(List.of(control)).user(control)).isEmpty();
    }

    @Test
    void livingProcessOfTheBuildIsToBeEnded() throws Exception {
        Process daemon = new ProcessBuilder("sleep", "600").start();
        try {
            Finding kept = carried(observed(posix("a", 1), SESSION, 7, "make"), daemon.pid());

            assertThat(Remedies.NONE.action(kept)).isEqualTo("end sleep (" + daemon.pid() + ")");
        } finally {
            daemon.destroyForcibly().waitFor();
        }
        assertThat(Remedies.NONE.action(carried(observed(posix("a", 1), SESSION, 7, "make"), daemon.pid())))
                .isEqualTo("mvn shm:clean");
    }

    private static Finding carried(Finding finding, long pid) {
        Claim claim = finding.claim();
        return new Finding(
                finding.object(),
                new Claim(claim.stem(), claim.state(), "", claim.proof(), List.of(pid), 0),
                finding.verdict(),
                Optional.empty());
    }

    @Test
    void whatNothingAttributesIsClaimed() {
        assertThat(Remedies.NONE.action(suspect(sysv(IpcKind.SYSV_SEM, 0, 1, 1))))
                .isEqualTo("mvn shm:clean -Dshm.claim=sem:id:0, when it has rested for ten minutes");
        assertThat(Remedies.NONE.action(suspect(posix("psm_1", 1))))
                .isEqualTo("mvn shm:clean -Dshm.claim=psm_1, when it has rested for ten minutes");
        assertThat(Remedies.NONE.action(suspect(posix("a,b'$(id)", 1))))
                .isEqualTo("mvn shm:clean -Dshm.claim='a?b???id?', when it has rested for ten minutes");
        assertThat(Remedies.NONE.action(suspect(posix("**", 1)))).isEqualTo("rm /dev/shm/??");
        assertThat(Remedies.NONE.action(with(
                        sysv(IpcKind.SYSV_SHM, 5, 1, 1), SESSION, new Proof.New(), Decision.FOREIGN, Rule.R2_OWNER)))
                .isEqualTo(
                        BaselineFile.uid() == 0
                                ? "mvn shm:clean -Dshm.claim=shm:id:5, when it has rested for ten minutes"
                                : "run 'ipcrm -m 5' as user 0");
        assertThat(Remedies.NONE.action(
                        with(posix("a b", 1), SESSION, new Proof.New(), Decision.FOREIGN, Rule.R2_OWNER)))
                .isEqualTo(BaselineFile.uid() == 0 ? "rm /dev/shm/a?b" : "run 'rm /dev/shm/a?b' as user 0");
    }

    @Test
    void whatGoesByItselfNeedsNothing() {
        IpcObject marked = new IpcObject(
                IpcKind.SYSV_SHM,
                RawName.EMPTY,
                sysv(IpcKind.SYSV_SHM, Integer.MAX_VALUE, 0, 1).identity(),
                1,
                0,
                01600,
                0,
                0,
                0,
                1,
                true);

        assertThat(Remedies.NONE.action(with(marked, SESSION, new Proof.New(), Decision.LIVE, Rule.R7_UNUSED)))
                .isEqualTo("nothing: it goes with its last detach");
    }

    @Test
    void whatIsGoneNeedsNothing() {
        assertThat(Remedies.NONE.action(acted(recorded(posix("a", 1), SESSION), Outcome.DELETED, 0)))
                .isEmpty();
    }

    @Test
    void hostileProgramNamesAreEscaped() throws Exception {
        // A process may call itself anything
        Process hostile =
                new ProcessBuilder("perl", "-e", "$0 = \"x\\n[ERROR]\\033\"; $| = 1; print qq(\\n); sleep 600").start();
        try {
            hostile.getInputStream().read();
            String comm = Files.readString(Path.of("/proc/" + hostile.pid() + "/comm"), StandardCharsets.UTF_8);

            assertThat(comm).contains("\n[ERROR]");
            assertThat(Programs.describe(hostile.pid())).isEqualTo("x\\x0a[ERROR]\\x1b (" + hostile.pid() + ")");
        } finally {
            hostile.destroyForcibly().waitFor();
        }
    }

    private static Finding suspect(IpcObject object) {
        return with(object, SESSION, new Proof.New(), Decision.SUSPECT, Rule.R4_EXCLUSIVE);
    }
}
