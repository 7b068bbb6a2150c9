package io.github.shmkit.maven.internal;

import io.github.shmkit.internal.guard.Actuator.Outcome;
import io.github.shmkit.internal.ipc.Identity;
import io.github.shmkit.internal.ipc.IpcKind;
import io.github.shmkit.internal.ipc.IpcObject;
import io.github.shmkit.internal.session.LedgerContents.Observation;
import io.github.shmkit.internal.sweep.Claim.Proof;
import io.github.shmkit.internal.sweep.SweepReport.Finding;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * An object as a report shows it. All text is printable already; each format still escapes what is special to itself.
 *
 * @param kind of object
 * @param address how a person finds it
 * @param nameBase64 the bytes of its name, in base64url; empty for System V
 * @param size in bytes; of a semaphore set the number of semaphores
 * @param allocated the bytes of it that hold memory: less than its size where it has holes
 * @param session that has to do with it; empty for none
 * @param testJvm which of the session's test JVMs; empty for none
 * @param creatorPid 0 for unknown
 * @param creator the program that made it, with its arguments if the user wants them in reports; empty for unknown
 * @param during what the build did when it was made; empty for unknown
 * @param made when, ISO 8601 in UTC; empty for unknown
 * @param touched the latest of its times, likewise
 * @param decision the verdict
 * @param rule that decided
 * @param reason in words
 * @param outcome of the attempt to remove it; empty for none
 * @param leak whether the build has to answer for it
 * @param possible whether the build may have made it, which nothing proves
 * @param action what ends it; empty for one that is gone
 * @param creatorUid the user as whom it was made; -1 for unknown
 * @param proof of who made it, as a phrase; empty for none
 */
