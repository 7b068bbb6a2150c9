package io.github.shmkit.maven.internal;

import io.github.shmkit.internal.guard.Actuator.Outcome;
import io.github.shmkit.internal.guard.Actuator.Result;
import io.github.shmkit.internal.guard.Isolation;
import io.github.shmkit.internal.ipc.Identity;
import io.github.shmkit.internal.ipc.IpcKind;
import io.github.shmkit.internal.ipc.IpcObject;
import io.github.shmkit.internal.session.LedgerContents;
import io.github.shmkit.internal.session.LedgerContents.Observation;
import io.github.shmkit.internal.session.SessionId;
import io.github.shmkit.internal.sweep.Claim;
import io.github.shmkit.internal.sweep.Claim.Proof;
import io.github.shmkit.internal.sweep.SweepReport.Finding;
import io.github.shmkit.internal.sweep.Verdict;
import io.github.shmkit.internal.sweep.Verdict.Decision;
import io.github.shmkit.internal.sweep.Verdict.Rule;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Hermetic mode: programs of a build in namespaces of their own, where they can leave nothing to the machine.
 *
 * <p>What they would have left, a monitor in the namespace writes down before it is gone.
 */
public final class Hermetic {
    /** When it is wanted. */
    public enum Mode {
        NEVER,
        /** Where it is possible. */
        AUTO,
        /** Or not at all. */
        ALWAYS;

        /**
         * Reads the parameter {@code shm.isolate}.
         *
         * @throws BadInputException in one line, with what can be given
         */
        public static Mode parse(String text) throws BadInputException {
            for (Mode mode : values()) {
                if (mode.name().toLowerCase(Locale.ROOT).equals(text.trim().toLowerCase(Locale.ROOT))) {
                    return mode;
                }
            }
            throw new BadInputException(
                    "shm.isolate: '" + Printable.text(text) + "' is not known; give never, auto or always");
        }
    }

    /** It is wanted in any case, and not possible; the message says why, in one line. */
    public static final class ImpossibleException extends RuntimeException {
        private static final long serialVersionUID = 1L;

        ImpossibleException(String message) {
            super(message);
        }
    }

    private static final Path SHM = Path.of("/dev/shm");

    /** A monitor gives those who are about to go two seconds, and cleaning as long. */
    private static final Duration REPORT_MAX = Duration.ofSeconds(10);

    private static final long PAUSE_MILLIS = 5;
    /** As the native program begins what it says before it ends. */
    private static final String SAID = "shm-helper: ";

    private final SessionId session;
    private final Mode mode;
    private final Console console;
    private final List<byte[]> taken = new ArrayList<>();
    /** Empty where there is none, null before that was asked. */
    private @Nullable String hindrance;

    private boolean told;

    public Hermetic(SessionId session, Mode mode, Console console) {
        this.session = session;
        this.mode = mode;
        this.console = console;
    }

    public boolean isWanted() {
        return mode != Mode.NEVER;
    }

    /**
     * What is to be started in place of a Java program; empty if that is to be started itself.
     *
     * @param folder for it, and for the reports
     * @param java the real program
     * @param needed files that must be seen in the namespace too
     * @throws ImpossibleException if isolation is wanted in any case
     */
    public Optional<Path> standIn(Path folder, Path java, List<Path> needed) {
        List<Path> all = new ArrayList<>(needed);
        all.addAll(List.of(folder, java));
        if (!isPossible(all)) {
            return Optional.empty();
        }
        try {
            OwnFolder.create(folder).close(); // programs of ours stand there
            Path reports = emptied(folder);
            Path home =
                    folder.resolve("java-" + Integer.toHexString(java.toString().hashCode()));
            return Optional.of(
                    Isolation.standIn(home.toAbsolutePath(), session.text(), reports, mode == Mode.ALWAYS, java));
        } catch (IOException e) {
            give("the stand-in for " + java + " cannot be made: " + OwnFolder.reason(e));
            return Optional.empty();
        }
    }

    /**
     * The command line that runs the program so; the one given if it is to be run as it is.
     *
     * @throws ImpossibleException if isolation is wanted in any case
     */
    List<String> command(Path folder, List<String> command, List<Path> needed) {
        if (!isWanted() || !isPossible(needed)) {
            return command;
        }
        try {
            return Isolation.command(session.text(), emptied(folder), mode == Mode.ALWAYS, command.get(0), command);
        } catch (IOException e) {
            give("the folder for reports cannot be made: " + OwnFolder.reason(e));
            return command;
        }
    }

    private synchronized boolean isPossible(List<Path> needed) {
        for (Path path : needed) {
            if (isInShm(path)) {
                give(path + " is in " + SHM + ", which a namespace has a private one of");
                return false;
            }
        }
        String why = hindrance;
        if (why == null) {
            why = Isolation.hindrance().orElse("");
            hindrance = why;
        }
        if (!why.isEmpty()) {
            give(why);
        }
        return why.isEmpty();
    }

    private static boolean isInShm(Path path) {
        try {
            Path existing = path.toAbsolutePath();
            while (!Files.exists(existing) && existing.getParent() != null) {
                existing = existing.getParent();
            }
            return Files.exists(SHM) && existing.toRealPath().startsWith(SHM.toRealPath());
        } catch (IOException e) {
            return false; // then it is not seen here either, and its user will say so
        }
    }

    /** Says once why not, or ends it. */
    public synchronized void give(String why) {
        String line = "not isolated: " + Printable.text(why);
        if (mode == Mode.ALWAYS) {
            throw new ImpossibleException(
                    "shm.isolate is 'always', and " + line + ". Set shm.isolate to auto or never to go on without");
        }
        if (!told) {
            told = true;
            console.warn("shmkit: " + line + "; falling back to sweeping");
        }
    }

