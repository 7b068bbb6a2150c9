package io.github.shmkit.internal.sweep;

import io.github.shmkit.internal.guard.Actuator;
import io.github.shmkit.internal.ipc.Identity;
import io.github.shmkit.internal.ipc.Inventory;
import io.github.shmkit.internal.ipc.IpcKind;
import io.github.shmkit.internal.ipc.IpcObject;
import io.github.shmkit.internal.os.Errno;
import io.github.shmkit.internal.os.Os;
import io.github.shmkit.internal.os.OsException;
import io.github.shmkit.internal.os.ProcFs;
import io.github.shmkit.internal.os.RawName;
import io.github.shmkit.internal.session.LedgerContents;
import io.github.shmkit.internal.session.PrivateDir;
import io.github.shmkit.internal.session.SessionProbe;
import io.github.shmkit.internal.sweep.Claim.Proof;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A look at everything there is, and what is to become of it. It changes nothing, and locks nothing but for a moment, unless
 * a {@link Removal} is to follow: then dead sessions stay ours while it is open.
 */
public final class Survey implements AutoCloseable {
    private final SweepPolicy policy;
    private final boolean forRemoval;
    private final List<PrivateDir> dirs = new ArrayList<>();
    /** By stem; of several with one stem, all but the first by path. */
    private final Map<String, SessionProbe> sessions = new LinkedHashMap<>();

    private final List<String> notes = new ArrayList<>();
    private final Set<IpcKind> unlisted = EnumSet.noneOf(IpcKind.class);
    /** Stems of sessions of which something is left, or may be. */
    private final Set<String> unfinished = new HashSet<>();

    private Carriers carriers = Carriers.NOT_SOUGHT;
    /** By directory: something in it that is not judged, and stays. */
    private final Map<RawName, RawName> keptInDirectories = new HashMap<>();

    private @Nullable Set<String> mounts;
    private long lookedAtNanos;

    private Survey(SweepPolicy policy, boolean forRemoval) {
        this.policy = policy;
        this.forRemoval = forRemoval;
    }

    /** What there is, and what a removal would do. */
    public static SweepReport report(SweepPolicy policy) {
        try (Survey survey = open(policy, false)) {
            survey.findCarriers();
            List<Candidate> candidates = survey.look(candidate -> {});
            return survey.report(survey.findings(candidates, Map.of()), 0);
        }
    }

    /** The same, to act on. */
    static Survey forRemoval(SweepPolicy policy) {
        return open(policy, true);
    }

    private static Survey open(SweepPolicy policy, boolean forRemoval) {
        Survey survey = new Survey(policy, forRemoval);
        try {
            survey.openSessions();
            return survey;
        } catch (RuntimeException | Error e) {
            survey.close();
            throw e;
        }
    }

    private void openSessions() {
        dirs.addAll(PrivateDir.openAll());
        for (PrivateDir dir : dirs) {
            for (String stem : dir.stems()) {
                // A session may have begun in two directories, where another user took the name of the first meanwhile.
                String key = sessions.containsKey(stem) ? dir.path() + "/" + stem : stem;
                sessions.put(key, probe(dir, stem));
            }
        }
    }

    private SessionProbe probe(PrivateDir dir, String stem) {
        if (stem.equals(policy.ending())) {
            return SessionProbe.ofEnding(dir, stem);
        }
        return forRemoval ? SessionProbe.of(dir, stem) : SessionProbe.look(dir, stem);
    }

    SweepPolicy policy() {
        return policy;
    }

    List<PrivateDir> dirs() {
        return dirs;
    }

    Collection<SessionProbe> sessions() {
        return sessions.values();
    }

    Optional<SessionProbe> session(String stem) {
        return Optional.ofNullable(sessions.get(stem));
    }

    /** Something of that session is left, or may be. */
    void isUnfinished(String stem) {
        unfinished.add(stem);
    }

    void note(String text) {
        notes.add(text);
    }

    // --- processes ---

    /** Helpers that outlived their session. */
    static List<LedgerContents.ProcessEntry> livingHelpers(SessionProbe session) {
        long pidNamespace = ProcFs.namespace("pid");
        return session
                .ledger()
                .filter(ledger -> session.state() == SessionProbe.State.DEAD
                        && session.trouble().isEmpty())
                .stream()
                .flatMap(ledger -> ledger.processes().stream())
                // A pid of another namespace means somebody else here.
                .filter(process -> process.pidNamespace() == pidNamespace
                        && ProcFs.startTime(process.pid()).equals(OptionalLong.of(process.startTime())))
                .toList();
    }

