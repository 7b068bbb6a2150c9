package io.github.shmkit.internal.sweep;

import static io.github.shmkit.internal.sweep.Verdict.Decision.DELETE;
import static io.github.shmkit.internal.sweep.Verdict.Decision.FOREIGN;
import static io.github.shmkit.internal.sweep.Verdict.Decision.LIVE;
import static io.github.shmkit.internal.sweep.Verdict.Decision.SUSPECT;
import static io.github.shmkit.internal.sweep.Verdict.Decision.UNKNOWN;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.shmkit.internal.ipc.Identity;
import io.github.shmkit.internal.ipc.IpcKind;
import io.github.shmkit.internal.ipc.IpcObject;
import io.github.shmkit.internal.os.RawName;
import io.github.shmkit.internal.session.LedgerContents.Entry;
import io.github.shmkit.internal.session.LedgerContents.Maker;
import io.github.shmkit.internal.session.LedgerContents.Observation;
import io.github.shmkit.internal.sweep.Claim.Proof;
import io.github.shmkit.internal.sweep.Claim.State;
import io.github.shmkit.internal.sweep.Verdict.Decision;
import io.github.shmkit.internal.sweep.Verdict.Rule;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

class VerdictsTests {
    private static final long ME = 1000;
    private static final Circumstances NOW = now(ME, false, false, 1_000, Duration.ofMinutes(10));
    private static final String STEM = "AAAAAAAAAAAAAAAAAAAAAA.1";
    private static final String NAME = "shmkit." + STEM + ".7";
    private static final Identity FILE = new Identity.OfFile(26, 4711, 1_000);
    private static final Identity SYSV = new Identity.OfSysv(32768, 0x1234, ME, 100);

    private static Circumstances now(
            long euid, boolean exclusive, boolean othersLive, long nowSeconds, Duration minAge) {
        return new Circumstances(euid, OptionalLong.of(65534), exclusive, othersLive, "", nowSeconds, minAge, minAge);
    }

    private static IpcObject file(Identity identity, long uid, boolean removable) {
        return new IpcObject(IpcKind.POSIX_SHM, RawName.of(NAME), identity, 4096, uid, 0600, 100, 0, 0, -1, removable);
    }

    private static IpcObject sysv(Identity identity, int mode, long attaches) {
        return new IpcObject(IpcKind.SYSV_SHM, RawName.of(""), identity, 4096, ME, mode, 100, 42, 43, attaches, true);
    }

    private static Claim claim(State state, Optional<Identity> identity, IpcKind kind) {
        boolean named = !kind.isSysv();
        return new Claim(
                STEM,
                state,
                "",
                new Proof.Recorded(
                        new Entry(7, kind, RawName.of(named ? NAME : ""), named ? 0 : 0x1234, 4096, identity)),
                List.of(),
                0);
    }

    private static Claim deadFile() {
        return claim(State.DEAD, Optional.of(FILE), IpcKind.POSIX_SHM);
    }

    private static Claim deadSysv() {
        return claim(State.DEAD, Optional.of(SYSV), IpcKind.SYSV_SHM);
    }

    private static void assertVerdict(IpcObject object, Claim claim, Decision decision, Rule rule) {
        Verdict verdict = Verdicts.judge(object, claim, NOW);
        assertThat(verdict.decision()).as(verdict.reason()).isEqualTo(decision);
        assertThat(verdict.rule()).isEqualTo(rule);
        assertThat(verdict.reason()).isNotBlank();
    }

    @Test
    void whatADeadSessionLeftIsDeleted() {
        assertVerdict(file(FILE, ME, true), deadFile(), DELETE, Rule.R7_UNUSED);
        assertVerdict(sysv(SYSV, 0600, 0), deadSysv(), DELETE, Rule.R7_UNUSED);
    }

    @Test
    void ofASetWithoutCommitTheTimeMustFitAsWell() {
        Entry intent = new Entry(7, IpcKind.SYSV_SEM, RawName.EMPTY, 0x1234, 2, 101, Optional.empty());
        Claim claim = new Claim(STEM, State.DEAD, "", new Proof.Recorded(intent), List.of(), 0);
        assertVerdict(set(2, 101), claim, DELETE, Rule.R7_UNUSED);
        assertVerdict(set(2, 100), claim, DELETE, Rule.R7_UNUSED); // a clock that moves with its ticks
        assertVerdict(set(2, 99), claim, FOREIGN, Rule.R3_MINE);
        assertVerdict(set(3, 101), claim, FOREIGN, Rule.R3_MINE);
    }

