package io.github.shmkit.internal.sweep;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.shmkit.internal.guard.Actuator.Outcome;
import io.github.shmkit.internal.guard.Actuator.Result;
import io.github.shmkit.internal.ipc.Identity;
import io.github.shmkit.internal.ipc.IpcKind;
import io.github.shmkit.internal.ipc.IpcObject;
import io.github.shmkit.internal.os.RawName;
import io.github.shmkit.internal.sweep.SweepReport.Finding;
import io.github.shmkit.internal.sweep.Verdict.Decision;
import io.github.shmkit.internal.sweep.Verdict.Rule;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SweepReportTests {
    private static final IpcObject OBJECT = new IpcObject(
            IpcKind.POSIX_SHM, RawName.of("a"), new Identity.OfFile(1, 2, 3), 1, 0, 0600, 0, 0, 0, -1, true);

    private static Finding finding(Decision decision, Optional<Outcome> outcome) {
        return new Finding(
                OBJECT,
                Claim.NONE,
                new Verdict(decision, Rule.R7_UNUSED, "so it is"),
                outcome.map(o -> new Result(o, 0)));
    }

    private static SweepReport report(Finding finding) {
        return new SweepReport(List.of(finding), 0, List.of(), true);
    }

    @ParameterizedTest
    @CsvSource({
        "DELETED, true",
        "GONE, true",
        "MARKED, true",
        "BUSY, false",
        "CHANGED, false",
        "DENIED, false",
        "UNKNOWN, false",
        "STRANDED, false"
    })
    void whatWasTriedIsEitherRemovedOrKept(Outcome outcome, boolean removed) {
        Finding finding = finding(Decision.DELETE, Optional.of(outcome));

        assertThat(finding.isRemoved()).isEqualTo(removed);
        assertThat(finding.isKept()).isEqualTo(!removed);
        assertThat(report(finding).removed()).hasSize(removed ? 1 : 0);
        assertThat(report(finding).toDelete()).hasSize(removed ? 0 : 1);
    }

    @Test
    void whatWasNotTriedIsNeitherButMayStillHaveToGo() {
        Finding untried = finding(Decision.DELETE, Optional.empty());

        assertThat(untried.isRemoved()).isFalse();
        assertThat(untried.isKept()).isFalse();
        assertThat(report(untried).removed()).isEmpty();
        assertThat(report(untried).toDelete()).containsExactly(untried);
        assertThat(report(finding(Decision.SUSPECT, Optional.empty())).toDelete())
                .isEmpty();
    }

    @Test
    void nothingIsAReportThatIsWhole() {
        assertThat(SweepReport.NOTHING.findings()).isEmpty();
        assertThat(SweepReport.NOTHING.finished()).isTrue();
    }
}
