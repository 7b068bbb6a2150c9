package io.github.shmkit.internal.sweep;

import io.github.shmkit.internal.ipc.Identity;
import io.github.shmkit.internal.ipc.Inventory;
import io.github.shmkit.internal.ipc.IpcKind;
import io.github.shmkit.internal.ipc.IpcObject;
import io.github.shmkit.internal.os.Os;
import io.github.shmkit.internal.os.OsException;
import io.github.shmkit.internal.os.ProcFs;
import io.github.shmkit.internal.os.RawName;
import io.github.shmkit.internal.session.Baseline;
import io.github.shmkit.internal.session.LedgerContents;
import io.github.shmkit.internal.session.OrphanedFiles;
import io.github.shmkit.internal.session.SessionId;
import io.github.shmkit.internal.session.SessionProbe;
import io.github.shmkit.internal.sweep.Claim.Proof;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Finds what connects an object with a session. */
final class Claims {
    private static final String OBJECT_PREFIX = "shmkit.";

    private final Map<String, SessionProbe> sessions;
    private final Carriers carriers;
    private final Set<Long> helpers;
    private final SweepPolicy policy;
    private final Map<NameKey, List<Claim>> byName = new HashMap<>();
    private final Map<FileKey, List<Claim>> byInode = new HashMap<>();
    private final Map<IdKey, List<Claim>> bySysvId = new HashMap<>();
    private final Map<CreationKey, Claim> byKeyAndCreator = new HashMap<>();
    private final Map<Object, LedgerContents.Observation> holders = new HashMap<>();
    private final Map<UseKey, LedgerContents.Use> uses = new HashMap<>();
    private final Map<SessionId, List<Long>> members = new HashMap<>();
    private final List<Claim> mappedFiles = new ArrayList<>();
    /** Of each session, without a proof. */
    private final Map<SessionProbe, Claim> plain = new HashMap<>();

    private final List<SessionProbe> withBaseline = new ArrayList<>();

    /** Shared memory and semaphores share one directory; a queue's name has a slash in the ledger, but not in its own. */
    private record NameKey(boolean queue, RawName name) {
        static NameKey of(IpcKind kind, RawName name) {
            boolean queue = kind == IpcKind.POSIX_MQ;
            return new NameKey(
                    queue,
                    queue && name.startsWith("/") ? RawName.of(name.text().substring(1)) : name);
        }
    }

    /** A queue's file system has inodes of its own. */
    private record FileKey(long device, long inode) {
        static FileKey of(Identity.OfFile file) {
            return new FileKey(file.device(), file.inode());
        }
    }

    private record IdKey(IpcKind kind, int id) {}

    private record UseKey(String stem, Object object) {}

    private static Object keyOf(IpcKind kind, Identity identity) {
        return identity instanceof Identity.OfSysv sysv
                ? new IdKey(kind, sysv.id())
                : FileKey.of((Identity.OfFile) identity);
    }

    private record CreationKey(IpcKind kind, int key, long creator) {}

    /**
     * Reads the ledgers of all sessions that were looked at.
     *
     * @param sessions by stem
     * @param helpers pids of recorded helpers, which end before anything is removed
     */
    Claims(Map<String, SessionProbe> sessions, Carriers carriers, Set<Long> helpers, SweepPolicy policy) {
        this.sessions = sessions;
        this.carriers = carriers;
        this.helpers = helpers;
        this.policy = policy;
        sessions.values().forEach(this::indexMembers);
        for (SessionProbe session : sessions.values()) {
            session.ledger().ifPresent(ledger -> {
                indexObjects(ledger, session);
                indexObservations(ledger, session);
            });
        }
    }

