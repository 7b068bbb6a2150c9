package io.github.shmkit.rules;

import io.github.shmkit.rules.Outcome.Verdict;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.engine.reporting.ReportEntry;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestIdentifier;
import org.junit.platform.launcher.TestPlan;

/** Collects what the rules of a run have reported, and writes the page when it ends, whatever came of them. */
public final class RulesListener implements TestExecutionListener {
    private final Map<String, Map<String, String>> reported = new ConcurrentHashMap<>();
    private final Map<String, Outcome> outcomes = new ConcurrentHashMap<>();

    /** The service loader makes one. */
    public RulesListener() {}

    @Override
    public void reportingEntryPublished(TestIdentifier test, ReportEntry entry) {
        if (entry.getKeyValuePairs().containsKey(RuleExtension.ID)) {
            reported.put(test.getUniqueId(), entry.getKeyValuePairs());
        }
    }

    @Override
    public void executionFinished(TestIdentifier test, TestExecutionResult result) {
        Map<String, String> entry = reported.get(test.getUniqueId());
        if (entry == null) {
            return;
        }
        Verdict verdict = switch (result.getStatus()) {
            case SUCCESSFUL -> Verdict.PASSED;
            case ABORTED -> Verdict.SKIPPED;
            case FAILED -> Verdict.FAILED;
        };
        Outcome outcome = new Outcome(
                entry.getOrDefault(RuleExtension.ID, ""),
                entry.getOrDefault(RuleExtension.SAYS, ""),
                entry.getOrDefault(RuleExtension.CLAIMED, ""),
                entry.getOrDefault(RuleExtension.SEEN, "").lines().toList(),
                verdict,
                reason(result.getThrowable()));
        outcomes.put(outcome.id(), outcome);
    }

    private static String reason(Optional<Throwable> thrown) {
        String message = thrown.map(Throwable::getMessage).orElse("");
        return message.replaceFirst("^Assumption failed: ", "");
    }

    /** So that no page is taken for one of this run. */
    @Override
    public void testPlanExecutionStarted(TestPlan plan) {
        folder().ifPresent(RulesPage::delete);
    }

    @Override
    public void testPlanExecutionFinished(TestPlan plan) {
        if (!outcomes.isEmpty()) {
            folder().ifPresent(folder -> new RulesPage(Machine.find(), inOrder()).write(folder));
        }
    }

    /** Empty in an IDE, and for the look at the page. */
    private static Optional<Path> folder() {
        return Optional.ofNullable(System.getProperty("rules.folder")).map(Path::of);
    }

    private List<Outcome> inOrder() {
        return Catalogue.ids().stream()
                .flatMap(id -> Optional.ofNullable(outcomes.get(id)).stream())
                .toList();
    }
}