    private static IpcObject set(int semaphores, long ctime) {
        Identity identity = new Identity.OfSysv(32768, 0x1234, ME, ctime);
        return new IpcObject(IpcKind.SYSV_SEM, RawName.EMPTY, identity, semaphores, ME, 0600, ctime, 0, 0, -1, true);
    }

    @Test
    void whatNobodyClaimsIsForeign() {
        assertVerdict(file(FILE, ME, true), Claim.NONE, FOREIGN, Rule.R3_MINE);
    }

    @Test
    void whatALivingSessionMadeStays() {
        assertVerdict(
                file(FILE, ME, true),
                claim(State.LIVE, Optional.of(FILE), IpcKind.POSIX_SHM),
                LIVE,
                Rule.R5_SESSION_DEAD);
    }

    @Test
    void aLostLockProvesNothing() {
        assertVerdict(
                file(FILE, ME, true),
                claim(State.LOST, Optional.of(FILE), IpcKind.POSIX_SHM),
                SUSPECT,
                Rule.R5_SESSION_DEAD);
    }

    @Test
    void aVoidLedgerProvesNothing() {
        Claim foreignBoot =
                new Claim(STEM, State.DEAD, "it is of another boot", deadFile().proof(), List.of(), 0);
        assertVerdict(file(FILE, ME, true), foreignBoot, UNKNOWN, Rule.R0_DOMAIN);
    }

    @Test
    void aNameThatTheLedgerDoesNotKnowIsOnlySuspect() {
        Claim byName = new Claim(STEM, State.DEAD, "", new Proof.Name(), List.of(), 0);
        assertVerdict(file(FILE, ME, true), byName, SUSPECT, Rule.R3_MINE);
    }

    @Test
    void linksAndOddFilesAreNeverDeleted() {
        assertVerdict(file(FILE, ME, false), deadFile(), SUSPECT, Rule.R1_TYPE);
    }

    @Test
    void anotherUsersObjectIsNeverDeleted() {
        assertVerdict(file(FILE, ME + 1, true), deadFile(), FOREIGN, Rule.R2_OWNER);
        assertVerdict(file(FILE, 65534, true), deadFile(), UNKNOWN, Rule.R2_OWNER);
    }

    @Test
    void theSameNameWithAnotherInodeOrBirthIsAnotherObject() {
        assertVerdict(file(new Identity.OfFile(26, 4712, 1_000), ME, true), deadFile(), FOREIGN, Rule.R3_MINE);
        assertVerdict(file(new Identity.OfFile(27, 4711, 1_000), ME, true), deadFile(), FOREIGN, Rule.R3_MINE);
        assertVerdict(file(new Identity.OfFile(26, 4711, 1_001), ME, true), deadFile(), FOREIGN, Rule.R3_MINE);
    }

    @Test
    void anUnknownBirthTimeIsNotCompared() {
        assertVerdict(file(new Identity.OfFile(26, 4711, 0), ME, true), deadFile(), DELETE, Rule.R7_UNUSED);
    }

    @Test
    void theSameIdWithAnotherKeyOrAnEarlierChangeIsAnotherSegment() {
        assertVerdict(sysv(new Identity.OfSysv(32768, 0x1235, ME, 100), 0600, 0), deadSysv(), FOREIGN, Rule.R3_MINE);
        assertVerdict(sysv(new Identity.OfSysv(32768, 0x1234, ME, 99), 0600, 0), deadSysv(), FOREIGN, Rule.R3_MINE);
        assertVerdict(sysv(new Identity.OfSysv(65536, 0x1234, ME, 100), 0600, 0), deadSysv(), FOREIGN, Rule.R3_MINE);
    }

    @Test
    void aChangeOfOwnerOrModeMovesTheChangeTimeOnly() {
        assertVerdict(sysv(new Identity.OfSysv(32768, 0x1234, ME, 105), 0600, 0), deadSysv(), DELETE, Rule.R7_UNUSED);
    }