    /** Those that still run, or may: they are of the session whether they carry its secret or not. */
    private void indexMembers(SessionProbe session) {
        session.ledger().filter(ledger -> isOver(session)).ifPresent(ledger -> {
            for (LedgerContents.ProcessEntry helper : ledger.processes()) {
                // One that /proc hides is neither ended nor known to be another process by now.
                if (helper.pidNamespace() == ProcFs.namespace("pid") && ProcFs.isHidden(helper.pid())) {
                    members.computeIfAbsent(idOf(session), t -> new ArrayList<>())
                            .add((long) helper.pid());
                }
            }
            for (LedgerContents.Member member : ledger.members()) {
                if (isHere(member) && !helpers.contains((long) member.pid())) {
                    members.computeIfAbsent(idOf(session), t -> new ArrayList<>())
                            .add((long) member.pid());
                }
            }
        });
    }

    private static boolean isHere(LedgerContents.Member member) {
        return member.pidNamespace() == ProcFs.namespace("pid") && ProcFs.isProcess(member.pid(), member.startTime());
    }

    private static SessionId idOf(SessionProbe session) {
        return new SessionId(session.stem().substring(0, SessionId.LENGTH));
    }

    private void indexObservations(LedgerContents ledger, SessionProbe session) {
        for (LedgerContents.Observation seen : ledger.observations()) {
            if (seen.proof() == LedgerContents.Maker.HOLDER && isOver(session)) {
                holders.put(keyOf(seen.kind(), seen.identity()), seen); // who has it open need not have made it
                continue;
            }
            Claim claim = claim(session, seen.kind(), new Proof.Observed(seen));
            if (seen.identity() instanceof Identity.OfSysv sysv) {
                add(bySysvId, new IdKey(seen.kind(), sysv.id()), claim);
            } else if (seen.identity() instanceof Identity.OfFile file) {
                add(byInode, FileKey.of(file), claim);
            }
        }
        for (LedgerContents.Use use : ledger.uses()) {
            uses.put(new UseKey(session.stem(), keyOf(use.kind(), use.identity())), use);
        }
        if (ledger.baseline().isPresent() && isOver(session)) {
            withBaseline.add(session);
        }
    }

    private static <K> void add(Map<K, List<Claim>> index, K key, Claim claim) {
        index.computeIfAbsent(key, k -> new ArrayList<>(1)).add(claim);
    }

    private void indexObjects(LedgerContents ledger, SessionProbe session) {
        for (LedgerContents.Entry entry : ledger.objects()) {
            Claim claim = claim(session, entry.kind(), new Proof.Recorded(entry));
            if (entry.kind() == IpcKind.MMAP_FILE) {
                mappedFiles.add(claim);
            } else if (!entry.kind().isSysv()) {
                add(byName, NameKey.of(entry.kind(), entry.name()), claim);
            } else if (entry.identity().orElse(null) instanceof Identity.OfSysv sysv) {
                add(bySysvId, new IdKey(entry.kind(), sysv.id()), claim);
            } else {
                long creator =
                        entry.kind().isUnaccounted() ? 0 : ledger.header().pid();
                byKeyAndCreator.put(new CreationKey(entry.kind(), entry.key(), creator), claim);
            }
        }
    }

    /** Whether it is for us to judge what it left. */
    private static boolean isOver(SessionProbe session) {
        return state(session) != Claim.State.LIVE;
    }

    private static Claim.State state(SessionProbe session) {
        return switch (session.state()) {
            case DEAD, ENDING -> Claim.State.DEAD;
            case LOST -> Claim.State.LOST;
            case LIVE, BEING_CLEANED -> Claim.State.LIVE;
        };
    }

    private Claim claim(SessionProbe session, IpcKind kind, Proof proof) {
        Claim any = plain.computeIfAbsent(session, this::claim);
        return new Claim(any.stem(), any.state(), session.trouble(kind), proof, any.carriers(), any.unreadable());
    }

    private Claim claim(SessionProbe session) {
        long began = session.ledger().map(ledger -> ledger.header().startTime()).orElse(0L);
        List<Long> running = Stream.concat(
                        carriers.of(idOf(session)).stream(), members.getOrDefault(idOf(session), List.of()).stream())
                .distinct()
                .toList();
        return new Claim(
                session.stem(),
                state(session),
                session.trouble(),
                new Proof.None(),
                running,
                carriers.unreadableSince(began));
    }

