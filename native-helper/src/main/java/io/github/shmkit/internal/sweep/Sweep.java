package io.github.shmkit.internal.sweep;

import io.github.shmkit.internal.guard.Actuator;
import io.github.shmkit.internal.ipc.Identity;
import io.github.shmkit.internal.ipc.Inventory;
import io.github.shmkit.internal.ipc.IpcKind;
import io.github.shmkit.internal.ipc.IpcObject;
import io.github.shmkit.internal.os.Os;
import io.github.shmkit.internal.os.OsException;
import io.github.shmkit.internal.os.ProcFs;
import io.github.shmkit.internal.os.RawName;
import io.github.shmkit.internal.session.LedgerContents;
import io.github.shmkit.internal.session.PrivateDir;
import io.github.shmkit.internal.session.Quarantine;
import io.github.shmkit.internal.session.SessionProbe;
import io.github.shmkit.internal.sweep.Claim.Proof;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
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
import java.util.TreeMap;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Looks at everything, judges it, and has the actuator remove what may go. */
public final class Sweep implements AutoCloseable {
    /** Of our folders of mapped files; a folder of any other name is the user's. */
    private static final String FOLDER_PREFIX = "shmkit-";

    private final SweepPolicy policy;
    private final List<PrivateDir> dirs = new ArrayList<>();
    /** By stem; of several with one stem, all but the first by path. */
    private final Map<String, SessionProbe> sessions = new LinkedHashMap<>();

    private final List<String> notes = new ArrayList<>();
    private final Set<IpcKind> unlisted = EnumSet.noneOf(IpcKind.class);
    /** Stems of sessions of which something is left, or may be. */
    private final Set<String> unfinished = new HashSet<>();

    private final Map<PrivateDir, Actuator> actuators = new LinkedHashMap<>();
    private final Map<Integer, Actuator.Result> results = new HashMap<>();

    private Carriers carriers = Carriers.NOT_SOUGHT;
    /** By directory: something in it that is not judged, and stays. */
    private final Map<RawName, RawName> keptInDirectories = new HashMap<>();

    private @Nullable Set<String> mounts;
    private @Nullable Quarantine quarantine;
    private long lookedAtNanos;
    private int processes;

    private Sweep(SweepPolicy policy) {
        this.policy = policy;
    }

    /** Sweeps once. */
    public static SweepReport run(SweepPolicy policy) {
        try (Sweep sweep = new Sweep(policy)) {
            return sweep.run();
        }
    }

    private SweepReport run() {
        openSessions();
        if (!policy.dryRun()) {
            endHelpers();
        }
        if (sessions.values().stream().anyMatch(Sweep::hasContents)) {
            carriers = Carriers.find(Os.euid()).without(recordedHelpers());
        }
        List<Candidate> candidates = policy.dryRun() ? look(candidate -> {}) : removeWhatMayGo();
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
        if (!policy.dryRun()) {
            forgetFinished();
        }
        noteVoidLedgers();
        noteMissingBaseline();
        return new SweepReport(
                List.copyOf(findings), processes, List.copyOf(notes), !unfinished.contains(policy.ending()));
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
        return policy.dryRun() ? SessionProbe.look(dir, stem) : SessionProbe.of(dir, stem);
    }

    private static boolean hasContents(SessionProbe session) {
        return session.state() != SessionProbe.State.LIVE
                && session.ledger()
                        .map(ledger -> !ledger.objects().isEmpty()
                                || !ledger.observations().isEmpty()
                                || ledger.baseline().isPresent())
                        .orElse(false);
    }

    // --- helpers that outlived their session ---

