package io.github.shmkit.maven.internal;

import io.github.shmkit.internal.guard.Actuator.Outcome;
import io.github.shmkit.internal.sweep.Sweep;
import io.github.shmkit.internal.sweep.SweepReport;
import io.github.shmkit.internal.sweep.SweepReport.Finding;
import io.github.shmkit.internal.sweep.Verdict.Decision;
import java.util.List;

/** The goal {@code shm:clean}. */
public final class Clean {
    private Clean() {}

    /**
     * Removes what dead sessions left, or says what it would remove.
     *
     * @return what failed, one line each; being in use is no failure
     */
    public static List<String> run(Selection selection, boolean dryRun, Console console) {
        SweepReport report =
                Progress.of(console, () -> Sweep.run(selection.policy().withDryRun(dryRun)));
        report.notes().forEach(note -> console.warn(Printable.text(note)));
        if (dryRun) {
            report.toDelete().forEach(f -> console.info("would remove " + describe(f)));
        } else {
            report.removed().forEach(f -> console.info("removed " + describe(f)));
        }
        if (report.processes() > 0) {
            console.info(
                    "ended " + Summary.count(report.processes(), "process", "processes") + " that dead test JVMs left");
        }
        report.findings().stream()
                .filter(f ->
                        f.verdict().decision() != Decision.DELETE && f.verdict().decision() != Decision.LIVE)
                .forEach(f -> console.warn("kept " + describe(f)));
        int count = dryRun ? report.toDelete().size() : report.removed().size();
        long live = report.findings().stream()
                .filter(f -> f.verdict().decision() == Decision.LIVE)
                .count();
        console.info(Summary.count(count, "object", "objects")
                + (dryRun ? " would be removed" : " removed")
                + (live == 0 ? "" : ", " + live + " in use or of living sessions left alone"));
        if (!report.findings().stream().allMatch(Clean::isDone)) {
            return Summary.kept(report);
        }
        Summary.kept(report).forEach(console::info);
        return List.of();
    }

    private static boolean isDone(Finding finding) {
        return finding.result()
                .map(r -> r.outcome().isGone() || r.outcome() == Outcome.BUSY || r.outcome() == Outcome.CHANGED)
                .orElse(true);
    }

    private static String describe(Finding finding) {
        return finding.object().kind() + " " + Printable.address(finding.object()) + " (" + Size.of(finding.object())
                + "): " + Printable.text(finding.verdict().reason());
    }
}