    /** The strongest claim to an object that the inventory found. */
    Claim of(IpcObject object) {
        Claim claim = bySession(object);
        if (!isProof(object, claim)) {
            for (Declared pattern : policy.declared()) {
                if (pattern.matches(object)) {
                    return new Claim(
                            "", Claim.State.DEAD, "", new Proof.ByUser(pattern, leastAge(object)), List.of(), 0);
                }
            }
        }
        if (claim.proof() instanceof Proof.None) {
            claim = sinceABaseline(object);
        }
        boolean isNew = claim.proof() instanceof Proof.None
                && policy.since().map(snapshot -> snapshot.test(object)).orElse(false);
        return isNew ? new Claim("", Claim.State.DEAD, "", new Proof.New(), List.of(), 0) : claim;
    }

    /** Whether it says so much of the object that the user's word adds nothing. */
    private static boolean isProof(IpcObject object, Claim claim) {
        return claim.state() == Claim.State.LIVE
                || claim.proof() instanceof Proof.Recorded
                || (claim.proof() instanceof Proof.Observed observed
                        && observed.objection().isEmpty()
                        && !object.kind().isUnaccounted());
    }

    /** What was there before the build that ends was not made by it, whatever the user says of its like. */
    private Duration leastAge(IpcObject object) {
        boolean isOlder = Optional.ofNullable(sessions.get(policy.ending()))
                .flatMap(SessionProbe::ledger)
                .flatMap(LedgerContents::baseline)
                .map(before -> before.had(object))
                .orElse(false);
        return isOlder ? SweepPolicy.DEFAULT_MIN_AGE : Duration.ZERO;
    }

    /** That of a running session before all others; of those that are over, what a ledger names before what was seen. */
    private Claim bySession(IpcObject object) {
        List<Claim> all = all(object);
        Optional<Claim> best = all.stream()
                .filter(claim -> Verdicts.isMeant(object, claim.proof()))
                .min(Comparator.comparing((Claim claim) -> claim.state() != Claim.State.LIVE)
                        .thenComparing(claim -> !(claim.proof() instanceof Proof.Recorded)));
        if (best.isPresent()) {
            return best.get();
        }
        return all.isEmpty() && !object.kind().isSysv()
                ? byOwnName(object)
                : all.stream().findFirst().orElse(Claim.NONE);
    }

    private List<Claim> all(IpcObject object) {
        List<Claim> all = new ArrayList<>();
        if (object.identity() instanceof Identity.OfSysv sysv) {
            all.addAll(bySysvId.getOrDefault(new IdKey(object.kind(), sysv.id()), List.of()));
            Claim byKey = byKeyAndCreator.get(new CreationKey(object.kind(), sysv.key(), object.creatorPid()));
            if (byKey != null) {
                all.add(byKey);
            }
        } else if (object.identity() instanceof Identity.OfFile file) {
            all.addAll(byName.getOrDefault(NameKey.of(object.kind(), object.name()), List.of()));
            all.addAll(byInode.getOrDefault(FileKey.of(file), List.of()));
        }
        return all.stream().flatMap(claim -> weighed(object, claim).stream()).toList();
    }