    /** Those that a removal ends before it looks who still runs. */
    private Set<Long> recordedHelpers() {
        return sessions.values().stream()
                .flatMap(session -> livingHelpers(session).stream())
                .map(process -> (long) process.pid())
                .collect(Collectors.toSet());
    }

    /** Who runs that came from a session; for the looks. */
    void findCarriers() {
        if (sessions.values().stream().anyMatch(Survey::hasContents)) {
            carriers = Carriers.find(Os.euid()).without(recordedHelpers());
        }
    }

    private static boolean hasContents(SessionProbe session) {
        return session.state() != SessionProbe.State.LIVE
                && session.ledger()
                        .map(ledger -> !ledger.objects().isEmpty()
                                || !ledger.observations().isEmpty()
                                || ledger.baseline().isPresent())
                        .orElse(false);
    }

    // --- looking ---

    /** Whether ledgers alone name all that is asked for. */
    boolean ledgersAreEnough() {
        return Claims.areEnough(sessions.values(), policy);
    }

    /** Everything that is looked at; each candidate is shown as soon as it is judged. */
    List<Candidate> look(Consumer<Candidate> judged) {
        Claims claims = new Claims(sessions, carriers, recordedHelpers(), policy);
        Circumstances now = new Circumstances(
                Os.euid(),
                ProcFs.namelessUid(),
                policy.exclusive(),
                sessions.values().stream().anyMatch(this::isAnothersLive),
                secretive(),
                System.currentTimeMillis() / 1000,
                policy.minAge(),
                policy.minAgeOfNew());
        Users users = new Users(sessions);
        List<Candidate> candidates = new ArrayList<>();
        keptInDirectories.clear();
        BiConsumer<IpcObject, Claim> found = (object, claim) -> {
            policy.progress().looked();
            if (!policy.only().test(object)) {
                keepsWhatItIsIn(object, keptInDirectories);
                if (!(claim.proof() instanceof Proof.New)
                        && !claim.stem().isEmpty()
                        && !Verdicts.isAnotherUsers(object, claim, Os.euid())) {
                    unfinished.add(claim.stem());
                }
            } else if (policy.foreign() || !(claim.proof() instanceof Proof.None)) {
                Verdict verdict = Verdicts.judge(object, claim, now);
                if (verdict.decision() == Verdict.Decision.DELETE) {
                    verdict = users.of(object, claim)
                            .or(() -> mounted(object, claim))
                            .orElse(verdict);
                }
                Candidate candidate = new Candidate(object, claim, verdict);
                candidates.add(candidate);
                judged.accept(candidate);
            } else {
                keepsWhatItIsIn(object, keptInDirectories);
            }
        };
        if (forRemoval && ledgersAreEnough()) {
            claims.lookUp(policy.kinds(), found);
        } else {
            Inventory inventory = Inventory.scan(policy.kinds(), policy.directories());
            inventory.gaps().stream().filter(gap -> !notes.contains(gap)).forEach(notes::add);
            unlisted.addAll(inventory.unlisted());
            inventory.objects().forEach(object -> found.accept(object, claims.of(object)));
            if (inventory.unlisted().contains(IpcKind.POSIX_MQ)) {
                claims.queuesUnseen(found);
            }
        }
        lookedAtNanos = System.nanoTime();
        if (policy.kinds().contains(IpcKind.MMAP_FILE)) {
            claims.mappedFiles(found, this::cannotLook);
            claims.observedFiles(found, this::cannotLook);
            if (policy.ending().isEmpty()
                    && (!forRemoval || policy.foreign() || !policy.declared().isEmpty())) {
                claims.orphanedFiles(found); // for those who ask; no proof makes any of them ours
            }
        }
        return withoutFullDirectories(candidates);
    }

    /** A directory can only go when all that is in it goes. */
    private List<Candidate> withoutFullDirectories(List<Candidate> candidates) {
        if (candidates.stream().noneMatch(c -> c.object().kind() == IpcKind.DIRECTORY)) {
            return candidates;
        }
        Map<RawName, RawName> kept = new HashMap<>(keptInDirectories);
        candidates.stream().filter(c -> !c.isToDelete()).forEach(c -> keepsWhatItIsIn(c.object(), kept));
        return candidates.stream()
                .map(c -> c.object().kind() == IpcKind.DIRECTORY
                                && c.isToDelete()
                                && kept.containsKey(c.object().name())
                        ? c.full(Objects.requireNonNull(kept.get(c.object().name())))
                        : c)
                .toList();
    }

