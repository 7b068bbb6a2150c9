package io.github.shmkit.maven.internal;

import io.github.shmkit.internal.session.LedgerContents;
import io.github.shmkit.internal.sweep.Survey;
import io.github.shmkit.internal.sweep.SweepPolicy;
import io.github.shmkit.internal.sweep.SweepReport;
import io.github.shmkit.internal.sweep.SweepReport.Finding;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/** The goal {@code shm:check}: looks for what a build left, and removes nothing. */
public final class Check {
    /** What the user ran into if there is a leak. */
    static final String REMEDY = "Run 'mvn shm:clean'";

    private static final long PAUSE_MILLIS = 100;
    /** Each of many objects that are alike, so that a few thousand are named. */
    private static final int LINES_MAX = 200;

    private Check() {}

    /**
     * How it has to be done.
     *
     * @param session of this build; empty for none
     * @param baselineFile of {@code snapshot}; empty for none
     * @param settle how long what is about to go may take
     * @param maxLeaks so many are accepted
     * @param commandLines whether reports have them
     * @param during tells what the build did when an object was made
     * @param isolated reports on what was left in namespaces that are gone
     * @param attribution how well creators are known; empty for unknown
     */
    public record Request(
            Selection selection,
            String session,
            Optional<java.nio.file.Path> baselineFile,
            Duration settle,
            int maxLeaks,
            boolean commandLines,
            Function<Finding, String> during,
            List<byte[]> isolated,
            ReportFiles files,
            String attribution) {}

    /**
     * Looks, tells and writes.
     *
     * @return why the build fails, in one line; empty if it does not
     * @throws BadInputException if the baseline cannot be used
     */
    public static Optional<String> run(Request request, Console console) throws BadInputException {
        Optional<BaselineFile> baseline = Optional.empty();
        if (request.baselineFile().isPresent()) {
            baseline = Optional.of(BaselineFile.read(request.baselineFile().get()));
        }
        LeakRule leaks =
                new LeakRule(request.session(), baseline, request.selection().exclusive(), BaselineFile.uid());
        SweepPolicy policy = request.selection().endingPolicy(request.session()).withForeign(baseline.isPresent());
        SweepReport report =
                Progress.of(console, progress -> settled(policy.withProgress(progress), leaks, request.settle()));
        report.notes().forEach(note -> console.warn(Printable.text(note)));
        List<Finding> findings = new ArrayList<>(report.findings());
        findings.addAll(isolated(request.isolated(), console));
        LeakReport shown = report(findings, leaks, report.notes(), request.commandLines(), request.during());
        tell(shown, item -> true, console);
        if (shown.isClean()) {
            console.info(
                    request.session().isEmpty() && baseline.isEmpty()
                            ? "dead sessions left nothing behind; without a guarded build or shm.baseline, objects of other"
                                    + " programs are not judged"
                            : conclusion(shown));
        }
        request.files().write(shown, console);
        int count = shown.leaks().size();
        return count <= request.maxLeaks()
                ? Optional.empty()
                : Optional.of(failure(shown)
                        + (request.maxLeaks() == 0
                                ? ""
                                : " (" + request.maxLeaks() + " are accepted, as shm.maxLeaks says)"));
    }

    private static List<Finding> isolated(List<byte[]> reports, Console console) {
        List<Finding> findings = new ArrayList<>();
        for (byte[] report : reports) {
            try {
                findings.addAll(Hermetic.findings(report));
            } catch (LedgerContents.UnreadableException e) {
                console.warn("what was left in a namespace is not known: " + e.getMessage());
            }
        }
        return findings;
    }

    /** That nothing is left, if all of it could be looked at. */
    private static String conclusion(LeakReport report) {
        return report.notes().isEmpty()
                ? "nothing is left behind"
                : "nothing is left behind of what could be looked at";
    }

    private static String failure(LeakReport report) {
        return "This build left IPC objects behind: " + report.total()
                + (report.stillThere().isEmpty()
                        ? ", which went with the namespaces of its test JVMs"
                        : ". " + remedy(report));
    }

    private static String remedy(LeakReport report) {
        return report.stillThere().stream().allMatch(item -> item.action().equals(Remedies.CLEAN))
                ? REMEDY
                : "The lines above say what ends each of them";
    }