    /** With what speaks against an observation; empty where it is refuted. */
    private Optional<Claim> weighed(IpcObject object, Claim claim) {
        if (!(claim.proof() instanceof Proof.Observed observed) || claim.state() == Claim.State.LIVE) {
            return Optional.of(claim);
        }
        Optional<Baseline> before = ledger(claim).flatMap(LedgerContents::baseline);
        if (before.map(b -> b.hadObject(object)).orElse(false)) {
            return Optional.empty(); // only its name is new
        }
        String objection = before.isEmpty() || !before.get().tells(object.kind())
                ? "what was there before is not known"
                : before.get().had(object)
                        ? "something else was there by its " + (object.kind().isSysv() ? "key" : "name")
                                + " when the session began"
                        : Optional.ofNullable(uses.get(new UseKey(
                                        claim.stem(),
                                        keyOf(
                                                object.kind(),
                                                observed.observation().identity()))))
                                .map(use ->
                                        process(use.pid(), use.command()) + " of another session or of none used it")
                                .orElse("");
        return Optional.of(
                objection.isEmpty() ? claim : claim.with(new Proof.Observed(observed.observation(), objection)));
    }

    /** As a reason names it. */
    static String process(int pid, String command) {
        return "process " + pid + (command.isEmpty() ? "" : " (" + command + ")");
    }

    private Optional<LedgerContents> ledger(Claim claim) {
        return Optional.ofNullable(sessions.get(claim.stem())).flatMap(SessionProbe::ledger);
    }

    /** "shmkit.session.fork.n" names its session even when no ledger that we may read does. */
    private Claim byOwnName(IpcObject object) {
        String name = object.name().text();
        if (object.kind() == IpcKind.MMAP_FILE) {
            name = name.substring(name.lastIndexOf('/') + 1);
        } else if (object.kind() == IpcKind.POSIX_SEM) {
            name = name.substring(Inventory.SEMAPHORE_PREFIX.length());
        }
        int end = name.lastIndexOf('.');
        if (!name.startsWith(OBJECT_PREFIX) || end <= OBJECT_PREFIX.length() + SessionId.LENGTH) {
            return Claim.NONE;
        }
        String stem = name.substring(OBJECT_PREFIX.length(), end);
        if (!SessionId.isValid(stem.substring(0, SessionId.LENGTH))) {
            return Claim.NONE;
        }
        SessionProbe session = sessions.get(stem);
        return session != null
                ? claim(session, object.kind(), new Proof.Name())
                : new Claim(stem, Claim.State.LOST, "", new Proof.Name(), List.of(), 0);
    }

    private Claim sinceABaseline(IpcObject object) {
        for (SessionProbe session : withBaseline) {
            Baseline before = session.ledger().flatMap(LedgerContents::baseline).orElseThrow();
            if (before.tells(object.kind()) && covers(before, object) && !before.had(object)) {
                LedgerContents.Observation holder = holders.get(keyOf(object.kind(), object.identity()));
                return claim(
                        session,
                        object.kind(),
                        new Proof.New(Optional.ofNullable(holder)
                                .filter(seen -> Verdicts.isMeant(object, new Proof.Observed(seen)))));
            }
        }
        return Claim.NONE;
    }

    /** Of a file in a directory that was not declared then it is not known whether it was there. */
    private boolean covers(Baseline before, IpcObject object) {
        return object.kind() != IpcKind.MMAP_FILE
                || policy.directories()
                        .patternOf(object.name())
                        .map(before::covers)
                        .orElse(true);
    }

    /**
     * Whether every object that matters can be found by what the ledgers say of it; if not, all that exists has to be
     * listed.
     */
    static boolean areEnough(Collection<SessionProbe> sessions, SweepPolicy policy) {
        return !policy.foreign()
                && policy.declared().isEmpty()
                && policy.since().isEmpty()
                && policy.directories().patterns().isEmpty()
                && sessions.stream()
                        .filter(Claims::isOver)
                        .flatMap(session -> session.ledger().stream())
                        .allMatch(ledger -> ledger.baseline().isEmpty()
                                && ledger.observations().isEmpty()
                                && ledger.objects().stream().allMatch(Claims::canBeLookedUp));
    }

    private static boolean canBeLookedUp(LedgerContents.Entry entry) {
        return switch (entry.kind()) {
            case POSIX_SHM, POSIX_SEM, MMAP_FILE -> true;
            case SYSV_SHM -> entry.identity().isPresent();
            case POSIX_MQ, SYSV_SEM, SYSV_MSG, MEMFD, DIRECTORY -> false;
        };
    }