    @Test
    void anAttachedSegmentStays() {
        assertVerdict(sysv(SYSV, 0600, 3), deadSysv(), LIVE, Rule.R7_UNUSED);
    }

    @Test
    void aSegmentThatIsMarkedAlreadyIsNoLeak() {
        assertVerdict(sysv(new Identity.OfSysv(32768, 0, ME, 100), 01600, 1), deadSysv(), LIVE, Rule.R7_UNUSED);
    }

    @Test
    void aLivingProcessOfTheSessionKeepsItsObjects() {
        Claim carried = new Claim(STEM, State.DEAD, "", deadFile().proof(), List.of(815L), 0);
        assertVerdict(file(FILE, ME, true), carried, LIVE, Rule.R6_NO_CARRIER);
    }

    @Test
    void killedBetweenIntentAndCommitTheRandomNameOrKeyIsProof() {
        assertVerdict(
                file(FILE, ME, true), claim(State.DEAD, Optional.empty(), IpcKind.POSIX_SHM), DELETE, Rule.R7_UNUSED);
        assertVerdict(
                sysv(SYSV, 0600, 0), claim(State.DEAD, Optional.empty(), IpcKind.SYSV_SHM), DELETE, Rule.R7_UNUSED);
        IpcObject otherSize =
                new IpcObject(IpcKind.SYSV_SHM, RawName.of(""), SYSV, 8192, ME, 0600, 100, 42, 43, 0, true);
        assertVerdict(otherSize, claim(State.DEAD, Optional.empty(), IpcKind.SYSV_SHM), FOREIGN, Rule.R3_MINE);
    }

    private static Claim observed(State state) {
        return new Claim(
                STEM,
                state,
                "",
                new Proof.Observed(new Observation(
                        IpcKind.POSIX_SHM,
                        RawName.of(NAME),
                        FILE,
                        ME,
                        4096,
                        42,
                        7,
                        Maker.DESCENDANT,
                        "python3 leak.py")),
                List.of(),
                0);
    }

    private static void assertVerdict(IpcObject object, Claim claim, Circumstances now, Decision decision, Rule rule) {
        Verdict verdict = Verdicts.judge(object, claim, now);
        assertThat(verdict.decision()).as(verdict.reason()).isEqualTo(decision);
        assertThat(verdict.rule()).isEqualTo(rule);
    }

    @Test
    void whatWasSeenToBeMadeByTheSessionIsDeletedAndItsMakerNamed() {
        assertVerdict(file(FILE, ME, true), observed(State.DEAD), DELETE, Rule.R7_UNUSED);
        assertThat(Verdicts.judge(file(FILE, ME, true), observed(State.DEAD), NOW)
                        .reason())
                .contains("process 42 (python3 leak.py)");
        assertVerdict(file(FILE, ME, true), observed(State.LIVE), LIVE, Rule.R5_SESSION_DEAD);
        assertVerdict(file(new Identity.OfFile(26, 1, 1_000), ME, true), observed(State.DEAD), FOREIGN, Rule.R3_MINE);
    }

    @Test
    void aProcessThatCannotBeLookedAtVetoesWhatNoLedgerNames() {
        Claim seen = new Claim(STEM, State.DEAD, "", observed(State.DEAD).proof(), List.of(), 1);
        assertVerdict(file(FILE, ME, true), seen, UNKNOWN, Rule.R6_NO_CARRIER);
        Claim recorded = new Claim(STEM, State.DEAD, "", deadFile().proof(), List.of(), 1);
        assertVerdict(file(FILE, ME, true), recorded, DELETE, Rule.R7_UNUSED);
    }

    @Test
    void whatIsOnlyNewIsSuspectUnlessTheHostIsExclusive() {
        Claim fresh = new Claim(STEM, State.DEAD, "", new Proof.New(), List.of(), 0);
        assertVerdict(file(FILE, ME, true), fresh, NOW, SUSPECT, Rule.R4_EXCLUSIVE);
        assertVerdict(
                file(FILE, ME, true), fresh, now(ME, true, true, 1_000, Duration.ZERO), SUSPECT, Rule.R4_EXCLUSIVE);
        assertVerdict(file(FILE, ME, true), fresh, now(ME, true, false, 1_000, Duration.ZERO), DELETE, Rule.R7_UNUSED);
    }

