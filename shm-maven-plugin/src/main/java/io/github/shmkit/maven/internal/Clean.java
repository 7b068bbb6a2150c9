package io.github.shmkit.maven.internal;

import io.github.shmkit.internal.guard.Actuator.Outcome;
import io.github.shmkit.internal.sweep.Removal;
import io.github.shmkit.internal.sweep.Survey;
import io.github.shmkit.internal.sweep.SweepPolicy;
import io.github.shmkit.internal.sweep.SweepReport;
import io.github.shmkit.internal.sweep.SweepReport.Finding;
import io.github.shmkit.internal.sweep.Verdict.Decision;
import io.github.shmkit.internal.sweep.Verdict.Rule;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/** The goal {@code shm:clean}. */
public final class Clean {
    private Clean() {}

    /**
     * Removes what dead sessions left, or says what it would remove.
     *
     * @param removedBefore so many this build has removed before the goal
     * @param baselineFile of {@code snapshot}, and then only what is new since; empty for none
     * @return what failed, one line each; being in use is no failure
     * @throws BadInputException if the baseline cannot be used
     */
    public static List<String> run(
            Selection selection, Optional<Path> baselineFile, boolean dryRun, int removedBefore, Console console)
            throws BadInputException {
        SweepPolicy policy = baselineFile.isPresent()
                ? selection.policySince(BaselineFile.read(baselineFile.get()))
                : selection.policy();
        Function<SweepPolicy, SweepReport> sweep = dryRun ? Survey::report : Removal::run;
        SweepReport report = Progress.of(console, progress -> sweep.apply(policy.withProgress(progress)));
        report.notes().forEach(note -> console.warn(Printable.text(note)));
        Remedies remedies = Remedies.of(
                report.findings().stream().filter(f -> !f.isRemoved()).toList());
        if (dryRun) {
            report.toDelete()
                    .forEach(f -> console.info((remedies.user(f).isEmpty() ? "would remove " : "would keep ")
                            + describe(f)
                            + (remedies.user(f).isEmpty() ? "" : "; it is " + remedies.user(f))));
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
                .forEach(f -> console.warn("kept " + describe(f) + "; remedy: " + remedies.action(f)));
        report.findings().stream()
                .filter(f -> f.verdict().decision() == Decision.LIVE)
                .filter(f ->
                        f.verdict().rule() == Rule.R6_NO_CARRIER || f.verdict().rule() == Rule.R7_UNUSED)
                .forEach(f -> console.info("in use: " + describe(f) + "; remedy: " + remedies.action(f)));
        if (report.findings().stream().anyMatch(f -> f.verdict().rule() == Rule.R4_EXCLUSIVE)) {
            console.info("if nobody else makes IPC objects on this host, -Dshm.exclusive removes what is new too;"
                    + " -Dshm.claim=<name> removes what you say is yours");
        }
        long count = dryRun
                ? report.toDelete().stream()
                        .filter(f -> remedies.user(f).isEmpty())
                        .count()
                : report.removed().size();
        long live = report.findings().stream()
                .filter(f -> f.verdict().decision() == Decision.LIVE)
                .count();
        console.info(Summary.count(count, "object", "objects")
                + (dryRun ? " would be removed" : " removed")
                + (removedBefore == 0 ? "" : ", beside " + removedBefore + " at the start of this build")
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