    /** Shows the objects in the ledgers that exist, without listing any others; mapped files not among them. */
    void lookUp(Set<IpcKind> kinds, BiConsumer<IpcObject, Claim> found) {
        Stream.concat(byName.values().stream(), bySysvId.values().stream())
                .flatMap(List::stream)
                .filter(claim -> claim.state() != Claim.State.LIVE)
                .forEach(claim -> lookUp(claim, kinds).ifPresent(object -> found.accept(object, claim)));
    }

    private Optional<IpcObject> lookUp(Claim claim, Set<IpcKind> kinds) {
        SessionProbe session = sessions.get(claim.stem());
        if (!(claim.proof() instanceof Proof.Recorded recorded)
                || session == null
                || !kinds.contains(recorded.entry().kind())) {
            return Optional.empty();
        }
        LedgerContents.Entry entry = recorded.entry();
        return entry.identity().orElse(null) instanceof Identity.OfSysv sysv
                ? Inventory.sysvShm(sysv.id())
                : Inventory.file(entry.kind(), session.dir().shmFd(), entry.name());
    }

    /** The queues in the ledgers, as they were made: for when they cannot be listed, but could still be opened by name. */
    void queuesUnseen(BiConsumer<IpcObject, Claim> unseen) {
        for (Claim claim : byName.values().stream().flatMap(List::stream).toList()) {
            if (claim.proof() instanceof Proof.Recorded recorded
                    && recorded.entry().kind() == IpcKind.POSIX_MQ) {
                LedgerContents.Entry entry = recorded.entry();
                Identity made = entry.identity().orElse(new Identity.OfFile(0, 0, 0));
                unseen.accept(
                        new IpcObject(
                                IpcKind.POSIX_MQ,
                                RawName.of(entry.name().text().substring(1)),
                                made,
                                0,
                                Os.euid(),
                                0600,
                                0,
                                0,
                                0,
                                -1,
                                true),
                        claim);
            }
        }
    }

    /** The mapped files in our folders that no ledger names. */
    void orphanedFiles(BiConsumer<IpcObject, Claim> found) {
        Set<RawName> named = mappedFiles.stream()
                .map(claim -> ((Proof.Recorded) claim.proof()).entry().name())
                .collect(Collectors.toSet());
        for (RawName path : OrphanedFiles.list()) {
            if (!named.contains(path)) {
                Inventory.mappedFile(path).ifPresent(object -> found.accept(object, of(object)));
            }
        }
    }

    /** Files in directories that were declared in the session that made them, and are not now. */
    void observedFiles(BiConsumer<IpcObject, Claim> found, BiConsumer<Claim, OsException> onError) {
        Set<RawName> seen = new HashSet<>();
        for (List<Claim> claims : byInode.values()) {
            for (Claim claim : claims) {
                if (claim.proof() instanceof Proof.Observed observed
                        && observed.observation().kind() == IpcKind.MMAP_FILE
                        && claim.state() != Claim.State.LIVE
                        && !policy.directories().contain(observed.observation().name())
                        && seen.add(observed.observation().name())) {
                    try {
                        Inventory.mappedFile(observed.observation().name())
                                .ifPresent(object -> found.accept(object, of(object)));
                    } catch (OsException e) {
                        onError.accept(claim, e);
                    }
                }
            }
        }
    }

    /** The mapped files of all sessions, which no directory lists. */
    void mappedFiles(BiConsumer<IpcObject, Claim> found, BiConsumer<Claim, OsException> onError) {
        for (Claim claim : mappedFiles) {
            if (claim.proof() instanceof Proof.Recorded recorded) {
                try {
                    Inventory.mappedFile(recorded.entry().name()).ifPresent(object -> found.accept(object, claim));
                } catch (OsException e) {
                    onError.accept(claim, e);
                }
            }
        }
    }
}