    @Test
    void whoHadItOpenIsAHintAndNoProof() {
        Observation holder = new Observation(
                IpcKind.POSIX_SHM, RawName.of(NAME), FILE, ME, 4096, 42, 7, Maker.HOLDER, "python3 a.py");
        Claim fresh = by(STEM, new Proof.New(Optional.of(holder)));
        assertVerdict(file(FILE, ME, true), fresh, SUSPECT, Rule.R4_EXCLUSIVE);
        assertThat(reason(file(FILE, ME, true), fresh, NOW))
                .isEqualTo("it is new since session " + STEM
                        + " began, and nothing tells who made it; process 42 (python3 a.py) had it open");
    }

    @Test
    void whatIsNewSinceASnapshotIsSuspectUnlessTheHostIsExclusive() {
        Claim fresh = new Claim("", State.DEAD, "", new Proof.New(), List.of(), 0);
        Circumstances exclusive = now(ME, true, false, 1_000, Duration.ZERO);

        assertVerdict(file(FILE, ME, true), fresh, NOW, SUSPECT, Rule.R4_EXCLUSIVE);
        assertThat(Verdicts.judge(file(FILE, ME, true), fresh, NOW).reason())
                .isEqualTo("it is new since the snapshot, and nothing tells who made it");
        assertVerdict(file(FILE, ME, true), fresh, exclusive, DELETE, Rule.R7_UNUSED);
        assertVerdict(file(FILE, ME + 1, true), fresh, exclusive, FOREIGN, Rule.R2_OWNER);
    }

    @Test
    void whatTheUserDeclaresMustHaveRested() {
        Claim declared = new Claim("", State.DEAD, "", new Proof.ByUser(new Declared("shmkit.*")), List.of(), 0);
        Duration age = Duration.ofMinutes(10);
        assertVerdict(file(FILE, ME, true), declared, now(ME, false, false, 699, age), LIVE, Rule.R8_QUIESCENT);
        assertVerdict(file(FILE, ME, true), declared, now(ME, false, false, 700, age), DELETE, Rule.R7_UNUSED);
        assertVerdict(
                file(FILE, ME, true), declared, now(ME, false, false, 99, Duration.ZERO), UNKNOWN, Rule.R8_QUIESCENT);
        assertVerdict(file(FILE, ME + 1, true), declared, NOW, FOREIGN, Rule.R2_OWNER);
    }

    @Test
    void semaphoreSetsAndQueuesThatNoLedgerNamesNeedTheUsersWord() {
        IpcObject set = new IpcObject(IpcKind.SYSV_SEM, RawName.EMPTY, SYSV, 1, ME, 0600, 100, 0, 0, -1, true);
        Claim fresh = new Claim(STEM, State.DEAD, "", new Proof.New(), List.of(), 0);
        assertVerdict(set, fresh, now(ME, false, false, 1_000, Duration.ZERO), SUSPECT, Rule.R7_UNUSED);
        assertVerdict(set, fresh, now(ME, true, true, 1_000, Duration.ZERO), SUSPECT, Rule.R7_UNUSED);
        assertVerdict(set, fresh, now(ME, true, false, 1_000, Duration.ZERO), DELETE, Rule.R7_UNUSED);
        Claim declared = new Claim("", State.DEAD, "", new Proof.ByUser(new Declared("sem:key:0x1234")), List.of(), 0);
        assertVerdict(set, declared, now(ME, false, false, 1_000, Duration.ZERO), DELETE, Rule.R7_UNUSED);
    }

    @Test
    void rootJudgesWhatDescendantsOfTheBuildMadeAsOtherUsers() {
        Circumstances root = now(0, false, false, 1_000, Duration.ZERO);
        IpcObject object = file(FILE, ME, true);
        assertVerdict(object, seen(Maker.DESCENDANT, FILE), root, DELETE, Rule.R7_UNUSED);
        assertVerdict(object, seen(Maker.TOKEN, FILE), root, FOREIGN, Rule.R2_OWNER);
        Identity another = new Identity.OfFile(26, 4712, 1_000);
        assertVerdict(object, seen(Maker.DESCENDANT, another), root, FOREIGN, Rule.R2_OWNER);
        Circumstances user = now(ME + 1, false, false, 1_000, Duration.ZERO);
        assertVerdict(object, seen(Maker.DESCENDANT, FILE), user, FOREIGN, Rule.R2_OWNER);
    }

