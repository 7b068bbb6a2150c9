package io.github.shmkit.internal.sweep;

import io.github.shmkit.internal.ipc.Identity;
import io.github.shmkit.internal.ipc.Inventory;
import io.github.shmkit.internal.ipc.IpcKind;
import io.github.shmkit.internal.ipc.IpcObject;
import io.github.shmkit.internal.os.Os;
import io.github.shmkit.internal.os.OsException;
import io.github.shmkit.internal.os.RawName;
import io.github.shmkit.internal.session.LedgerContents;
import io.github.shmkit.internal.session.SessionId;
import io.github.shmkit.internal.session.SessionProbe;
import io.github.shmkit.internal.sweep.Claim.Proof;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.function.Predicate;

/** Finds what connects an object with a session. */
final class Claims {
    private static final String OBJECT_PREFIX = "shmkit.";

    private final Map<String, SessionProbe> sessions;
    private final Carriers carriers;
    private final List<Declared> declared;
    private final Optional<Predicate<IpcObject>> since;
    private final Map<NameKey, Claim> byName = new HashMap<>();
    private final Map<IdKey, Claim> bySysvId = new HashMap<>();
    private final Map<CreationKey, Claim> byKeyAndCreator = new HashMap<>();
    private final List<Claim> mappedFiles = new ArrayList<>();
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

    private record IdKey(IpcKind kind, int id) {}

    private record CreationKey(IpcKind kind, int key, long creator) {}

    /** Reads the ledgers of all sessions that were looked at, by stem. */
    Claims(Map<String, SessionProbe> sessions, Carriers carriers, SweepPolicy policy) {
        this.sessions = sessions;
        this.carriers = carriers;
        this.declared = policy.declared();
        this.since = policy.since();
        Collection<SessionProbe> all = sessions.values();
        // First what was seen, so that what a ledger says of its own creations takes its place.
        all.forEach(session -> session.ledger().ifPresent(ledger -> indexObservations(ledger, session)));
        all.forEach(session -> session.ledger().ifPresent(ledger -> indexObjects(ledger, session)));
    }

    private void indexObservations(LedgerContents ledger, SessionProbe session) {
        Claim any = claim(session, new Proof.None());
        for (LedgerContents.Observation seen : ledger.observations()) {
            if (seen.proof() == LedgerContents.Maker.HOLDER) {
                continue; // who has it open need not have made it
            }
            Claim claim = any.with(new Proof.Observed(seen));
            if (seen.identity() instanceof Identity.OfSysv sysv) {
                bySysvId.put(new IdKey(seen.kind(), sysv.id()), claim);
            } else {
                byName.put(NameKey.of(seen.kind(), seen.name()), claim);
            }
        }
        if (ledger.baseline().isPresent()) {
            withBaseline.add(session);
        }
    }

    private void indexObjects(LedgerContents ledger, SessionProbe session) {
        Claim any = claim(session, new Proof.None());
        for (LedgerContents.Entry entry : ledger.objects()) {
            Claim claim = any.with(new Proof.Recorded(entry));
            if (entry.kind() == IpcKind.MMAP_FILE) {
                mappedFiles.add(claim);
            } else if (!entry.kind().isSysv()) {
                byName.put(NameKey.of(entry.kind(), entry.name()), claim);
            } else if (entry.identity().orElse(null) instanceof Identity.OfSysv sysv) {
                bySysvId.put(new IdKey(entry.kind(), sysv.id()), claim);
            } else {
                long creator =
                        entry.kind().isUnaccounted() ? 0 : ledger.header().pid();
                byKeyAndCreator.put(new CreationKey(entry.kind(), entry.key(), creator), claim);
            }
        }
    }