    private static Path reportsOf(Path folder) {
        return folder.resolve("reports").toAbsolutePath();
    }

    /** The folder for reports, without those of another session. */
    private static Path emptied(Path path) throws IOException {
        Path reports = reportsOf(path);
        try (OwnFolder folder = OwnFolder.create(reports)) {
            for (String suffix : List.of(Isolation.PART, Isolation.FOUND)) {
                for (Path old : folder.list(suffix)) {
                    folder.delete(old);
                }
            }
        }
        return reports;
    }

    /**
     * Waits for the reports of the programs that have ended, and takes them in.
     *
     * @return what they left
     */
    public List<Finding> collect(Path path) {
        Path reports = reportsOf(path);
        if (!isWanted() || !Files.isDirectory(reports)) {
            return List.of();
        }
        List<Finding> findings = new ArrayList<>();
        try (OwnFolder folder = OwnFolder.open(reports)) {
            long until = System.nanoTime() + REPORT_MAX.toNanos();
            while (folder.list(Isolation.PART).stream()
                            .anyMatch(part -> lastWords(folder, part).isEmpty())
                    && System.nanoTime() < until) {
                TimeUnit.MILLISECONDS.sleep(PAUSE_MILLIS);
            }
            for (Path late : folder.list(Isolation.PART)) {
                console.warn("shmkit: no leak report from " + jvm(late) + lastWords(folder, late)
                        + "; its namespace has been discarded");
                folder.delete(late);
            }
            for (Path file : folder.list(Isolation.FOUND)) {
                findings.addAll(takeIn(folder, file));
            }
        } catch (IOException e) {
            console.warn(
                    "shmkit: the leak reports from namespaces cannot be read: " + Printable.text(OwnFolder.reason(e)));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return findings;
    }

    /** One that cannot be read does not keep the others from being read. */
    private List<Finding> takeIn(OwnFolder folder, Path file) {
        List<Finding> findings = List.of();
        try {
            byte[] report = folder.read(file);
            LedgerContents.Header header = LedgerContents.parse(report).header();
            if (!header.session().equals(session.text()) || header.euid() != BaselineFile.uid()) {
                throw new IOException(file + " is of another session or user");
            }
            findings = findings(report);
            taken(report);
            tellOfProcesses(report);
            folder.delete(file);
        } catch (IOException | LedgerContents.UnreadableException e) {
            console.warn("shmkit: the leak report from " + jvm(file) + " cannot be used: "
                    + Printable.text(OwnFolder.reason(e)));
        }
        return findings;
    }

    private synchronized void taken(byte[] report) {
        taken.add(report);
    }

    /** All that were taken in, for another class loader's {@link #findings}. */
    public synchronized List<byte[]> reports() {
        return List.copyOf(taken);
    }

    /** The monitor's, which its report ends with where it could not complete it. */
    private static String lastWords(OwnFolder folder, Path report) {
        try {
            String text = new String(folder.read(report), StandardCharsets.UTF_8);
            int at = text.lastIndexOf(SAID);
            return at < 0 ? "" : " (" + Printable.text(text.substring(at).trim()) + ")";
        } catch (IOException e) {
            return ""; // it cannot be read either
        }
    }

    private static String jvm(Path report) {
        return "process " + report.getFileName().toString().replaceFirst("-.*", "");
    }

    private void tellOfProcesses(byte[] report) throws LedgerContents.UnreadableException {
        LedgerContents contents = LedgerContents.parse(report);
        String parent = Programs.describe(contents.header().pid());
        contents.processes()
                .forEach(process -> console.warn("shmkit: " + Programs.describe(process.pid()) + ", started by "
                        + parent + ", still runs, and its namespace with it; end " + Programs.describe(process.pid())));
    }

    /**
     * What a report says was left, as a sweep would have found it.
     *
     * @throws LedgerContents.UnreadableException if it is none
     */
    public static List<Finding> findings(byte[] report) throws LedgerContents.UnreadableException {
        LedgerContents contents = LedgerContents.parse(report);
        return contents.observations().stream()
                .map(observation -> finding(contents, observation))
                .toList();
    }

    private static Finding finding(LedgerContents report, Observation left) {
        boolean mapped = left.kind() == IpcKind.MMAP_FILE;
        boolean stays = mapped && Files.exists(Path.of(left.name().text()));
        IpcObject object = new IpcObject(
                left.kind(),
                left.name(),
                left.identity(),
                left.size(),
                report.header().euid(),
                0,
                seconds(left.identity()),
                left.pid(),
                0,
                left.kind() == IpcKind.SYSV_SHM ? 0 : -1,
                true);
        Proof proof = left.pid() == 0 ? new Proof.New() : new Proof.Observed(left);
        return new Finding(
                object,
                new Claim(report.header().stem(), Claim.State.DEAD, "", proof, List.of(), 0),
                new Verdict(
                        Decision.DELETE,
                        Rule.R4_EXCLUSIVE,
                        "it was made in the namespace of process "
                                + report.header().pid() + (mapped ? "" : ", and is gone with that")),
                Optional.of(new Result(stays ? Outcome.UNKNOWN : Outcome.DELETED, 0)));
    }

    private static long seconds(Identity identity) {
        return identity instanceof Identity.OfFile file
                ? TimeUnit.NANOSECONDS.toSeconds(file.btimeNanos())
                : ((Identity.OfSysv) identity).ctimeSeconds();
    }

    /** Whether it comes from such a report. */
    static boolean isFrom(Finding finding) {
        return finding.verdict().rule() == Rule.R4_EXCLUSIVE
                && finding.verdict().decision() == Decision.DELETE;
    }
}