    private static void keepsWhatItIsIn(IpcObject object, Map<RawName, RawName> kept) {
        if (object.kind() == IpcKind.POSIX_SHM || object.kind() == IpcKind.DIRECTORY) {
            for (RawName name = object.name(); name.isNested(); ) {
                name = name.split()[0];
                kept.putIfAbsent(name, object.name());
            }
        }
    }

    private void cannotLook(Claim claim, OsException e) {
        unfinished.add(claim.stem());
        String note = "cannot look at what session " + claim.stem() + " left: " + e.getMessage();
        if (!notes.contains(note)) {
            notes.add(note);
        }
    }

    /** Unlinked, it would be unmounted as well. */
    private Optional<Verdict> mounted(IpcObject object, Claim claim) {
        boolean inShm = object.kind() == IpcKind.POSIX_SHM
                || object.kind() == IpcKind.POSIX_SEM
                || object.kind() == IpcKind.DIRECTORY;
        if (!inShm || claim.proof() instanceof Proof.Recorded || !(object.identity() instanceof Identity.OfFile file)) {
            return Optional.empty();
        }
        if (mounts == null) {
            mounts = Mounts.of(file.device());
        }
        return mounts.contains(new String(object.name().bytes(), StandardCharsets.ISO_8859_1))
                ? Optional.of(new Verdict(
                        Verdict.Decision.LIVE,
                        Verdict.Rule.R7_UNUSED,
                        "a mount namespace has it, or something on it, mounted"))
                : Optional.empty();
    }

    /** A running session of this /dev/shm whose ledger cannot be read. */
    private String secretive() {
        return sessions.values().stream()
                .filter(session -> session.state() == SessionProbe.State.LIVE
                        && session.ledger().isEmpty()
                        && !session.trouble().isEmpty())
                .map(SessionProbe::stem)
                .findFirst()
                .orElse("");
    }

    private boolean isAnothersLive(SessionProbe session) {
        return session.state() == SessionProbe.State.LIVE
                && (policy.ending().isEmpty() || !session.stem().startsWith(policy.ending()));
    }

    /** What no ledger names must still be just as it was a while later, and not have been opened meanwhile. */
    List<Candidate> lookAgain(List<Candidate> first) {
        boolean watched = first.stream().filter(Candidate::needsSecondLook).allMatch(this::isWatched);
        Duration pause = watched ? SweepPolicy.LOOK_AGAIN_AFTER : SweepPolicy.LOOK_AGAIN_LATER;
        Set<IpcObject> before = first.stream().map(Candidate::object).collect(Collectors.toSet());
        Set<IpcObject> again = first.stream()
                .filter(Candidate::needsSecondLook)
                .map(Candidate::object)
                .collect(Collectors.toSet());
        try (Openings openings = Openings.watch(again)) {
            long until = lookedAtNanos + pause.toNanos();
            for (long left = until - System.nanoTime(); left > 0; left = until - System.nanoTime()) {
                LockSupport.parkNanos(left);
            }
            sessions.values().forEach(SessionProbe::readAgain);
            mounts = null;
            List<Candidate> second = look(candidate -> {});
            openings.read();
            return withoutFullDirectories(second.stream()
                    .map(c -> !c.needsSecondLook()
                            ? c
                            : !before.contains(c.object())
                                    ? c.unsettled()
                                    : openings.mayHave(c.object()) ? c.opened() : c)
                    .toList());
        }
    }

    /** Whether the build's watchdog has told until now who uses it, and missed nothing. */
    private boolean isWatched(Candidate candidate) {
        return candidate.claim().proof() instanceof Proof.Observed
                && candidate.claim().stem().equals(policy.ending())
                && Optional.ofNullable(sessions.get(policy.ending()))
                        .flatMap(SessionProbe::ledger)
                        .filter(ledger -> ledger.lost().isEmpty())
                        .flatMap(LedgerContents::watch)
                        .map(watch -> candidate.object().kind() == IpcKind.POSIX_MQ ? watch.queues() : watch.files())
                        .filter(LedgerContents.Source.KERNEL::equals)
                        .isPresent();
    }

    // --- what comes of it ---

    /** Of the candidates, in their order; results are by index. */
    List<SweepReport.Finding> findings(List<Candidate> candidates, Map<Integer, Actuator.Result> results) {
        List<SweepReport.Finding> findings = new ArrayList<>();
        for (int i = 0; i < candidates.size(); i++) {
            Candidate c = candidates.get(i);
            findings.add(
                    new SweepReport.Finding(c.object(), c.claim(), c.verdict(), Optional.ofNullable(results.get(i))));
        }
        findings.stream()
                .filter(finding -> !finding.isRemoved() && !(finding.claim().proof() instanceof Proof.New))
                .filter(finding -> !Verdicts.isAnotherUsers(finding.object(), finding.claim(), Os.euid()))
                .forEach(finding -> unfinished.add(finding.claim().stem()));
        return List.copyOf(findings);
    }