    @Test
    void rootMayHaveOneObjectOfAnotherUserRemovedByNamingIt() {
        Circumstances root = now(0, false, false, 1_000, Duration.ZERO);
        IpcObject object = file(FILE, ME, true);
        assertVerdict(object, by("", new Proof.ByUser(new Declared(NAME))), root, DELETE, Rule.R7_UNUSED);
        assertVerdict(object, by("", new Proof.ByUser(new Declared("shmkit*"))), root, FOREIGN, Rule.R2_OWNER);
        assertVerdict(object, by(STEM, new Proof.New()), root, FOREIGN, Rule.R2_OWNER);
        assertVerdict(
                object, by(STEM, new Proof.New()), now(0, true, false, 1_000, Duration.ZERO), DELETE, Rule.R7_UNUSED);
    }

    private static Claim seen(Maker proof, Identity identity) {
        return by(
                STEM,
                new Proof.Observed(
                        new Observation(IpcKind.POSIX_SHM, RawName.of(NAME), identity, ME, 4096, 42, 7, proof, "")));
    }

    private static Claim by(String stem, Proof proof) {
        return new Claim(stem, State.DEAD, "", proof, List.of(), 0);
    }

    private static Claim recorded(IpcKind kind, long size, Identity identity) {
        return by(STEM, new Proof.Recorded(new Entry(7, kind, RawName.EMPTY, 0x1234, size, Optional.of(identity))));
    }

    @Test
    void aFileAndAQueueMayGrowASegmentAndASetMayNot() {
        IpcObject grown =
                new IpcObject(IpcKind.POSIX_SHM, RawName.of(NAME), FILE, 1 << 20, ME, 0600, 100, 0, 0, -1, true);
        assertVerdict(grown, deadFile(), DELETE, Rule.R7_UNUSED);
        IpcObject queue = new IpcObject(IpcKind.SYSV_MSG, RawName.EMPTY, SYSV, 17, ME, 0600, 100, 0, 0, -1, true);
        assertVerdict(queue, recorded(IpcKind.SYSV_MSG, 0, SYSV), DELETE, Rule.R7_UNUSED);

        assertVerdict(sysv(SYSV, 0600, 0), recorded(IpcKind.SYSV_SHM, 8192, SYSV), FOREIGN, Rule.R3_MINE);
        assertVerdict(set(2, 100), recorded(IpcKind.SYSV_SEM, 3, SYSV), FOREIGN, Rule.R3_MINE);
    }

    @Test
    void anotherKindIsAnotherObject() {
        assertVerdict(set(2, 100), recorded(IpcKind.SYSV_SHM, 2, SYSV), FOREIGN, Rule.R3_MINE);
        assertVerdict(sysv(SYSV, 0600, 0), recorded(IpcKind.SYSV_SHM, 4096, FILE), FOREIGN, Rule.R3_MINE);
    }

    @Test
    void whatALedgerNamesNeedNotHaveRested() {
        Circumstances justNow = now(ME, false, false, 100, Duration.ofDays(1));
        assertVerdict(file(FILE, ME, true), deadFile(), justNow, DELETE, Rule.R7_UNUSED);
        assertVerdict(file(FILE, ME, true), observed(State.DEAD), justNow, DELETE, Rule.R7_UNUSED);
    }

    @Test
    void whatWasTouchedThisVerySecondMayGoWhereNothingNeedRest() {
        Claim declared = by("", new Proof.ByUser(new Declared("shmkit.*")));
        assertVerdict(
                file(FILE, ME, true), declared, now(ME, false, false, 100, Duration.ZERO), DELETE, Rule.R7_UNUSED);
    }

    private static String reason(IpcObject object, Claim claim, Circumstances now) {
        return Verdicts.judge(object, claim, now).reason();
    }

