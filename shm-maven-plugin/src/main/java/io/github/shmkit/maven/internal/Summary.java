package io.github.shmkit.maven.internal;

import io.github.shmkit.internal.guard.Actuator;
import io.github.shmkit.internal.ipc.IpcObject;
import io.github.shmkit.internal.sweep.SweepReport;
import io.github.shmkit.internal.sweep.SweepReport.Finding;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** What a sweep did, in a few lines. */
public final class Summary {
    private static final int LINES_MAX = 4;
    private static final int EBUSY = 16;
    private static final int ENOTEMPTY = 39;

    private Summary() {}

    /**
     * Who left what was removed, one line for each test JVM, the rest in one.
     *
     * @param thisSession of the build that tells; empty for none
     */
    public static List<String> removed(SweepReport report, String thisSession) {
        Map<String, List<Finding>> byOwner = report.removed().stream()
                .collect(Collectors.groupingBy(f -> Owner.of(f).toString(), TreeMap::new, Collectors.toList()));
        List<String> lines = new ArrayList<>();
        List<IpcObject> others = new ArrayList<>();
        int owners = 0;
        for (List<Finding> findings : byOwner.values()) {
            if (owners++ < LINES_MAX) {
                Owner owner = Owner.of(findings.get(0));
                lines.add("removed " + what(objects(findings)) + " that " + who(owner, thisSession) + " left");
            } else {
                others.addAll(objects(findings));
            }
        }
        if (!others.isEmpty()) {
            lines.add("removed " + what(others) + " that " + (owners - LINES_MAX) + " more left");
        }
        if (report.processes() > 0) {
            lines.add("ended " + count(report.processes(), "process", "processes") + " that dead test JVMs left");
        }
        return lines;
    }

    private static List<IpcObject> objects(List<Finding> findings) {
        return findings.stream().map(Finding::object).toList();
    }

    private static String what(List<IpcObject> objects) {
        String kinds =
                objects.stream().map(o -> o.kind().name()).distinct().sorted().collect(Collectors.joining(", "));
        return count(objects.size(), "object", "objects") + " (" + Size.sum(objects) + ": " + kinds + ")";
    }

    private static String who(Owner owner, String thisSession) {
        if (owner.session().isEmpty()) {
            return "a dead test JVM";
        }
        String program = owner.fork().isEmpty() ? "a program" : "test JVM " + owner.fork();
        return owner.session().equals(thisSession)
                ? program + " of this build"
                : program + " of session " + owner.session() + ", which is dead,";
    }

    /** What should have been removed and was not, and why; one line each, the rest in one. */
    public static List<String> kept(SweepReport report) {
        List<Finding> kept = report.findings().stream().filter(Finding::isKept).toList();
        Remedies remedies = Remedies.of(kept.stream().limit(LINES_MAX).toList());
        List<String> lines = kept.stream()
                .limit(LINES_MAX)
                .map(finding -> kept(finding) + "; remedy: " + remedies.action(finding))
                .collect(Collectors.toList());
        if (kept.size() > LINES_MAX) {
            lines.add("could not remove " + (kept.size() - LINES_MAX) + " more; shm:list shows them");
        }
        return lines;
    }

    private static String kept(Finding finding) {
        return "could not remove " + finding.object().kind() + " " + Printable.address(finding.object()) + ": "
                + why(finding.result().orElseThrow());
    }

    /** Why it could not be removed. */
    static String why(Actuator.Result result) {
        String why = switch (result.outcome()) {
            case BUSY ->
                switch (result.errno()) {
                    case ENOTEMPTY -> "it is not empty";
                    case EBUSY -> "something is mounted on it";
                    default -> "a process uses it";
                };
            case CHANGED -> "it is another object by now";
            case DENIED -> "permission denied";
            case STRANDED -> "it was in use, and its name was taken while it was examined";
            default -> "whether a process uses it could not be determined";
        };
        return why + (result.errno() == 0 ? "" : " (errno " + result.errno() + ")");
    }

    static String count(long n, String one, String many) {
        return n + " " + (n == 1 ? one : many);
    }
}