    /** With notes on what could not be looked at. */
    SweepReport report(List<SweepReport.Finding> findings, int processes) {
        noteVoidLedgers();
        noteMissingBaseline();
        if (findings.stream().anyMatch(finding -> !finding.isRemoved())) {
            hiddenProcesses().ifPresent(notes::add);
        }
        findings.stream().filter(Survey::lacksLease).findFirst().ifPresent(this::noteMissingLease);
        return new SweepReport(findings, processes, List.copyOf(notes), !unfinished.contains(policy.ending()));
    }

    /** Dead, all looked at, and nothing of it left. */
    boolean isFinished(SessionProbe session) {
        return session.state() == SessionProbe.State.DEAD
                && session.trouble().isEmpty()
                && !unfinished.contains(session.stem())
                && session.ledger()
                        .map(ledger -> isAllLookedAt(session, ledger))
                        .orElse(true);
    }

    /** Whether what was not found can only be gone. */
    private boolean isAllLookedAt(SessionProbe session, LedgerContents ledger) {
        boolean sameNamespace = ledger.header().pidNamespace() == ProcFs.namespace("pid");
        return ledger.observations().stream()
                        .noneMatch(seen -> unlisted.contains(seen.kind())
                                || !session.trouble(seen.kind()).isEmpty())
                && ledger.objects().stream()
                        .allMatch(entry -> policy.kinds().contains(entry.kind())
                                && session.trouble(entry.kind()).isEmpty()
                                && (!unlisted.contains(entry.kind()) || entry.kind() == IpcKind.POSIX_MQ)
                                // From another pid namespace a creator's pid reads 0, so that nothing is found by key.
                                && (sameNamespace
                                        || entry.kind() != IpcKind.SYSV_SHM
                                        || entry.identity().isPresent()));
    }

    /** What that means and what helps, where this user cannot see all processes: too little is removed. */
    public static Optional<String> hiddenProcesses() {
        return ProcFs.hides()
                ? Optional.of(
                        "/proc hides processes from this user (hidepid, see proc(5)): what such a process may have made"
                                + " or may use stays; mount /proc with gid= of a group of this user to have it looked at")
                : Optional.empty();
    }

    private static boolean lacksLease(SweepReport.Finding finding) {
        IpcKind kind = finding.object().kind();
        return !kind.isSysv()
                && kind != IpcKind.DIRECTORY
                && finding.result()
                        .filter(result -> result.outcome() == Actuator.Outcome.UNKNOWN
                                && (result.errno() == Errno.EINVAL || result.errno() == Errno.EOPNOTSUPP))
                        .isPresent();
    }

    private void noteMissingLease(SweepReport.Finding finding) {
        notes.add(
                "no lease could be taken on " + finding.object().address() + ": "
                        + Errno.describe(finding.result().orElseThrow().errno())
                        + "; without leases no file can be proved unused, so that all of them stay (sysctl fs.leases-enable=1)");
    }

    private void noteMissingBaseline() {
        SessionProbe ending = sessions.get(policy.ending());
        if (ending != null
                && ending.ledger().map(ledger -> ledger.baseline().isEmpty()).orElse(false)) {
            notes.add("this build has no list of the objects that were there when it began, as there were too many:"
                    + " an object whose creator was not seen cannot be recognised as new");
        }
    }

    private void noteVoidLedgers() {
        for (SessionProbe session : sessions.values()) {
            if (session.state() == SessionProbe.State.LIVE || session.state() == SessionProbe.State.BEING_CLEANED) {
                continue;
            }
            String ledger = "the ledger of session " + session.stem() + " in "
                    + session.dir().path() + " is void";
            if (!session.trouble().isEmpty()) {
                notes.add(ledger + ": " + session.trouble() + "; nothing that only it knows of was touched");
            } else if (session.ledger()
                    .map(contents -> Stream.concat(
                                    contents.objects().stream().map(LedgerContents.Entry::kind),
                                    contents.observations().stream().map(LedgerContents.Observation::kind))
                            .anyMatch(kind -> !session.trouble(kind).isEmpty()))
                    .orElse(false)) {
                notes.add(ledger + " for System V objects and message queues: " + session.trouble(IpcKind.SYSV_SHM)
                        + "; those that only it knows of were not touched");
            }
        }
    }

    @Override
    public void close() {
        sessions.values().forEach(SessionProbe::close);
        dirs.forEach(PrivateDir::close);
    }
}
