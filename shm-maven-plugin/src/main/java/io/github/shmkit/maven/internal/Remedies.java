package io.github.shmkit.maven.internal;

import io.github.shmkit.internal.guard.Actuator.Outcome;
import io.github.shmkit.internal.ipc.Identity;
import io.github.shmkit.internal.ipc.IpcKind;
import io.github.shmkit.internal.ipc.IpcObject;
import io.github.shmkit.internal.os.RawName;
import io.github.shmkit.internal.sweep.Claim.Proof;
import io.github.shmkit.internal.sweep.Declared;
import io.github.shmkit.internal.sweep.SweepReport.Finding;
import io.github.shmkit.internal.sweep.Verdict.Decision;
import io.github.shmkit.internal.sweep.Verdict.Rule;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.List;
import java.util.stream.Stream;

/** Why an object is still there, and the one thing that ends it. */
final class Remedies {
    /** The goal alone does it. */
    static final String CLEAN = "mvn shm:clean";

    /** Nobody was looked for. */
    static final Remedies NONE = new Remedies(Holders.NONE);

    private final Holders holders;

    private Remedies(Holders holders) {
        this.holders = holders;
    }

    /** Looks for the processes that use them. */
    static Remedies of(Collection<Finding> findings) {
        return new Remedies(Holders.of(findings.stream().map(Finding::object).toList()));
    }

    /** By whom, of a file that may go if only no process uses it; empty where none is known to. */
    String user(Finding finding) {
        List<Long> holding =
                finding.object().identity() instanceof Identity.OfFile ? holders.of(finding.object()) : List.of();
        return holding.isEmpty() ? "" : "in use by " + Programs.describe(holding);
    }

    /** Why it stays, in words. */
    static String reason(Finding finding) {
        return finding.isKept()
                ? Summary.why(finding.result().orElseThrow())
                : finding.verdict().reason();
    }

    /** What to do about it; empty for one that is gone. */
    String action(Finding finding) {
        if (finding.isRemoved()) {
            return "";
        }
        IpcObject object = finding.object();
        List<Long> users = users(finding);
        if (object.isMarkedForDestruction()) {
            return "nothing: it goes with its last detach"
                    + (users.isEmpty() ? "" : ", of " + Programs.describe(users));
        }
        if (!users.isEmpty()) {
            return "end " + Programs.describe(users);
        }
        if (object.kind() == IpcKind.DIRECTORY && finding.verdict().rule() == Rule.R7_UNUSED) {
            return CLEAN + ", when what is in it is gone";
        }
        Rule rule = finding.verdict().rule();
        Decision decision = finding.verdict().decision();
        if (finding.result().filter(r -> r.outcome() == Outcome.BUSY).isPresent() || object.attaches() > 0) {
            return "end the process that uses it, which is another user's or another container's";
        }
        if (rule == Rule.R2_OWNER) {
            return BaselineFile.uid() == 0
                            && (object.kind().isSysv()
                                    || !pattern(object.name()).contains("?"))
                    ? CLEAN + claim(object) + ", when it has rested for ten minutes"
                    : BaselineFile.uid() == 0 ? manual(object) : "run '" + manual(object) + "' as user " + object.uid();
        }
        if (decision == Decision.DELETE || rule == Rule.R8_QUIESCENT) {
            return CLEAN;
        }
        if (rule == Rule.R6_NO_CARRIER) {
            return CLEAN + ", when the processes have ended that cannot be looked at";
        }
        Proof proof = finding.claim().proof();
        boolean claimable = !(proof instanceof Proof.Recorded || proof instanceof Proof.Observed);
        return claimable && rule != Rule.R1_TYPE && isClaimable(object)
                ? CLEAN + claim(object) + ", when it has rested for ten minutes"
                : manual(object);
    }

    /** Those that have it, or else those that may open it again: living processes of the build that made it. */
    private List<Long> users(Finding finding) {
        IpcObject object = finding.object();
        List<Long> holding = holders.of(object);
        if (!holding.isEmpty()) {
            return holding;
        }
        List<Long> carriers =
                finding.claim().carriers().stream().filter(Programs::isAlive).toList();
        return carriers.isEmpty()
                ? Stream.of(object.creatorPid(), object.lastPid())
                        .filter(Programs::isAlive)
                        .filter(pid -> pid != ProcessHandle.current().pid())
                        .toList()
                : carriers;
    }

    private static String claim(IpcObject object) {
        return object.identity() instanceof Identity.OfSysv sysv
                ? " -Dshm.claim=" + Declared.textOf(object.kind(), sysv.id())
                : " -Dshm.claim=" + quoted(pattern(object.name()));
    }

    private static boolean isClaimable(IpcObject object) {
        return object.identity() instanceof Identity.OfSysv
                || !pattern(object.name()).replace("?", "").isEmpty();
    }

    /** A name as a pattern for a shell and for us: whatever means something to either is any character. */
    static String pattern(RawName name) {
        return new String(name.bytes(), StandardCharsets.ISO_8859_1).replaceAll("[^A-Za-z0-9._/-]", "?");
    }

    private static String quoted(String pattern) {
        return pattern.contains("?") ? "'" + pattern + "'" : pattern;
    }

    private static String manual(IpcObject object) {
        if (object.identity() instanceof Identity.OfSysv sysv) {
            return "ipcrm "
                    + (object.kind() == IpcKind.SYSV_SHM ? "-m " : object.kind() == IpcKind.SYSV_SEM ? "-s " : "-q ")
                    + sysv.id();
        }
        return (object.kind() == IpcKind.DIRECTORY ? "rmdir " : "rm ")
                + Printable.directory(object.kind())
                + pattern(object.name());
    }
}
