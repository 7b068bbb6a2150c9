package io.github.shmkit.internal.sweep;

import io.github.shmkit.internal.guard.Actuator;
import io.github.shmkit.internal.ipc.Identity;
import io.github.shmkit.internal.ipc.Inventory;
import io.github.shmkit.internal.ipc.IpcKind;
import io.github.shmkit.internal.ipc.IpcObject;
import io.github.shmkit.internal.os.Os;
import io.github.shmkit.internal.os.ProcFs;
import io.github.shmkit.internal.os.RawName;
import io.github.shmkit.internal.session.LedgerContents;
import io.github.shmkit.internal.session.PrivateDir;
import io.github.shmkit.internal.session.SessionId;
import io.github.shmkit.internal.session.SessionProbe;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;

/** Looks at everything, judges it, and has the actuator remove what may go. */
public final class Sweep implements AutoCloseable {
    private static final String OBJECT_PREFIX = "shmkit.";

    private final SweepPolicy policy;
    private final List<PrivateDir> dirs = new ArrayList<>();
    private final Map<String, SessionProbe> sessions = new LinkedHashMap<>();
    private final List<String> notes = new ArrayList<>();
    private int processes;

    private Sweep(SweepPolicy policy) {
        this.policy = policy;
    }

    /**
     * Whether there is anything at all that a session may have left; plain Java, so that a build with nothing to do does
     * not load JNA.
     *
     * @param except the caller's own session, whose build lock does not count; empty for none
     */
    public static boolean hasTraces(String except) {
        try (DirectoryStream<Path> dirs = Files.newDirectoryStream(Path.of(PrivateDir.SHM), ".shmkit-*")) {
            for (Path dir : dirs) {
                try (DirectoryStream<Path> entries = Files.newDirectoryStream(dir)) {
                    for (Path entry : entries) {
                        String name = entry.getFileName().toString();
                        if (except.isEmpty() || !(name.equals(except + ".lock") || name.equals(except + ".jrnl"))) {
                            return true;
                        }
                    }
                } catch (AccessDeniedException | NoSuchFileException e) {
                    // Another user's, or just gone with its last session.
                }
            }
            return false;
        } catch (IOException | DirectoryIteratorException e) {
            return true; // somebody who can say what is wrong has to look
        }
    }

    /** Sweeps once. */
    public static SweepReport run(SweepPolicy policy) {
        try (Sweep sweep = new Sweep(policy)) {
            return sweep.run();
        }
    }

    private SweepReport run() {
        dirs.addAll(PrivateDir.openAll());
        for (PrivateDir dir : dirs) {
            for (String stem : dir.stems()) {
                sessions.put(stem, SessionProbe.of(dir, stem));
            }
        }
        if (!policy.dryRun()) {
            endHelpers();
        }
        Map<String, List<Long>> carriers =
                sessions.values().stream().anyMatch(Sweep::hasObjects) ? Carriers.find() : Map.of();
        List<Candidate> candidates = candidates(carriers);
        List<SweepReport.Finding> findings = act(candidates);
        if (!policy.dryRun()) {
            forgetFinished(candidates, findings);
        }
        for (SessionProbe session : sessions.values()) {
            if (!session.trouble().isEmpty()) {
                notes.add("the ledger of session " + session.stem() + " in "
                        + session.dir().path() + " is void: " + session.trouble()
                        + "; nothing that only it knows of was touched");
            }
        }
        return new SweepReport(List.copyOf(findings), processes, List.copyOf(notes));
    }

    private static boolean hasObjects(SessionProbe session) {
        return session.ledger().map(l -> !l.objects().isEmpty()).orElse(false);
    }

    // --- helpers that outlived their session ---

    private void endHelpers() {
        long pidNamespace = ProcFs.namespace("pid");
        Map<PrivateDir, List<String>> plans = new HashMap<>();
        for (SessionProbe session : sessions.values()) {
            if (!session.trouble().isEmpty()) {
                continue;
            }
            for (LedgerContents.ProcessEntry process :
                    session.ledger().map(LedgerContents::processes).orElse(List.of())) {
                // A pid of another namespace means somebody else here.
                if (process.pidNamespace() == pidNamespace
                        && ProcFs.startTime(process.pid()).equals(OptionalLong.of(process.startTime()))) {
                    plans.computeIfAbsent(session.dir(), d -> new ArrayList<>())
                            .add("P 0 " + process.pid() + " " + process.startTime());
                }
            }
        }
        plans.forEach((dir, plan) -> Actuator.run(dir.path(), plan, (index, result) -> {
            if (result.outcome() == Actuator.Outcome.DELETED) {
                processes++;
            }
        }));
    }