    private Claim claim(SessionProbe session, Proof proof) {
        Claim.State state = switch (session.state()) {
            case DEAD, ENDING -> Claim.State.DEAD;
            case LOST -> Claim.State.LOST;
            case LIVE, BEING_CLEANED -> Claim.State.LIVE;
        };
        String token = session.stem().substring(0, SessionId.LENGTH);
        long began = session.ledger().map(ledger -> ledger.header().startTime()).orElse(0L);
        return new Claim(
                session.stem(), state, session.trouble(), proof, carriers.of(token), carriers.unreadableSince(began));
    }

    /** The strongest claim to an object that the inventory found. */
    Claim of(IpcObject object) {
        Claim claim = bySession(object);
        if (claim.proof() instanceof Proof.None || claim.proof() instanceof Proof.Name) {
            for (Declared pattern : declared) {
                if (pattern.matches(object)) {
                    return new Claim("", Claim.State.DEAD, "", new Proof.ByUser(pattern), List.of(), 0);
                }
            }
        }
        if (claim.proof() instanceof Proof.None) {
            claim = sinceABaseline(object);
        }
        boolean isNew = claim.proof() instanceof Proof.None
                && since.map(snapshot -> snapshot.test(object)).orElse(false);
        return isNew ? new Claim("", Claim.State.DEAD, "", new Proof.New(), List.of(), 0) : claim;
    }

    private Claim bySession(IpcObject object) {
        if (object.identity() instanceof Identity.OfSysv sysv) {
            Claim byId = bySysvId.get(new IdKey(object.kind(), sysv.id()));
            return byId != null
                    ? byId
                    : byKeyAndCreator.getOrDefault(
                            new CreationKey(object.kind(), sysv.key(), object.creatorPid()), Claim.NONE);
        }
        Claim claim = byName.get(NameKey.of(object.kind(), object.name()));
        return claim != null ? claim : byOwnName(object.name().text());
    }

    /** "shmkit.session.fork.n" names its session even when no ledger that we may read does. */
    private Claim byOwnName(String name) {
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
                ? claim(session, new Proof.Name())
                : new Claim(stem, Claim.State.LOST, "", new Proof.Name(), List.of(), 0);
    }

    private Claim sinceABaseline(IpcObject object) {
        LedgerContents.Baseline wanted = new LedgerContents.Baseline(object.kind(), object.identity());
        for (SessionProbe session : withBaseline) {
            boolean wasThere = session.ledger()
                    .flatMap(LedgerContents::baseline)
                    .map(before -> before.contains(wanted))
                    .orElse(true);
            if (!wasThere) {
                return claim(session, new Proof.New());
            }
        }
        return Claim.NONE;
    }

    /**
     * Whether every object that matters can be found by what the ledgers say of it; if not, all that exists has to be
     * listed.
     */
    static boolean areEnough(Collection<SessionProbe> sessions, SweepPolicy policy) {
        return !policy.foreign()
                && policy.declared().isEmpty()
                && policy.since().isEmpty()
                && sessions.stream()
                        .flatMap(session -> session.ledger().stream())
                        .allMatch(ledger -> ledger.baseline().isEmpty()
                                && ledger.observations().isEmpty()
                                && ledger.objects().stream().allMatch(Claims::canBeLookedUp));
    }

    private static boolean canBeLookedUp(LedgerContents.Entry entry) {
        return switch (entry.kind()) {
            case POSIX_SHM, POSIX_SEM, MMAP_FILE -> true;
            case SYSV_SHM -> entry.identity().isPresent();
            case POSIX_MQ, SYSV_SEM, SYSV_MSG, MEMFD -> false;
        };
    }

    /** Shows the objects in the ledgers that exist, without listing any others; mapped files not among them. */
    void lookUp(Set<IpcKind> kinds, BiConsumer<IpcObject, Claim> found) {
        byName.values().forEach(claim -> lookUp(claim, kinds).ifPresent(object -> found.accept(object, claim)));
        bySysvId.values().forEach(claim -> lookUp(claim, kinds).ifPresent(object -> found.accept(object, claim)));
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
        for (Claim claim : byName.values()) {
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