    @Test
    void theReasonForDeletingTellsWhatProvesIt() {
        IpcObject file = file(FILE, ME, true);
        Circumstances exclusive = now(ME, true, false, 1_000, Duration.ZERO);

        assertThat(reason(file, deadFile(), NOW)).isEqualTo("session " + STEM + " is dead and left it");
        assertThat(reason(file, observed(State.DEAD), NOW))
                .isEqualTo("process 42 (python3 leak.py) of session " + STEM
                        + " made it; it goes unless a process has it open");
        assertThat(reason(
                        file,
                        by(
                                STEM,
                                new Proof.Observed(new Observation(
                                        IpcKind.POSIX_SHM,
                                        RawName.of(NAME),
                                        FILE,
                                        ME,
                                        1,
                                        42,
                                        7,
                                        Maker.DESCENDANT,
                                        ""))),
                        NOW))
                .isEqualTo("process 42 of session " + STEM + " made it; it goes unless a process has it open");
        assertThat(reason(file, by("", new Proof.ByUser(new Declared("shm*"))), NOW))
                .isEqualTo("it was declared the build's own by 'shm*'; it goes unless a process has it open");
        assertThat(reason(file, by(STEM, new Proof.New()), exclusive))
                .isEqualTo("it is new since session " + STEM + " began, on a host where nobody else makes objects");
        assertThat(reason(file, by("", new Proof.New()), exclusive))
                .isEqualTo("it is new since the snapshot, on a host where nobody else makes objects");
    }

    @Test
    void theReasonForKeepingTellsWhatIsNotProved() {
        IpcObject file = file(FILE, ME, true);
        Circumstances beside = now(ME, true, true, 1_000, Duration.ZERO);

        assertThat(reason(set(1, 100), by(STEM, new Proof.New()), NOW))
                .isEqualTo("the kernel does not tell who uses it; session " + STEM + " may have made it");
        assertThat(reason(set(1, 100), by("", new Proof.New()), NOW))
                .isEqualTo("the kernel does not tell who uses it; somebody else may have made it");
        assertThat(reason(file, by(STEM, new Proof.New()), beside))
                .isEqualTo("it is new since session " + STEM + " began, but another session ran beside it");
        assertThat(reason(
                        file,
                        by("", new Proof.ByUser(new Declared("shm*"))),
                        now(ME, false, false, 150, Duration.ofMinutes(10))))
                .isEqualTo("it was touched 50 s ago, less than the minimum age of 600 s");
        assertThat(reason(sysv(SYSV, 0600, 3), deadSysv(), NOW)).isEqualTo("it is attached 3 times");
        assertThat(reason(file(FILE, 7, true), deadFile(), NOW)).isEqualTo("user 7 made it");
        assertThat(reason(file, new Claim(STEM, State.DEAD, "", deadFile().proof(), List.of(815L, 816L), 0), NOW))
                .isEqualTo("process 815, started by session " + STEM + ", still runs");
    }

    @Test
    void whoHasNoUidHereDeletesOnlyWhatHisOwnLedgerNames() {
        Circumstances nameless = now(65534, false, false, 1_000, Duration.ZERO);
        assertVerdict(file(FILE, 65534, true), deadFile(), nameless, DELETE, Rule.R7_UNUSED);
        Claim declared = by("", new Proof.ByUser(new Declared("shmkit.*")));
        assertVerdict(file(FILE, 65534, true), declared, nameless, UNKNOWN, Rule.R2_OWNER);
    }

    @Test
    void whereAllUsersHaveAUidItIsOneAsAnyOther() {
        Circumstances host =
                new Circumstances(65534, OptionalLong.empty(), false, false, "", 1_000, Duration.ZERO, Duration.ZERO);
        Claim declared = by("", new Proof.ByUser(new Declared("shmkit.*")));
        assertVerdict(file(FILE, 65534, true), declared, host, DELETE, Rule.R7_UNUSED);
        assertVerdict(file(FILE, 65533, true), declared, host, FOREIGN, Rule.R2_OWNER);
    }

