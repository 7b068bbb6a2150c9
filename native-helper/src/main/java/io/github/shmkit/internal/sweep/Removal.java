package io.github.shmkit.internal.sweep;

import io.github.shmkit.internal.guard.Actuator;
import io.github.shmkit.internal.ipc.IpcKind;
import io.github.shmkit.internal.os.Os;
import io.github.shmkit.internal.os.OsException;
import io.github.shmkit.internal.os.RawName;
import io.github.shmkit.internal.session.LedgerContents;
import io.github.shmkit.internal.session.PrivateDir;
import io.github.shmkit.internal.session.Quarantine;
import io.github.shmkit.internal.session.SessionProbe;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Has the actuator remove what a {@link Survey} says may go. */
public final class Removal implements AutoCloseable {
    /** Of our folders of mapped files; a folder of any other name is the user's. */
    private static final String FOLDER_PREFIX = "shmkit-";

    private final Survey survey;
    private final Map<PrivateDir, Actuator> actuators = new LinkedHashMap<>();
    private final Map<Integer, Actuator.Result> results = new HashMap<>();
    private @Nullable Quarantine quarantine;
    private int processes;

    private Removal(Survey survey) {
        this.survey = survey;
    }

    /** Looks once, and removes what may go. */
    public static SweepReport run(SweepPolicy policy) {
        try (Survey survey = Survey.forRemoval(policy);
                Removal removal = new Removal(survey)) {
            return removal.run();
        }
    }

    private SweepReport run() {
        endHelpers();
        survey.findCarriers();
        List<SweepReport.Finding> findings = survey.findings(removeWhatMayGo(), results);
        forgetFinished();
        return survey.report(findings, processes);
    }

    private void endHelpers() {
        Map<PrivateDir, List<String>> plans = new HashMap<>();
        for (SessionProbe session : survey.sessions()) {
            Survey.livingHelpers(session)
                    .forEach(process -> plans.computeIfAbsent(session.dir(), d -> new ArrayList<>())
                            .add(Steps.end(process)));
        }
        plans.forEach((dir, plan) -> Actuator.run(dir.path(), plan, (index, result) -> {
            if (result.outcome() == Actuator.Outcome.DELETED) {
                processes++;
            }
        }));
    }

    /**
     * Looks and has removed what may go. What a ledger names goes while we still look at the rest; as soon as anything
     * needs a second look, all waits for that.
     */
    private List<Candidate> removeWhatMayGo() {
        Map<PrivateDir, Set<RawName>> held = new HashMap<>();
        for (PrivateDir dir : survey.dirs()) {
            held.put(dir, Steps.held(dir));
            Steps.putBack(held.get(dir)).forEach(step -> actuator(dir).add(step));
        }
        List<Candidate> candidates;
        if (survey.ledgersAreEnough()) {
            int[] index = new int[1];
            candidates = survey.look(candidate -> remove(index[0]++, candidate));
        } else {
            candidates = survey.look(candidate -> {});
            if (candidates.stream().anyMatch(Candidate::needsSecondLook)) {
                candidates = survey.lookAgain(candidates);
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
        return actuators.computeIfAbsent(
                dir, d -> Actuator.start(d.path(), survey.policy().progress()::acted));
    }

    private void remove(int index, Candidate candidate) {
        if (candidate.isToDelete() && candidate.object().kind() != IpcKind.DIRECTORY) {
            survey.policy().progress().planned();
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
        for (SessionProbe session : survey.sessions()) {
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
                survey.isUnfinished(stem); // it was in use, and has its name again
            }
        });
    }

    private PrivateDir dirOf(Candidate candidate) {
        Optional<SessionProbe> session = survey.session(candidate.claim().stem());
        if (session.isPresent()) {
            return session.get().dir();
        }
        if (quarantine == null) {
            quarantine = Quarantine.open(); // for what only the user's word makes ours
        }
        return quarantine.dir();
    }

    /** A dead session of which nothing remains gives its own files back. */
    private void forgetFinished() {
        for (SessionProbe session : survey.sessions()) {
            if (survey.isFinished(session)) {
                try {
                    removeFolders(session);
                    session.removeFiles();
                } catch (OsException e) {
                    survey.note("cannot remove the files of session " + session.stem() + " in "
                            + session.dir().path() + ": " + e.getMessage());
                }
            }
        }
        survey.dirs().forEach(PrivateDir::removeIfEmpty);
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

    @Override
    public void close() {
        actuators.values().forEach(Actuator::close);
        if (quarantine != null) {
            quarantine.close();
        }
    }
}
