package io.github.shmkit.maven.internal;

import static io.github.shmkit.maven.internal.Findings.posix;
import static io.github.shmkit.maven.internal.Findings.sysv;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.shmkit.internal.ipc.Identity;
import io.github.shmkit.internal.ipc.IpcKind;
import io.github.shmkit.internal.ipc.IpcObject;
import io.github.shmkit.internal.os.RawName;
import io.github.shmkit.internal.sweep.Declared;
import io.github.shmkit.internal.sweep.SweepPolicy;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SelectionTests {
    @Test
    void isEverythingUnlessNarrowed() throws Exception {
        Selection all = parse(List.of(), List.of(), List.of(), "");

        assertThat(all.isWanted(posix("psm_1", 1))).isTrue();
        assertThat(all.policy().declared()).isEmpty();
        assertThat(all.policy().exclusive()).isFalse();
        assertThat(all.policy().minAge()).isEqualTo(SweepPolicy.DEFAULT_MIN_AGE);
    }

    @Test
    void includesAndExcludesNarrow() throws Exception {
        Selection selection = parse(List.of("psm_*", "key:0x2"), List.of("*_keep", "id:9"), List.of(), "");

        assertThat(selection.isWanted(posix("psm_1", 1))).isTrue();
        assertThat(selection.isWanted(posix("other", 1))).isFalse();
        assertThat(selection.isWanted(posix("psm_keep", 1))).isFalse();
        assertThat(selection.isWanted(sysv(IpcKind.SYSV_SHM, 8, 2, 1))).isTrue();
        assertThat(selection.isWanted(sysv(IpcKind.SYSV_SHM, 9, 2, 1))).isFalse();
    }

    @Test
    void aNarrowingPatternMayMatchEverything() throws Exception {
        assertThat(parse(List.of("*"), List.of(), List.of(), "").isWanted(sysv(IpcKind.SYSV_SEM, 1, 1, 1)))
                .isTrue();
        assertThat(parse(List.of(), List.of("*"), List.of(), "").isWanted(posix("a", 1)))
                .isFalse();
    }

    @Test
    void aClaimMayNot() {
        for (String greedy : List.of("*", "**", "?*", "")) {
            assertThatThrownBy(() -> parse(List.of(), List.of(), List.of(greedy), ""))
                    .isInstanceOf(BadInputException.class)
                    .hasMessage("shm.claim: '" + greedy + "' would claim everybody's objects; a claim needs a name with"
                            + " at least one character that is not a wildcard, key:0x… or id:…");
        }
        assertThatThrownBy(() -> parse(List.of(), List.of(), List.of("key:0"), ""))
                .hasMessageStartingWith("shm.claim: 'key:0' would claim every private object");
        assertThatThrownBy(() -> parse(List.of("id:x\n"), List.of(), List.of(), ""))
                .hasMessageStartingWith("shm.includes: 'id:x' is no claim");
    }

    @ParameterizedTest
    @CsvSource({"0s, PT0S", "10m, PT10M", "2 h, PT2H", "1d, PT24H", "500ms, PT0.5S", "PT1H30M, PT1H30M", "pt5s, PT5S"})
    void readsAges(String text, String expected) throws Exception {
        assertThat(parse(List.of(), List.of(), List.of(), text).policy().minAge())
                .isEqualTo(Duration.parse(expected));
    }

    @Test
    void refusesBadAges() {
        assertThatThrownBy(() -> parse(List.of(), List.of(), List.of(), "-5m"))
                .isInstanceOf(BadInputException.class)
                .hasMessage("shm.minAge: '-5m' is negative; give 0s or more");
        assertThatThrownBy(() -> parse(List.of(), List.of(), List.of(), "soon\n"))
                .isInstanceOf(BadInputException.class)
                .hasMessage("shm.minAge: 'soon\\x0a' is no duration; give 30s, 10m, 2h, 1d or PT10M");
    }

    @Test
    void atABuildsEndOnlyWhatIsClaimedNeedRest() throws Exception {
        SweepPolicy usual = parse(List.of(), List.of(), List.of(), "").endingPolicy("s");
        assertThat(usual.minAgeOfNew()).isZero();
        assertThat(usual.minAge()).isEqualTo(SweepPolicy.DEFAULT_MIN_AGE);

        SweepPolicy told = parse(List.of(), List.of(), List.of(), "3s").endingPolicy("s");
        assertThat(told.minAgeOfNew()).hasSeconds(3);
        assertThat(told.minAge()).hasSeconds(3);
    }

    @Test
    void aSweepOfLeftoversKeepsToWhatTheUserSelected() throws Exception {
        Selection selection =
                Selection.parse(List.of("posix-shm"), List.of("a*"), List.of("*_keep"), List.of("a*"), true, "0s");

        SweepPolicy policy = selection.leftoversPolicy();

        assertThat(policy.kinds()).containsExactly(IpcKind.POSIX_SHM);
        assertThat(policy.only().test(posix("a1", 1))).isTrue();
        assertThat(policy.only().test(posix("a_keep", 1))).isFalse();
        assertThat(policy.only().test(posix("b1", 1))).isFalse();
        assertThat(policy.declared()).as("claims").isEmpty();
        assertThat(policy.exclusive()).isFalse();
    }

    private static Selection parse(List<String> includes, List<String> excludes, List<String> claim, String minAge)
            throws BadInputException {
        return Selection.parse(List.of(), includes, excludes, claim, false, minAge);
    }

    @Test
    void whatTheUserVouchesForReachesTheSweep() throws Exception {
        Selection selection =
                Selection.parse(List.of("posix-shm"), List.of(), List.of(), List.of(" psm_* ", "key:7"), true, "");

        assertThat(selection.policy().declared()).containsExactly(new Declared("psm_*"), new Declared("key:7"));
        assertThat(selection.policy().exclusive()).isTrue();
        assertThat(selection.policy().kinds()).containsExactly(IpcKind.POSIX_SHM);
        assertThat(selection.endingPolicy("s").ending()).isEqualTo("s");
        assertThat(selection.policy().ending()).isEmpty();
    }

    @Test
    void sinceASnapshotOnlyThisUsersNewObjectsCount() throws Exception {
        Selection selection = parse(List.of(), List.of("*_keep"), List.of(), "");
        SweepPolicy policy = selection.policySince(BaselineFile.of(List.of(of(1, BaselineFile.uid(), "old"))));

        assertThat(policy.only().test(of(1, BaselineFile.uid(), "old"))).isFalse();
        assertThat(policy.only().test(of(2, BaselineFile.uid(), "new"))).isTrue();
        assertThat(policy.only().test(of(2, BaselineFile.uid(), "a_keep"))).isFalse();
        Predicate<IpcObject> isNew = policy.since().orElseThrow();
        assertThat(isNew.test(of(1, BaselineFile.uid(), "old"))).isFalse();
        assertThat(isNew.test(of(2, BaselineFile.uid(), "new"))).isTrue();
        assertThat(isNew.test(of(2, BaselineFile.uid() + 1, "new"))).isFalse();
        assertThat(policy.minAge()).isZero();
        assertThat(parse(List.of(), List.of(), List.of(), "3s")
                        .policySince(BaselineFile.of(List.of()))
                        .minAge())
                .hasSeconds(3);
    }

    private static IpcObject of(long inode, long uid, String name) {
        return new IpcObject(
                IpcKind.POSIX_SHM, RawName.of(name), new Identity.OfFile(1, inode, 0), 1, uid, 0600, 0, 0, 0, -1, true);
    }

    @Test
    void directoriesAreReadAndPlacesOfOthersRefused() throws Exception {
        Selection selection = Selection.ALL.withDirectories(List.of("target/ring"), Path.of("/home/me"));
        assertThat(selection.directories().patterns()).containsExactly("/home/me/target/ring");
        assertThat(selection.policy().directories()).isEqualTo(selection.directories());
        assertThatThrownBy(() -> Selection.ALL.withDirectories(List.of("/tmp"), Path.of("/home/me")))
                .isInstanceOf(BadInputException.class)
                .hasMessageStartingWith("shm.directories: '/tmp' means /tmp, where files of others are");
    }
}