record Item(
        String kind,
        String address,
        String nameBase64,
        long size,
        long allocated,
        String session,
        String testJvm,
        long creatorPid,
        String creator,
        String during,
        String made,
        String touched,
        String decision,
        String rule,
        String reason,
        String outcome,
        boolean leak,
        boolean possible,
        String action,
        long creatorUid,
        String proof) {
    private static final long NANOS = 1_000_000_000;
    private static final Set<String> REMOVED = Arrays.stream(Outcome.values())
            .filter(Outcome::isGone)
            .map(Enum::name)
            .collect(Collectors.toUnmodifiableSet());

    static Item of(Finding finding, boolean leak, boolean commandLines, String during) {
        return of(finding, leak, false, commandLines, during, Remedies.NONE);
    }

    static Item of(
            Finding finding, boolean leak, boolean possible, boolean commandLines, String during, Remedies remedies) {
        IpcObject object = finding.object();
        Owner owner = Owner.of(finding);
        String reason = Remedies.reason(finding);
        long pid = object.kind() == IpcKind.SYSV_SHM ? object.creatorPid() : 0;
        String creator = "";
        if (finding.claim().proof() instanceof Proof.Observed seen) {
            Observation observation = seen.observation();
            String command = observation.command().trim();
            pid = observation.pid();
            creator = commandLines ? command : program(command);
            if (!commandLines) {
                reason = reason.replace(" (" + observation.command() + ")", "");
            }
        } else if (!owner.fork().isEmpty()) {
            creator = "test JVM " + owner.fork();
        }
        return new Item(
                object.kind().name(),
                Printable.address(object),
                object.identity() instanceof Identity.OfFile ? object.name().base64() : "",
                object.size(),
                Size.held(object),
                owner.session(),
                owner.fork(),
                pid,
                Printable.text(creator),
                Printable.text(during),
                made(object),
                Instant.ofEpochSecond(object.modifiedSeconds()).toString(),
                finding.verdict().decision().name(),
                finding.verdict().rule().name(),
                Printable.text(reason),
                finding.result().map(result -> result.outcome().name()).orElse(""),
                leak,
                possible,
                remedies.action(finding),
                object.identity() instanceof Identity.OfSysv sysv ? sysv.creatorUid() : object.uid(),
                Printable.text(proof(finding)));
    }

    private static String proof(Finding finding) {
        Proof proof = finding.claim().proof();
        if (proof instanceof Proof.Observed seen) {
            return switch (seen.observation().proof()) {
                case DESCENDANT -> "the kernel names that process, which descends from the build";
                case TOKEN -> "the kernel names that process, which carries the build's token";
                case HOLDER, UNKNOWN -> "it was in the build's namespace";
            };
        }
        if (proof instanceof Proof.Recorded) {
            return "the session's ledger";
        }
        if (proof instanceof Proof.ByUser byUser) {
            return "declared by '" + byUser.declared().text() + "'";
        }
        return proof instanceof Proof.New ? "none, but it is new" : proof instanceof Proof.Name ? "its name only" : "";
    }

    private static String made(IpcObject object) {
        if (object.identity() instanceof Identity.OfFile file) {
            return file.btimeNanos() == 0
                    ? ""
                    : Instant.ofEpochSecond(file.btimeNanos() / NANOS, file.btimeNanos() % NANOS)
                            .truncatedTo(ChronoUnit.MILLIS)
                            .toString();
        }
        long seconds = ((Identity.OfSysv) object.identity()).ctimeSeconds();
        return seconds == 0 ? "" : Instant.ofEpochSecond(seconds).toString();
    }

    /** The first word, without its folder: arguments may be secret. */
    private static String program(String command) {
        int end = command.indexOf(' ');
        String path = end < 0 ? command : command.substring(0, end);
        return path.substring(path.lastIndexOf('/') + 1);
    }

    boolean hasBytes() {
        return !kind.equals(IpcKind.SYSV_SEM.name()) && !kind.equals(IpcKind.DIRECTORY.name());
    }

    long bytes() {
        return hasBytes() ? allocated : 0;
    }

    String sizeText() {
        return hasBytes()
                ? Size.of(allocated, size)
                : kind.equals(IpcKind.DIRECTORY.name()) ? Size.entries(size) : Size.semaphores(size);
    }

    /** Who made it, in words. */
    String maker() {
        return process() + (during.isEmpty() ? "" : ", during " + during);
    }

    /** Who made it, as whom, when, and how that is known. */
    String provenance() {
        return maker() + provenanceDetails();
    }

    String provenanceDetails() {
        return (creatorUid < 0 ? "" : " as user " + creatorUid)
                + (made.isEmpty() ? "" : " at " + made)
                + (proof.isEmpty() ? "" : "; proof: " + proof);
    }

    /** The program and its pid. */
    String process() {
        if (creatorPid == 0) {
            return creator.isEmpty() ? "unknown" : creator;
        }
        return (creator.isEmpty() ? "" : creator + ", ") + "process " + creatorPid;
    }

    /** Who made it, without what is another one in each build. */
    String creatorInBuild() {
        return (creator.isEmpty() ? "unknown" : creator) + (during.isEmpty() ? "" : ", during " + during);
    }

    /** The session, and which of its test JVMs. */
    String owner() {
        return new Owner(session, testJvm).toString();
    }

    /** What became of an object. */
    enum Fate {
        REMOVED("removed"),
        STAYS("could not be removed"),
        LEAKED("left behind"),
        POSSIBLE("may be left behind"),
        KEPT("kept");

        private final String text;

        Fate(String text) {
            this.text = text;
        }

        String text() {
            return text;
        }
    }

    Fate fate() {
        if (!outcome.isEmpty()) {
            return isRemoved() ? Fate.REMOVED : Fate.STAYS;
        }
        return leak ? Fate.LEAKED : possible ? Fate.POSSIBLE : Fate.KEPT;
    }

    boolean isRemoved() {
        return REMOVED.contains(outcome);
    }

    Map<String, Object> toMap() {
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("kind", kind);
        map.put("address", address);
        map.put("nameBase64", nameBase64);
        map.put("size", size);
        map.put("allocated", allocated);
        map.put("session", session);
        map.put("testJvm", testJvm);
        map.put("creatorPid", creatorPid);
        map.put("creator", creator);
        map.put("during", during);
        map.put("made", made);
        map.put("touched", touched);
        map.put("decision", decision);
        map.put("rule", rule);
        map.put("reason", reason);
        map.put("outcome", outcome);
        map.put("leak", leak);
        map.put("possible", possible);
        map.put("action", action);
        map.put("creatorUid", creatorUid);
        map.put("proof", proof);
        return map;
    }

    /** The inverse, of a file that may have been changed meanwhile. */
    static Item of(Object map) {
        return new Item(
                text(map, "kind"),
                text(map, "address"),
                text(map, "nameBase64"),
                Json.number(map, "size"),
                Json.number(map, has(map, "allocated") ? "allocated" : "size"),
                text(map, "session"),
                text(map, "testJvm"),
                Json.number(map, "creatorPid"),
                text(map, "creator"),
                text(map, "during"),
                text(map, "made"),
                text(map, "touched"),
                text(map, "decision"),
                text(map, "rule"),
                text(map, "reason"),
                text(map, "outcome"),
                Json.bool(map, "leak"),
                has(map, "possible") && Json.bool(map, "possible"),
                has(map, "action") ? text(map, "action") : "",
                has(map, "creatorUid") ? Json.number(map, "creatorUid") : -1,
                has(map, "proof") ? text(map, "proof") : "");
    }

    /** Earlier releases did not write some of them. */
    private static boolean has(Object map, String key) {
        return map instanceof Map<?, ?> members && members.containsKey(key);
    }

    private static String text(Object map, String key) {
        return Json.text(map, key);
    }
}