    /**
     * Tells and writes what the end of a session found, and removed where it could. What is still there the guard has told
     * already.
     *
     * @param notes what could not be looked at
     * @return why the build fails, in one line; empty if it does not
     */
    public static Optional<String> atEnd(
            Request request, Collection<Finding> findings, List<String> notes, Console console) {
        LeakReport shown = writeEnd(request, findings, notes, console);
        tell(shown, Item::isRemoved, console);
        if (shown.isClean()) {
            console.info(conclusion(shown));
        }
        return shown.leaks().size() <= request.maxLeaks()
                ? Optional.empty()
                : Optional.of("This build left IPC objects behind: " + shown.total()
                        + (shown.stillThere().isEmpty() ? ", which were removed at its end" : ". " + remedy(shown)));
    }

    /** Only writes it. */
    public static void atEndSilently(
            Request request, Collection<Finding> findings, List<String> notes, Console console) {
        var unused = writeEnd(request, findings, notes, console);
    }

    private static LeakReport writeEnd(
            Request request, Collection<Finding> findings, List<String> notes, Console console) {
        LeakRule leaks = new LeakRule(
                request.session(), Optional.empty(), request.selection().exclusive(), BaselineFile.uid());
        LeakReport shown = report(findings, leaks, notes, request.commandLines(), request.during())
                .withAttribution(request.attribution());
        request.files().write(shown, console);
        return shown;
    }

    private static SweepReport settled(SweepPolicy policy, LeakRule leaks, Duration settle) {
        long until = System.nanoTime() + settle.toNanos();
        while (true) {
            SweepReport report = Survey.report(policy);
            if (leaks.of(report.findings()).isEmpty() || System.nanoTime() >= until) {
                return report;
            }
            try {
                Thread.sleep(PAUSE_MILLIS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return report;
            }
        }
    }

    static LeakReport report(
            Collection<Finding> findings,
            LeakRule leaks,
            List<String> notes,
            boolean commandLines,
            Function<Finding, String> during) {
        List<Item> items = new ArrayList<>();
        Set<Finding> ours = Set.copyOf(leaks.of(findings));
        Set<Finding> possible = findings.stream().filter(leaks::isPossible).collect(Collectors.toSet());
        Remedies remedies = Remedies.of(findings.stream()
                .filter(finding -> !finding.isRemoved() && (ours.contains(finding) || possible.contains(finding)))
                .toList());
        for (Finding finding : findings) {
            boolean leak = ours.contains(finding);
            boolean shown = leak || possible.contains(finding);
            if (shown || leaks.baseline().isEmpty()) {
                items.add(Item.of(
                        finding,
                        leak,
                        possible.contains(finding),
                        commandLines,
                        shown ? during.apply(finding) : "",
                        remedies));
            }
        }
        return new LeakReport(
                Instant.now().truncatedTo(ChronoUnit.SECONDS).toString(),
                leaks.session(),
                items,
                notes.stream().map(Printable::text).toList());
    }

    static void tell(LeakReport report, Predicate<Item> told, Console console) {
        tell(report.leaks().stream().filter(told).toList(), console);
        tell(report.possible().stream().filter(told).toList(), console);
    }

    /** One line each, or one for many that are alike, and how many more. */
    static void tell(List<Item> items, Console console) {
        List<String> lines = Alike.group(items).stream()
                .flatMap(alike -> alike.lines().stream())
                .toList();
        lines.stream().limit(LINES_MAX).forEach(console::warn);
        if (lines.size() > LINES_MAX) {
            console.warn((lines.size() - LINES_MAX) + " more lines; leaks.json lists all objects");
        }
    }

    /** One object in one line: what, how big, whose, and of one that stays why, and what ends it. */
    static String line(Item item) {
        return (item.possible() ? "possibly leaked " : "leaked ") + item.kind() + " " + item.address() + " ("
                + item.sizeText() + "), made by " + item.provenance()
                + (goes(item) ? "" : ". It stays: " + item.reason() + ". Remedy: " + item.action());
    }

    /** Whether nothing needs to be said of what becomes of it. */
    static boolean goes(Item item) {
        return item.action().isEmpty()
                || (item.action().equals(Remedies.CLEAN) && item.outcome().isEmpty());
    }

    /**
     * For a parameter that is a number.
     *
     * @throws BadInputException if it is negative
     */
    public static void notNegative(String parameter, int value) throws BadInputException {
        if (value < 0) {
            throw new BadInputException(parameter + ": " + value + " is negative; give 0 or more");
        }
    }
}
