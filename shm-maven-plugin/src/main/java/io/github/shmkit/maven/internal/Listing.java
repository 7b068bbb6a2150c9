package io.github.shmkit.maven.internal;

import io.github.shmkit.ShmException;
import io.github.shmkit.internal.ipc.IpcObject;
import io.github.shmkit.internal.sweep.Survey;
import io.github.shmkit.internal.sweep.SweepReport;
import io.github.shmkit.internal.sweep.SweepReport.Finding;
import io.github.shmkit.internal.sweep.Verdict.Decision;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** What a sweep saw, as a table. */
public final class Listing {
    /** The column of that head. */
    private static final int VERDICT = 4;

    private Listing() {}

    /** The goal {@code shm:list}. */
    public static void run(
            Selection selection,
            boolean foreign,
            Order order,
            boolean commandLines,
            ReportFiles files,
            Console console) {
        SweepReport report = Progress.of(
                console,
                progress ->
                        Survey.report(selection.policy().withForeign(foreign).withProgress(progress)));
        if (files.formats().contains(Format.TEXT)) {
            boolean coloured = console.terminal().map(Terminal::coloured).orElse(false);
            of(report, order, coloured).forEach(console::info);
            Unlisted.all(foreign).forEach(console::info);
            next(report, foreign).forEach(console::info);
            creators().ifPresent(console::info);
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

    private static Optional<String> creators() {
        try {
            return Optional.of("Creators: " + Attribution.here().summary() + "; shm:doctor shows more.");
        } catch (ShmException e) {
            return Optional.empty(); // a list is complete without it
        }
    }

    /** A table, then what could not be looked at, and a summary. */
    static List<String> of(SweepReport report, Order order, boolean coloured) {
        List<String> lines = new ArrayList<>();
        if (!report.findings().isEmpty()) {
            lines.addAll(table(report.findings(), order, coloured));
        }
        report.notes().forEach(note -> lines.add("note: " + Printable.text(note)));
        lines.add(summary(report));
        return lines;
    }

    /** What the user may do about it. */
    static List<String> next(SweepReport report, boolean foreign) {
        List<String> lines = new ArrayList<>();
        if (!report.toDelete().isEmpty()) {
            lines.add("Next: 'mvn shm:clean' removes them, and with -Dshm.dryRun only says so.");
        }
        if (report.findings().stream().anyMatch(f -> f.verdict().decision() == Decision.SUSPECT)) {
            lines.add("SUSPECT is never removed; if it is yours, -Dshm.claim=<name> lets shm:clean do it.");
        }
        if (!foreign) {
            lines.add("Objects not related to shmkit are hidden; use -Dshm.all to list them.");
        }
        return lines;
    }

    private static List<String> table(List<Finding> findings, Order order, boolean coloured) {
        Remedies remedies = ofDeletable(findings);
        Table table = new Table("KIND", "SIZE", "ADDRESS", "SESSION", "VERDICT", "RULE", "REASON");
        findings.stream()
                .sorted(order.comparator())
                .forEach(finding -> table.add(
                        finding.object().kind().name(),
                        Size.of(finding.object()),
                        Printable.address(finding.object()),
                        Owner.of(finding).toString(),
                        finding.verdict().decision().name(),
                        finding.verdict().rule().name(),
                        Printable.text(finding.verdict().reason())
                                + (remedies.user(finding).isEmpty()
                                        ? ""
                                        : "; " + remedies.user(finding) + ", so that it stays")));
        return coloured ? table.lines(VERDICT, Listing::colour) : table.lines();
    }

    private static Remedies ofDeletable(List<Finding> findings) {
        return Remedies.of(findings.stream()
                .filter(finding -> finding.verdict().decision() == Decision.DELETE)
                .toList());
    }

    private static String colour(String verdict) {
        return switch (verdict) {
            case "DELETE" -> "31";
            case "LIVE" -> "32";
            case "SUSPECT", "UNKNOWN" -> "33";
            default -> "2";
        };
    }

    private static String summary(SweepReport report) {
        if (report.findings().isEmpty()) {
            return "No objects.";
        }
        List<IpcObject> objects =
                report.findings().stream().map(Finding::object).toList();
        Remedies remedies = ofDeletable(report.findings());
        long removable = report.toDelete().stream()
                .filter(finding -> remedies.user(finding).isEmpty())
                .count();
        return objects.size() + (objects.size() == 1 ? " object, " : " objects, ") + Size.sum(objects) + "; "
                + (removable == 0 ? "none" : removable) + " would be removed by shm:clean";
    }
}