    private static List<LedgerContents.ProcessEntry> livingHelpers(SessionProbe session) {
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

    /** Those that a run that is not dry ends before it looks who still runs. */
    private Set<Long> recordedHelpers() {
        return sessions.values().stream()
                .flatMap(session -> livingHelpers(session).stream())
                .map(process -> (long) process.pid())
                .collect(Collectors.toSet());
    }

    private void endHelpers() {
        Map<PrivateDir, List<String>> plans = new HashMap<>();
        for (SessionProbe session : sessions.values()) {
            livingHelpers(session)
                    .forEach(process -> plans.computeIfAbsent(session.dir(), d -> new ArrayList<>())
                            .add(Steps.end(process)));
        }
        plans.forEach((dir, plan) -> Actuator.run(dir.path(), plan, (index, result) -> {
            if (result.outcome() == Actuator.Outcome.DELETED) {
                processes++;
            }
        }));
    }

    // --- looking ---

    /** Everything that is looked at; each candidate is shown as soon as it is judged. */
    private List<Candidate> look(Consumer<Candidate> judged) {
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
        if (!policy.dryRun() && Claims.areEnough(sessions.values(), policy)) {
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
                    && (policy.dryRun()
                            || policy.foreign()
                            || !policy.declared().isEmpty())) {
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
    private List<Candidate> lookAgain(List<Candidate> first) {
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

    /** Whether the build's watchdog has told until now who uses it. */
    private boolean isWatched(Candidate candidate) {
        return candidate.claim().proof() instanceof Proof.Observed
                && candidate.claim().stem().equals(policy.ending())
                && Optional.ofNullable(sessions.get(policy.ending()))
                        .flatMap(SessionProbe::ledger)
                        .flatMap(LedgerContents::watch)
                        .map(watch -> candidate.object().kind() == IpcKind.POSIX_MQ ? watch.queues() : watch.files())
                        .filter(LedgerContents.Source.KERNEL::equals)
                        .isPresent();
    }

    // --- acting ---

    /**
     * Looks and has removed what may go. What a ledger names goes while we still look at the rest; as soon as anything
     * needs a second look, all waits for that.
     */
    private List<Candidate> removeWhatMayGo() {
        Map<PrivateDir, Set<RawName>> held = new HashMap<>();
        for (PrivateDir dir : dirs) {
            held.put(dir, Steps.held(dir));
            Steps.putBack(held.get(dir)).forEach(step -> actuator(dir).add(step));
        }
        List<Candidate> candidates;
        if (Claims.areEnough(sessions.values(), policy)) {
            int[] index = new int[1];
            candidates = look(candidate -> remove(index[0]++, candidate));
        } else {
            candidates = look(candidate -> {});
            if (candidates.stream().anyMatch(Candidate::needsSecondLook)) {
                candidates = lookAgain(candidates);
            }
            for (int i = 0; i < candidates.size(); i++) {
                remove(i, candidates.get(i));
            }
        }
        finish(held, candidates.size());
        removeDirectories(candidates);
        return candidates;
    }

    private Actuator actuator(PrivateDir dir) {
        return actuators.computeIfAbsent(dir, d -> Actuator.start(d.path(), policy.progress()::acted));
    }

    private void remove(int index, Candidate candidate) {
        if (candidate.isToDelete() && candidate.object().kind() != IpcKind.DIRECTORY) {
            policy.progress().planned();
            actuator(dirOf(candidate)).add(Steps.remove(index, candidate));
        }
    }

    /** The deepest first, and each depth only when the one below it is done. */
    private void removeDirectories(List<Candidate> candidates) {
        Map<Integer, List<Integer>> byDepth = new TreeMap<>(Comparator.reverseOrder());
        for (int i = 0; i < candidates.size(); i++) {
            Candidate candidate = candidates.get(i);
            if (candidate.isToDelete() && candidate.object().kind() == IpcKind.DIRECTORY) {
                byDepth.computeIfAbsent(depth(candidate.object().name()), d -> new ArrayList<>())
                        .add(i);
            }
        }
        byDepth.values().forEach(indices -> {
            Map<PrivateDir, List<String>> plans = new HashMap<>();
            for (int index : indices) {
                Candidate candidate = candidates.get(index);
                plans.computeIfAbsent(dirOf(candidate), d -> new ArrayList<>()).add(Steps.remove(index, candidate));
            }
            plans.forEach((dir, plan) -> Actuator.run(dir.path(), plan, results::put));
        });
    }

    private static int depth(RawName name) {
        int depth = 0;
        for (RawName above = name; above.isNested(); above = above.split()[0]) {
            depth++;
        }
        return depth;
    }

    private void finish(Map<PrivateDir, Set<RawName>> held, int firstIndex) {
        Map<Integer, String> finishing = new HashMap<>();
        for (SessionProbe session : sessions.values()) {
            Steps.finish(session, held.getOrDefault(session.dir(), Set.of()), () -> {
                        int index = firstIndex + finishing.size();
                        finishing.put(index, session.stem());
                        return index;
                    })
                    .forEach(step -> actuator(session.dir()).add(step));
        }
        actuators.values().forEach(actuator -> actuator.finish(results::put));
        finishing.forEach((index, stem) -> {
            Actuator.Result result = results.get(index);
            if (result == null || !result.outcome().isGone()) {
                unfinished.add(stem); // it was in use, and has its name again
            }
        });
    }

    private PrivateDir dirOf(Candidate candidate) {
        SessionProbe session = sessions.get(candidate.claim().stem());
        if (session != null) {
            return session.dir();
        }
        if (quarantine == null) {
            quarantine = Quarantine.open(); // for what only the user's word makes ours
        }
        return quarantine.dir();
    }

    /** A dead session of which nothing remains gives its own files back. */
    private void forgetFinished() {
        for (SessionProbe session : sessions.values()) {
            if (session.state() == SessionProbe.State.DEAD
                    && session.trouble().isEmpty()
                    && !unfinished.contains(session.stem())
                    && session.ledger()
                            .map(ledger -> isAllLookedAt(session, ledger))
                            .orElse(true)) {
                try {
                    removeFolders(session);
                    session.removeFiles();
                } catch (OsException e) {
                    notes.add("cannot remove the files of session " + session.stem() + " in "
                            + session.dir().path() + ": " + e.getMessage());
                }
            }
        }
        dirs.forEach(PrivateDir::removeIfEmpty);
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

    private static void removeFolders(SessionProbe session) {
        Set<String> folders = new HashSet<>();
        for (LedgerContents.Entry entry :
                session.ledger().map(LedgerContents::objects).orElse(List.of())) {
            if (entry.kind() == IpcKind.MMAP_FILE) {
                RawName folder = entry.name().split()[0];
                if (folder.split()[1].startsWith(FOLDER_PREFIX)) {
                    folders.add(folder.text());
                }
            }
        }
        folders.forEach(Os::rmdirIfEmpty);
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
        actuators.values().forEach(Actuator::close);
        if (quarantine != null) {
            quarantine.close();
        }
        sessions.values().forEach(SessionProbe::close);
        dirs.forEach(PrivateDir::close);
    }
}