    // --- what there is, and whose ---

    /** An object with what the sessions say of it; the probe is empty when none claims it. */
    private record Candidate(IpcObject object, Claim claim, Optional<SessionProbe> session, Verdict verdict) {}

    private List<Candidate> candidates(Map<String, List<Long>> carriers) {
        Inventory inventory = Inventory.scan(policy.kinds());
        notes.addAll(inventory.gaps());
        long euid = Os.euid();
        Claims claims = new Claims(carriers);
        List<Candidate> candidates = new ArrayList<>();
        for (IpcObject object : inventory.objects()) {
            Claim claim = claims.of(object);
            if (!claim.stem().isEmpty() || policy.foreign()) {
                candidates.add(new Candidate(
                        object,
                        claim,
                        Optional.ofNullable(sessions.get(claim.stem())),
                        Verdicts.judge(object, claim, euid)));
            }
        }
        if (policy.kinds().contains(IpcKind.MMAP_FILE)) {
            claims.mappedFiles()
                    .forEach((object, claim) -> candidates.add(new Candidate(
                            object,
                            claim,
                            Optional.ofNullable(sessions.get(claim.stem())),
                            Verdicts.judge(object, claim, euid))));
        }
        return candidates;
    }

    /** Finds the session that made an object. */
    private final class Claims {
        private final Map<String, List<Long>> carriers;
        private final Map<String, Claim> byName = new HashMap<>();
        private final Map<String, Claim> bySysv = new HashMap<>();
        private final Map<String, Claim> byKeyAndCreator = new HashMap<>();
        private final List<Claim> files = new ArrayList<>();

        Claims(Map<String, List<Long>> carriers) {
            this.carriers = carriers;
            sessions.values()
                    .forEach(session -> session.ledger()
                            .ifPresent(ledger -> ledger.objects()
                                    .forEach(entry -> index(entry, ledger, claim(session, Optional.of(entry))))));
        }

        private void index(LedgerContents.Entry entry, LedgerContents ledger, Claim claim) {
            if (entry.kind() == IpcKind.MMAP_FILE) {
                files.add(claim);
            } else if (!entry.kind().isSysv()) {
                byName.put(entry.kind() + entry.name().base64(), claim);
            } else if (entry.identity().orElse(null) instanceof Identity.OfSysv sysv) {
                bySysv.put(entry.kind() + " " + sysv.id(), claim);
            } else {
                byKeyAndCreator.put(
                        entry.kind() + " " + entry.key() + " " + ledger.header().pid(), claim);
            }
        }

        private Claim claim(SessionProbe session, Optional<LedgerContents.Entry> entry) {
            Claim.State state = switch (session.state()) {
                case DEAD -> Claim.State.DEAD;
                case LOST -> Claim.State.LOST;
                case LIVE, BEING_CLEANED -> Claim.State.LIVE;
            };
            String token = session.stem().substring(0, SessionId.LENGTH);
            return new Claim(
                    session.stem(),
                    state,
                    session.trouble(),
                    entry,
                    policy.dryRun() ? List.of() : carriers.getOrDefault(token, List.of()));
        }

        Claim of(IpcObject object) {
            if (object.identity() instanceof Identity.OfSysv sysv) {
                Claim byId = bySysv.get(object.kind() + " " + sysv.id());
                return byId != null
                        ? byId
                        : byKeyAndCreator.getOrDefault(
                                object.kind() + " " + sysv.key() + " " + object.creatorPid(), Claim.NONE);
            }
            Claim claim = byName.get(object.kind() + object.name().base64());
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
                    ? claim(session, Optional.empty())
                    : new Claim(stem, Claim.State.LOST, "", Optional.empty(), List.of());
        }

        Map<IpcObject, Claim> mappedFiles() {
            Map<IpcObject, Claim> found = new LinkedHashMap<>();
            for (Claim claim : files) {
                claim.entry()
                        .flatMap(entry -> Inventory.mappedFile(entry.name()))
                        .ifPresent(object -> found.put(object, claim));
            }
            return found;
        }
    }

    // --- acting ---

