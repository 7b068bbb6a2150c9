package io.github.shmkit.maven.internal;

import static io.github.shmkit.maven.internal.Findings.OTHER;
import static io.github.shmkit.maven.internal.Findings.SESSION;
import static io.github.shmkit.maven.internal.Findings.observed;
import static io.github.shmkit.maven.internal.Findings.posix;
import static io.github.shmkit.maven.internal.Findings.recorded;
import static io.github.shmkit.maven.internal.Findings.sysv;
import static io.github.shmkit.maven.internal.Findings.with;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.shmkit.internal.guard.Actuator.Outcome;
import io.github.shmkit.internal.ipc.IpcKind;
import io.github.shmkit.internal.ipc.IpcObject;
import io.github.shmkit.internal.sweep.Claim.Proof;
import io.github.shmkit.internal.sweep.Declared;
import io.github.shmkit.internal.sweep.SweepReport.Finding;
import io.github.shmkit.internal.sweep.Verdict.Decision;
import io.github.shmkit.internal.sweep.Verdict.Rule;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class LeakRuleTests {
    private final LeakRule build = new LeakRule(SESSION, Optional.empty(), false, 0);
    private final IpcObject object = posix("a", 1);

    @Test
    void areWhatTheBuildsOwnProcessesMade() {
        assertThat(build.isLeak(recorded(object, SESSION + ".1"))).isTrue();
        assertThat(build.isLeak(observed(object, SESSION, 7, "make"))).isTrue();
        assertThat(build.isLeak(recorded(object, OTHER + ".1"))).isFalse();
        assertThat(build.isLeak(observed(object, OTHER, 7, "make"))).isFalse();
    }

    @Test
    void areWhatIsNewOnlyWhereNobodyElseMakesAnything() {
        Finding found = with(object, SESSION, new Proof.New(), Decision.SUSPECT, Rule.R4_EXCLUSIVE);

        assertThat(build.isLeak(found)).isFalse();
        assertThat(new LeakRule(SESSION, Optional.empty(), true, 0).isLeak(found))
                .isTrue();
    }

    @Test
    void mayBeWhatIsNewAndStillThere() {
        Finding found = with(object, SESSION, new Proof.New(), Decision.SUSPECT, Rule.R4_EXCLUSIVE);

        assertThat(build.isPossible(found)).isTrue();
        assertThat(build.isPossible(Findings.acted(found, Outcome.DELETED, 0))).isFalse();
        assertThat(new LeakRule(OTHER, Optional.empty(), false, 0).isPossible(found))
                .isFalse();
        assertThat(new LeakRule(SESSION, Optional.empty(), true, 0).isPossible(found))
                .as("a leak already")
                .isFalse();
        assertThat(build.isPossible(with(object, "", new Proof.None(), Decision.FOREIGN, Rule.R3_MINE)))
                .isFalse();
    }

    @Test
    void mayBeOtherUsersObjectsOnlyIfRootBuilds() {
        Finding others = with(object, SESSION, new Proof.New(), Decision.FOREIGN, Rule.R2_OWNER);
        IpcObject postgres =
                new IpcObject(IpcKind.POSIX_SHM, object.name(), object.identity(), 1, 26, 0600, 0, 0, 0, -1, true);

        assertThat(build.isPossible(with(postgres, SESSION, new Proof.New(), Decision.FOREIGN, Rule.R2_OWNER)))
                .isTrue();
        assertThat(new LeakRule(SESSION, Optional.empty(), false, 1000).isPossible(others))
                .isFalse();
    }

    @Test
    void areWhatTheUserClaims() {
        Proof claimed = new Proof.ByUser(new Declared("a"));

        assertThat(build.isLeak(with(object, "", claimed, Decision.DELETE, Rule.R7_UNUSED)))
                .isTrue();
        assertThat(build.isLeak(with(object, "", claimed, Decision.LIVE, Rule.R7_UNUSED)))
                .isFalse();
    }

    @Test
    void areWhatIsStillInUseWhenTheBuildIsDoneButNotWhatARunningSessionHas() {
        Proof made = recorded(object, SESSION).claim().proof();

        assertThat(build.isLeak(with(object, SESSION, made, Decision.LIVE, Rule.R7_UNUSED)))
                .isTrue();
        assertThat(build.isLeak(with(object, SESSION, made, Decision.LIVE, Rule.R5_SESSION_DEAD)))
                .isFalse();
    }

    @Test
    void areNeverForeign() {
        for (LeakRule leaks : List.of(build, new LeakRule(SESSION, Optional.empty(), true, 0))) {
            assertThat(leaks.isLeak(with(object, "", new Proof.None(), Decision.FOREIGN, Rule.R3_MINE)))
                    .isFalse();
            assertThat(leaks.isLeak(with(object, SESSION, new Proof.New(), Decision.FOREIGN, Rule.R2_OWNER)))
                    .isFalse();
        }
    }

    @Test
    void areNotWhatGoesByItself() {
        IpcObject marked = new IpcObject(
                IpcKind.SYSV_SHM,
                object.name(),
                sysv(IpcKind.SYSV_SHM, 1, 0, 1).identity(),
                1,
                0,
                01600,
                0,
                0,
                0,
                1,
                true);

        assertThat(build.isLeak(recorded(marked, SESSION + ".1"))).isFalse();
    }

    @Test
    void withABaselineAreWhatIsNewAndThisUsersAndNotInUse() {
        IpcObject old = sysv(IpcKind.SYSV_SHM, 5, 1, 1);
        IpcObject fresh = sysv(IpcKind.SYSV_SHM, 6, 1, 1);
        LeakRule leaks = new LeakRule("", Optional.of(BaselineFile.of(List.of(old))), false, 0);

        assertThat(leaks.isLeak(foreign(old))).isFalse();
        assertThat(leaks.isLeak(foreign(fresh))).isTrue();
        assertThat(leaks.isLeak(recorded(fresh, OTHER + ".1"))).isTrue();
        assertThat(leaks.isLeak(foreign(
                        new IpcObject(fresh.kind(), fresh.name(), fresh.identity(), 1, 0, 0600, 0, 0, 0, 2, true))))
                .isFalse();
        assertThat(new LeakRule("", Optional.of(BaselineFile.of(List.of(old))), false, 1000).isLeak(foreign(fresh)))
                .isFalse();
    }

    @Test
    void withoutASessionAreWhatEveryDeadOneLeft() {
        LeakRule leaks = new LeakRule("", Optional.empty(), false, 0);

        assertThat(leaks.isLeak(recorded(object, OTHER + ".1"))).isTrue();
        assertThat(leaks.isLeak(foreign(object))).isFalse();
    }

    private static Finding foreign(IpcObject object) {
        return with(object, "", new Proof.None(), Decision.FOREIGN, Rule.R3_MINE);
    }
}
