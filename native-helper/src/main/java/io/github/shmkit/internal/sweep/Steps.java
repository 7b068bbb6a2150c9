package io.github.shmkit.internal.sweep;

import io.github.shmkit.internal.ipc.Identity;
import io.github.shmkit.internal.ipc.Inventory;
import io.github.shmkit.internal.ipc.IpcKind;
import io.github.shmkit.internal.ipc.IpcObject;
import io.github.shmkit.internal.os.Os;
import io.github.shmkit.internal.os.RawName;
import io.github.shmkit.internal.session.LedgerContents;
import io.github.shmkit.internal.session.PrivateDir;
import io.github.shmkit.internal.session.SessionProbe;
import io.github.shmkit.internal.sweep.Claim.Proof;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.IntSupplier;

/** The lines of a plan for the actuator; act.c describes them. */
final class Steps {
    /** The index of a step whose outcome nobody asks for. */
    static final int UNASKED = -1;

    private static final String QUARANTINE_PREFIX = "q.";
    private static final String PUT_BACK_PREFIX = "q.r.";
    private static final int NAME_MAX = 255;

    private Steps() {}

    /** Removes an object; empty when its name is too long for one in quarantine, so that it cannot be done safely. */
    static Optional<String> remove(int index, Candidate candidate) {
        IpcObject object = candidate.object();
        if (object.identity() instanceof Identity.OfSysv s) {
            long creator = object.kind() == IpcKind.SYSV_SHM ? object.creatorPid() : 0;
            return Optional.of("V " + index + " " + object.kind() + " " + s.id() + " "
                    + HexFormat.of().toHexDigits(s.key()) + " " + s.creatorUid() + " " + s.ctimeSeconds() + " "
                    + object.size() + " " + creator + (isToBeTakenWithCare(candidate) ? " 1" : " 0"));
        }
        Identity.OfFile f = (Identity.OfFile) object.identity();
        String identity =
                " " + Long.toUnsignedString(f.device()) + " " + Long.toUnsignedString(f.inode()) + " " + f.btimeNanos();
        String quarantine = quarantine(candidate);
        if (quarantine.length() > NAME_MAX) {
            return Optional.empty();
        }
        String hold = " " + RawName.of(quarantine).base64() + (candidate.isRecorded() ? " 0" : " 1");
        return Optional.of(
                switch (object.kind()) {
                    case POSIX_MQ ->
                        "Q " + index + " " + RawName.of("/" + object.name()).base64() + identity;
                    case MMAP_FILE -> "F " + index + " " + fields(object.name()) + identity + hold;
                    default -> "S " + index + " " + object.name().base64() + identity + hold;
                });
    }

    /** A segment that no ledger names is held while it is looked at; a set or queue known by its key alone must be fresh. */
    private static boolean isToBeTakenWithCare(Candidate candidate) {
        return candidate.object().kind().isUnaccounted()
                ? candidate.claim().proof() instanceof Proof.Recorded recorded
                        && recorded.entry().identity().isEmpty()
                : !candidate.isRecorded();
    }

    /**
     * The name under which an object waits for its end: of one in a ledger its sequence number, which a later cleaner
     * finishes; of any other its own name, which a later cleaner gives back to it.
     */
    private static String quarantine(Candidate candidate) {
        return candidate.claim().proof() instanceof Proof.Recorded recorded
                ? quarantine(candidate.claim().stem(), recorded.entry())
                : PUT_BACK_PREFIX + candidate.object().name().base64();
    }

    private static String quarantine(String stem, LedgerContents.Entry entry) {
        return "q." + stem + "." + entry.seq();
    }

    /** Directory and name, as two fields. */
    private static String fields(RawName path) {
        RawName[] parts = path.split();
        return parts[0].base64() + " " + parts[1].base64();
    }

    /** Ends a process. */
    static String end(LedgerContents.ProcessEntry process) {
        return "P " + UNASKED + " " + process.pid() + " " + process.startTime();
    }

    /** Gives back what a cleaner that was killed had taken without being sure yet that it may go. */
    static List<String> putBack(Set<RawName> held) {
        return held.stream()
                .filter(quarantine -> quarantine.startsWith(PUT_BACK_PREFIX))
                .map(quarantine -> "R " + UNASKED + " " + quarantine.text().substring(PUT_BACK_PREFIX.length()) + " "
                        + quarantine.base64())
                .toList();
    }

    /** What cleaners that were killed left in a private directory. */
    static Set<RawName> held(PrivateDir dir) {
        Set<RawName> held = new HashSet<>();
        for (byte[] bytes : Os.list(dir.fd(), QUARANTINE_PREFIX)) {
            held.add(RawName.of(bytes));
        }
        return held;
    }

    /**
     * Finishes what a cleaner of a dead session that was killed had put into quarantine; each step takes an index.
     *
     * @param held what is in quarantine in the session's private directory
     */
    static List<String> finish(SessionProbe session, Set<RawName> held, IntSupplier indices) {
        List<String> steps = new ArrayList<>();
        if (!session.trouble().isEmpty() || session.state() != SessionProbe.State.DEAD) {
            return steps;
        }
        for (LedgerContents.Entry entry :
                session.ledger().map(LedgerContents::objects).orElse(List.of())) {
            boolean file = entry.kind() == IpcKind.MMAP_FILE;
            if (entry.kind().isSysv() || (!file && held.isEmpty())) {
                continue;
            }
            String quarantine = quarantine(session.stem(), entry);
            String rest = " 0 0 0 " + RawName.of(quarantine).base64() + " 0";
            if (file) {
                if (Inventory.mappedFile(entry.name().sibling(quarantine)).isPresent()) {
                    steps.add("D " + indices.getAsInt() + " " + fields(entry.name()) + rest);
                }
            } else if (held.contains(RawName.of(quarantine))) {
                steps.add("C " + indices.getAsInt() + " " + entry.name().base64() + rest);
            }
        }
        return steps;
    }
}