    private List<SweepReport.Finding> act(List<Candidate> candidates) {
        Map<Integer, Actuator.Result> results = new HashMap<>();
        if (!policy.dryRun()) {
            Map<PrivateDir, List<String>> plans = new HashMap<>();
            for (int i = 0; i < candidates.size(); i++) {
                Candidate c = candidates.get(i);
                if (c.verdict().decision() == Verdict.Decision.DELETE
                        && c.session().isPresent()) {
                    plans.computeIfAbsent(c.session().get().dir(), d -> new ArrayList<>())
                            .add(step(i, c.object(), quarantine(c.claim())));
                }
            }
            for (SessionProbe session : sessions.values()) {
                plans.computeIfAbsent(session.dir(), d -> new ArrayList<>()).addAll(recovery(session));
            }
            plans.forEach((dir, plan) -> Actuator.run(dir.path(), plan, results::put));
        }
        List<SweepReport.Finding> findings = new ArrayList<>();
        for (int i = 0; i < candidates.size(); i++) {
            Candidate c = candidates.get(i);
            findings.add(new SweepReport.Finding(c.object(), c.verdict(), Optional.ofNullable(results.get(i))));
        }
        return findings;
    }

    private static String quarantine(Claim claim) {
        return "q." + claim.stem() + "."
                + claim.entry().map(LedgerContents.Entry::seq).orElse(0L);
    }

    /** One line of a plan; act.c describes them. */
    private static String step(int index, IpcObject object, String quarantine) {
        String hold = " " + RawName.of(quarantine).base64() + " 0";
        if (object.identity() instanceof Identity.OfSysv s) {
            long creator = object.kind() == IpcKind.SYSV_SHM ? object.creatorPid() : 0;
            return "V " + index + " " + object.kind() + " " + s.id() + " "
                    + HexFormat.of().toHexDigits(s.key()) + " " + s.creatorUid() + " " + s.ctimeSeconds() + " "
                    + object.size() + " " + creator;
        }
        Identity.OfFile f = (Identity.OfFile) object.identity();
        String identity =
                " " + Long.toUnsignedString(f.device()) + " " + Long.toUnsignedString(f.inode()) + " " + f.btimeNanos();
        return switch (object.kind()) {
            case POSIX_MQ ->
                "Q " + index + " " + RawName.of("/" + object.name()).base64() + identity;
            case MMAP_FILE -> "F " + index + " " + fields(object.name()) + identity + hold;
            default -> "S " + index + " " + object.name().base64() + identity + hold;
        };
    }

    /** Directory and name, as two fields. */
    private static String fields(RawName path) {
        RawName[] parts = path.split();
        return parts[0].base64() + " " + parts[1].base64();
    }

    /** What a cleaner that was killed between its rename and its unlink left in quarantine. */
    private List<String> recovery(SessionProbe session) {
        List<String> steps = new ArrayList<>();
        if (!session.trouble().isEmpty() || session.state() != SessionProbe.State.DEAD) {
            return steps;
        }
        for (LedgerContents.Entry entry :
                session.ledger().map(LedgerContents::objects).orElse(List.of())) {
            String quarantine = "q." + session.stem() + "." + entry.seq();
            String identity = " 0 0 0 " + RawName.of(quarantine).base64() + " 0";
            if (entry.kind() == IpcKind.MMAP_FILE) {
                if (Inventory.mappedFile(entry.name().sibling(quarantine)).isPresent()) {
                    steps.add("F -1 " + fields(entry.name()) + identity);
                }
            } else if (!entry.kind().isSysv()
                    && Os.lstatat(session.dir().fd(), RawName.of(quarantine).bytes())
                            .isPresent()) {
                steps.add("S -1 " + entry.name().base64() + identity);
            }
        }
        return steps;
    }

    /** A dead session of which nothing remains gives its own files back. */
    private void forgetFinished(List<Candidate> candidates, List<SweepReport.Finding> findings) {
        Set<String> unfinished = new HashSet<>();
        for (int i = 0; i < candidates.size(); i++) {
            if (!findings.get(i).isRemoved()) {
                unfinished.add(candidates.get(i).claim().stem());
            }
        }
        for (SessionProbe session : sessions.values()) {
            boolean allLookedAt = session.ledger().map(LedgerContents::objects).orElse(List.of()).stream()
                    .allMatch(entry -> policy.kinds().contains(entry.kind()));
            if (session.state() == SessionProbe.State.DEAD
                    && session.trouble().isEmpty()
                    && allLookedAt
                    && !unfinished.contains(session.stem())) {
                removeFolders(session);
                session.removeFiles();
            }
        }
        dirs.forEach(PrivateDir::removeIfEmpty);
    }

    private static void removeFolders(SessionProbe session) {
        session.ledger().map(LedgerContents::objects).orElse(List.of()).stream()
                .filter(entry -> entry.kind() == IpcKind.MMAP_FILE)
                .map(entry -> entry.name().split()[0].text())
                .distinct()
                .forEach(Os::rmdirIfEmpty);
    }

    @Override
    public void close() {
        sessions.values().forEach(SessionProbe::close);
        dirs.forEach(PrivateDir::close);
    }
}
