package io.github.shmkit.internal.sweep;

import io.github.shmkit.internal.ipc.Identity;
import io.github.shmkit.internal.ipc.Inventory;
import io.github.shmkit.internal.ipc.IpcKind;
import io.github.shmkit.internal.ipc.IpcObject;
import io.github.shmkit.internal.os.Os;
import io.github.shmkit.internal.os.OsException;
import io.github.shmkit.internal.os.RawName;
import io.github.shmkit.internal.session.LedgerContents;
import io.github.shmkit.internal.session.PrivateDir;
import io.github.shmkit.internal.session.SessionProbe;
import io.github.shmkit.internal.sweep.Claim.Proof;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.function.IntSupplier;

/** The lines of a plan for the actuator; plan.h describes them. */
final class Steps {
    /** The index of a step whose outcome nobody asks for. */
    static final int UNASKED = -1;

    private static final String QUARANTINE_PREFIX = "q.";
    private static final int NAME_MAX = 255;
    /** In the private directory, as act.c has it. */
    private static final String PUT_BACK_DIR = "q.r";

    private Steps() {}

    /** Removes an object, if it still is what a ledger or else the inventory saw. */
    static String remove(int index, Candidate candidate) {
        IpcObject object = candidate.object();
        Identity identity = identity(candidate);
        if (identity instanceof Identity.OfSysv s) {
            long creator = object.kind() == IpcKind.SYSV_SHM ? object.creatorPid() : 0;
            return "V " + index + " " + object.kind() + " " + s.id() + " "
                    + HexFormat.of().toHexDigits(s.key()) + " " + s.creatorUid() + " " + s.ctimeSeconds() + " "
                    + object.size() + " " + creator + (isToBeTakenWithCare(candidate) ? " 1" : " 0");
        }
        Identity.OfFile f = (Identity.OfFile) identity;
        String file =
                " " + Long.toUnsignedString(f.device()) + " " + Long.toUnsignedString(f.inode()) + " " + f.btimeNanos();
        String hold = " " + quarantine(candidate).base64() + (candidate.isRecorded() ? " 0" : " 1");
        String owner = object.uid() == Os.euid() ? "" : " " + object.uid();
        return switch (object.kind()) {
            case POSIX_MQ ->
                "Q " + index + " " + RawName.of("/" + object.name()).base64() + file + owner;
            case MMAP_FILE -> "F " + index + " " + fields(object.name()) + file + hold + owner;
            case DIRECTORY -> "T " + index + " " + fields(path(object)) + file + owner;
            default ->
                isInPlace(object)
                        ? "F " + index + " " + fields(path(object)) + file + hold + owner
                        : "S " + index + " " + object.name().base64() + file + hold;
        };
    }

    /** Whether it waits for its end beside where it was: in a directory below, or another user's. */
    private static boolean isInPlace(IpcObject object) {
        return object.kind() == IpcKind.MMAP_FILE || object.name().isNested() || object.uid() != Os.euid();
    }

    private static RawName path(IpcObject object) {
        return object.name().startsWith("/") ? object.name() : object.name().below(RawName.of(PrivateDir.SHM));
    }

    /** What was noted when it was made, since what the inventory just saw agrees with itself whatever it is. */
    private static Identity identity(Candidate candidate) {
        Proof proof = candidate.claim().proof();
        Identity seen = candidate.object().identity();
        Identity noted = proof instanceof Proof.Recorded recorded
                ? recorded.entry().identity().orElse(seen)
                : proof instanceof Proof.Observed observed
                        ? observed.observation().identity()
                        : seen;
        boolean unborn = noted instanceof Identity.OfFile file && file.btimeNanos() == 0;
        return unborn ? seen : noted;
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
     * finishes; of any other its own name in a directory of its own, out of which a later cleaner gives it back.
     */
    private static RawName quarantine(Candidate candidate) {
        RawName name = candidate.object().name();
        return candidate.claim().proof() instanceof Proof.Recorded recorded
                ? RawName.of(quarantine(candidate.claim().stem(), recorded.entry()))
                : isInPlace(candidate.object()) ? besideIt(candidate.object()) : name.after(PUT_BACK_DIR + "/");
    }

    /** There it is found again by whoever looks; a longer name than there can be gives way to its inode's number. */
    private static RawName besideIt(IpcObject object) {
        RawName name = object.name().isNested() ? object.name().split()[1] : object.name();
        return name.bytes().length + QUARANTINE_PREFIX.length() <= NAME_MAX
                ? name.after(QUARANTINE_PREFIX)
                : RawName.of(QUARANTINE_PREFIX + ((Identity.OfFile) object.identity()).inode());
    }

    /** C has the same rule, see src/test/agreed. */
    static String quarantine(String stem, LedgerContents.Entry entry) {
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
                .filter(quarantine -> quarantine.startsWith(PUT_BACK_DIR + "/"))
                .map(quarantine -> "R " + UNASKED + " " + quarantine.split()[1].base64() + " " + quarantine.base64())
                .toList();
    }

    /** What cleaners that were killed left in a private directory, by paths in it. */
    static Set<RawName> held(PrivateDir dir) {
        Set<RawName> held = new HashSet<>();
        for (byte[] bytes : Os.list(dir.fd(), QUARANTINE_PREFIX)) {
            RawName name = RawName.of(bytes);
            if (name.equals(RawName.of(PUT_BACK_DIR))) {
                held.addAll(heldIn(dir));
            } else {
                held.add(name);
            }
        }
        return held;
    }

    private static Set<RawName> heldIn(PrivateDir dir) {
        Set<RawName> held = new HashSet<>();
        int fd;
        try {
            fd = Os.openat(dir.fd(), PUT_BACK_DIR, Os.O_RDONLY | Os.O_DIRECTORY | Os.O_NOFOLLOW, 0);
        } catch (OsException e) {
            return held; // another cleaner just took it away, being done
        }
        try {
            for (byte[] bytes : Os.list(fd)) {
                held.add(RawName.of(bytes).after(PUT_BACK_DIR + "/"));
            }
        } finally {
            Os.close(fd);
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
