package io.github.shmkit.maven.internal;

import io.github.shmkit.internal.ipc.IpcObject;
import io.github.shmkit.internal.sweep.Sweep;
import io.github.shmkit.internal.sweep.SweepReport;
import io.github.shmkit.internal.sweep.SweepReport.Finding;
import io.github.shmkit.internal.sweep.Verdict.Decision;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** What a sweep saw, as a table. */
public final class Listing {
    private Listing() {}

    /** The goal {@code shm:list}. */
    public static void run(
            Selection selection, boolean foreign, boolean commandLines, ReportFiles files, Console console) {
        SweepReport report = Progress.of(
                console, () -> Sweep.run(selection.policy().withForeign(foreign).asDryRun()));
        if (files.formats().contains(Format.TEXT)) {
            of(report).forEach(console::info);
        }
        files.write(
                new LeakReport(
                        Instant.now().truncatedTo(ChronoUnit.SECONDS).toString(),
                        "",
                        report.findings().stream()
                                .map(finding -> Item.of(
                                        finding, finding.verdict().decision() == Decision.DELETE, commandLines, ""))
                                .toList(),
                        report.notes().stream().map(Printable::text).toList()),
                console);
    }

    /** Largest first, then what could not be looked at, and a summary. */
    public static List<String> of(SweepReport report) {
        List<String> lines = new ArrayList<>();
        if (!report.findings().isEmpty()) {
            lines.addAll(table(report.findings()));
        }
        report.notes().forEach(note -> lines.add("note: " + Printable.text(note)));
        lines.add(summary(report));
        return lines;
    }

    private static List<String> table(List<Finding> findings) {
        Table table = new Table("KIND", "SIZE", "ADDRESS", "SESSION", "VERDICT", "RULE", "REASON");
        findings.stream()
                .sorted(Comparator.comparing(
                                (Finding finding) -> finding.object().size())
                        .reversed()
                        .thenComparing(finding -> finding.object().kind())
                        .thenComparing(finding -> finding.object().name()))
                .forEach(finding -> table.add(
                        finding.object().kind().name(),
                        Size.of(finding.object()),
                        Printable.address(finding.object()),
                        Owner.of(finding).toString(),
                        finding.verdict().decision().name(),
                        finding.verdict().rule().name(),
                        Printable.text(finding.verdict().reason())));
        return table.lines();
    }

    private static String summary(SweepReport report) {
        if (report.findings().isEmpty()) {
            return "There is nothing.";
        }
        List<IpcObject> objects =
                report.findings().stream().map(Finding::object).toList();
        int removable = report.toDelete().size();
        return objects.size() + (objects.size() == 1 ? " object, " : " objects, ") + Size.sum(objects) + "; "
                + (removable == 0 ? "none" : removable) + " would be removed by shm:clean";
    }
}