    @Test
    void anObservationMustFitInAllThatWasSeen() {
        Claim seen = by(
                STEM,
                new Proof.Observed(
                        new Observation(IpcKind.SYSV_SHM, RawName.EMPTY, SYSV, ME, 4096, 42, 7, Maker.DESCENDANT, "")));
        assertVerdict(sysv(SYSV, 0600, 0), seen, DELETE, Rule.R7_UNUSED);
        for (IpcObject other : List.of(
                segment(new Identity.OfSysv(32768, 0x1234, ME, 101), 4096, 42),
                segment(new Identity.OfSysv(32768, 0x1235, ME, 100), 4096, 42),
                segment(SYSV, 8192, 42),
                segment(SYSV, 4096, 43))) {
            assertVerdict(other, seen, FOREIGN, Rule.R3_MINE);
        }
        assertVerdict(segment(SYSV, 4096, 0), seen, DELETE, Rule.R7_UNUSED); // a maker of another pid namespace
    }

    private static IpcObject segment(Identity identity, long size, long maker) {
        return new IpcObject(IpcKind.SYSV_SHM, RawName.EMPTY, identity, size, ME, 0600, 100, maker, 43, 0, true);
    }

    @Test
    void anObservationThatSomethingSpeaksAgainstIsOnlySuspect() {
        Claim doubtful = by(
                STEM,
                new Proof.Observed(
                        new Observation(
                                IpcKind.POSIX_SHM, RawName.of(NAME), FILE, ME, 4096, 42, 7, Maker.DESCENDANT, "sh"),
                        "so it is not"));
        assertVerdict(file(FILE, ME, true), doubtful, SUSPECT, Rule.R3_MINE);
        assertThat(reason(file(FILE, ME, true), doubtful, NOW))
                .isEqualTo("process 42 (sh) of session " + STEM + " made it, but so it is not");
    }

    @Test
    void aRunningSessionThatCannotBeReadVetoesWhatNoLedgerNames() {
        Circumstances secretive =
                new Circumstances(ME, OptionalLong.empty(), true, false, "B", 1_000, Duration.ZERO, Duration.ZERO);
        for (Proof proof :
                List.of(observed(State.DEAD).proof(), new Proof.New(), new Proof.ByUser(new Declared("shmkit.*")))) {
            assertVerdict(file(FILE, ME, true), by(STEM, proof), secretive, UNKNOWN, Rule.R5_SESSION_DEAD);
        }
        assertVerdict(file(FILE, ME, true), deadFile(), secretive, DELETE, Rule.R7_UNUSED);
    }

    @Test
    void aClaimMayHaveToRestLongerThanTheUserSays() {
        Claim declared = by("", new Proof.ByUser(new Declared("shmkit.*"), Duration.ofMinutes(10)));
        assertVerdict(
                file(FILE, ME, true), declared, now(ME, false, false, 699, Duration.ZERO), LIVE, Rule.R8_QUIESCENT);
        assertVerdict(
                file(FILE, ME, true), declared, now(ME, false, false, 700, Duration.ZERO), DELETE, Rule.R7_UNUSED);
        assertVerdict(
                file(FILE, ME, true),
                declared,
                now(ME, false, false, 700, Duration.ofHours(1)),
                LIVE,
                Rule.R8_QUIESCENT);
    }

    @Test
    void anotherProofIsOfTheSameSession() {
        Claim carried = new Claim(STEM, State.LOST, "void", new Proof.Name(), List.of(815L), 2);
        assertThat(carried.with(new Proof.New()))
                .isEqualTo(new Claim(STEM, State.LOST, "void", new Proof.New(), List.of(815L), 2));
    }

    @Test
    void onlyWhatNoLedgerNamesIsLookedAtTwice() {
        IpcObject file = file(FILE, ME, true);
        Candidate ofLedger = new Candidate(file, deadFile(), Verdicts.judge(file, deadFile(), NOW));
        Candidate seen = new Candidate(file, observed(State.DEAD), Verdicts.judge(file, observed(State.DEAD), NOW));
        Candidate living = new Candidate(file, observed(State.LIVE), Verdicts.judge(file, observed(State.LIVE), NOW));

        assertThat(List.of(ofLedger.isToDelete(), seen.isToDelete(), living.isToDelete()))
                .containsExactly(true, true, false);
        assertThat(List.of(ofLedger.needsSecondLook(), seen.needsSecondLook(), living.needsSecondLook()))
                .containsExactly(false, true, false);
        assertThat(seen.unsettled())
                .isEqualTo(new Candidate(
                        file,
                        observed(State.DEAD),
                        new Verdict(LIVE, Rule.R8_QUIESCENT, "it changed between two looks")));
    }
}
