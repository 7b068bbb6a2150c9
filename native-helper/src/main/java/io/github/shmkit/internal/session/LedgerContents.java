package io.github.shmkit.internal.session;

import io.github.shmkit.internal.ipc.Identity;
import io.github.shmkit.internal.ipc.IpcKind;
import io.github.shmkit.internal.os.RawName;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What a ledger says; ledger.h describes its format.
 *
 * @param header of the JVM that wrote it
 * @param objects those that were not released, in the order of their INTENTs
 * @param processes the helpers that it started
 * @param observations what else processes of the session made
 * @param uses which of that processes of others used
 * @param members processes of the session that outlived a second
 * @param watch how makers were found; empty when nothing watched
 * @param lost of which events some were lost: what the observations say is true, but not all
 * @param baseline what was there when the session began; empty when that was not noted
 */
public record LedgerContents(
        Header header,
        List<Entry> objects,
        List<ProcessEntry> processes,
        List<Observation> observations,
        List<Use> uses,
        List<Member> members,
        Optional<Watch> watch,
        Set<Events> lost,
        Optional<Baseline> baseline) {
    static final int SCHEMA = 1;

    /**
     * Who wrote the ledger, and in which kernel's view.
     *
     * @param ipcIdentity what tells the IPC namespace from a later one of the same number, see {@link IpcNamespace}; empty
     *     where that was not noted
     */
    public record Header(
            String session,
            int fork,
            String bootId,
            long shmDevice,
            long ipcNamespace,
            long pidNamespace,
            long userNamespace,
            int pid,
            long startTime,
            long euid,
            String ipcIdentity) {
        /** "session.fork", or "session" for a build. */
        public String stem() {
            return LedgerContents.stem(session, fork);
        }
    }

    /**
     * An object; the identity is missing when the JVM died between its INTENT and its COMMIT.
     *
     * @param name in /dev/shm, of the queue, or the absolute path; empty for System V
     * @param notBefore of System V semaphore sets and queues: when they were about to be made, in seconds since the epoch
     */
    public record Entry(
            long seq, IpcKind kind, RawName name, int key, long size, long notBefore, Optional<Identity> identity) {
        /** Of a kind of which the kernel tells the creator, or that has a name. */
        public Entry(long seq, IpcKind kind, RawName name, int key, long size, Optional<Identity> identity) {
            this(seq, kind, name, key, size, 0, identity);
        }

        Entry with(Identity created) {
            return new Entry(seq, kind, name, key, size, notBefore, Optional.of(created));
        }
    }

    /** A helper process. */
    public record ProcessEntry(int pid, long startTime, long pidNamespace) {}

    /**
     * An object that a process of the session made, but not through us.
     *
     * @param name relative to its directory, with slashes where it lies deeper; empty for System V
     * @param owner the uid that it belonged to when it was seen; of System V the creator's
     * @param proof what proves that this process made it
     * @param command the process's command line, or its bare name when it was gone; empty when it could not be read
     */
    public record Observation(
            IpcKind kind,
            RawName name,
            Identity identity,
            long owner,
            long size,
            int pid,
            long startTime,
            Maker proof,
            String command) {}

    /** What proves a maker. */
    public enum Maker implements Coded {
        /** The kernel named it, and it descends from the session's root. */
        DESCENDANT('D'),
        /** The kernel named it, and it carries the session's token. */
        TOKEN('T'),
        /** Nothing: it had the object open when it was seen. */
        HOLDER('H'),
        /** Nothing, and no process is named: whoever it is, is in the namespace of the report. */
        UNKNOWN('N');

        private final char code;

        Maker(char code) {
            this.code = code;
        }

        @Override
        public char code() {
            return code;
        }
    }

    /** A process that is not of the session used an object of an observation: opened the file, attached the segment. */
    public record Use(IpcKind kind, RawName name, Identity identity, int pid, long startTime, String command) {}

    /** A process of the session that outlived a second. */
    public record Member(int pid, long startTime, long pidNamespace, String command) {}

    /**
     * How the session's processes, and the makers of files and of queues, were found.
     *
     * @param errors of the three, where the kernel does not name them: why not, as an errno; 0 for unknown
     */
    public record Watch(Source processes, Source files, Source queues, List<Integer> errors) {
        public Watch(Source processes, Source files, Source queues) {
            this(processes, files, queues, List.of(0, 0, 0));
        }

        private static Watch of(LedgerLine line) {
            Source processes = line.coded(Source.values());
            Source files = line.coded(Source.values());
            Source queues = line.coded(Source.values());
            return line.isAtEnd()
                    ? new Watch(processes, files, queues)
                    : new Watch(processes, files, queues, List.of(line.integer(), line.integer(), line.integer()));
        }

        /**
         * Reads the record as the native helper tells it, without a check sum.
         *
         * @throws UnreadableException if it is none
         */
        public static Watch parse(String record) throws UnreadableException {
            try {
                String[] fields = record.trim().split(" ", -1);
                if (fields.length == 7 && fields[0].equals("A")) {
                    return new Watch(
                            source(fields[1]),
                            source(fields[2]),
                            source(fields[3]),
                            List.of(
                                    Integer.parseInt(fields[4]),
                                    Integer.parseInt(fields[5]),
                                    Integer.parseInt(fields[6])));
                }
            } catch (NumberFormatException e) {
                throw new UnreadableException("not a number in '" + record + "'");
            }
            throw new UnreadableException("not a record of sources: '" + record + "'");
        }

        private static Source source(String letter) throws UnreadableException {
            for (Source source : Source.values()) {
                if (letter.equals(String.valueOf(source.code()))) {
                    return source;
                }
            }
            throw new UnreadableException("not a source: '" + letter + "'");
        }
    }

    /** Where a watch has its knowledge from. */
    public enum Source implements Coded {
        /** The kernel names the process. */
        KERNEL('K'),
        /** What /proc shows of the living. */
        SEEN('S'),
        /** It is not watched. */
        NOTHING('N');

        private final char code;

        Source(char code) {
            this.code = code;
        }

        @Override
        public char code() {
            return code;
        }
    }

    /** What the kernel tells of, and may be too fast at. */
    public enum Events implements Coded {
        /** New and ended processes. */
        PROCESSES('P'),
        /** New and opened files. */
        FILES('F');

        private final char code;

        Events(char code) {
            this.code = code;
        }

        @Override
        public char code() {
            return code;
        }
    }

    /** What stands in a ledger as one letter. */
    interface Coded {
        char code();
    }

    /** It cannot be believed; the message says why. */
    public static final class UnreadableException extends Exception {
        private static final long serialVersionUID = 1L;

        UnreadableException(String message) {
            super(message);
        }
    }

    /**
     * Reads a whole ledger.
     *
     * @throws UnreadableException if any record but a torn last one is damaged, or the schema is not ours
     */
    public static LedgerContents parse(byte[] bytes) throws UnreadableException {
        Header header = null;
        Map<Long, Entry> objects = new LinkedHashMap<>();
        List<ProcessEntry> processes = new ArrayList<>();
        List<Observation> observations = new ArrayList<>();
        List<Use> uses = new ArrayList<>();
        List<Member> members = new ArrayList<>();
        Watch watch = null;
        Set<Events> lost = EnumSet.noneOf(Events.class);
        Baseline.Reader baseline = new Baseline.Reader();
        LedgerLine line = new LedgerLine(bytes);
        try {
            while (line.next()) {
                if (header == null) {
                    header = header(line);
                } else {
                    char op = line.letter();
                    switch (op) {
                        case 'I' -> intent(line, objects);
                        case 'C' -> commit(line, objects);
                        case 'R' -> objects.remove(line.seq());
                        case 'P' -> processes.add(process(line));
                        case 'O' -> observations.add(observation(line));
                        case 'U' -> uses.add(use(line));
                        case 'M' -> members.add(new Member(line.integer(), line.number(), line.number(), line.text()));
                        case 'A' -> watch = Watch.of(line);
                        case 'X' -> lost.add(line.coded(Events.values()));
                        case 'B' -> baseline.read(line);
                        default -> throw new IllegalArgumentException("unknown record " + op);
                    }
                }
                line.end();
            }
        } catch (IllegalArgumentException e) {
            throw new UnreadableException("a record is malformed");
        }
        if (header == null) {
            throw new UnreadableException("it is empty");
        }
        return new LedgerContents(
                header,
                List.copyOf(objects.values()),
                List.copyOf(processes),
                List.copyOf(observations),
                List.copyOf(uses),
                List.copyOf(members),
                Optional.ofNullable(watch),
                Set.copyOf(lost),
                baseline.result());
    }

    private static Header header(LedgerLine line) throws UnreadableException {
        if (line.letter() != 'H') {
            throw new UnreadableException("it does not begin with a header");
        }
        long schema = line.number();
        if (schema != SCHEMA) {
            throw new UnreadableException(
                    "its schema is " + schema + ", and this release knows " + SCHEMA + ": it is another release's");
        }
        return new Header(
                line.word(),
                line.integer(),
                line.word(),
                line.number(),
                line.number(),
                line.number(),
                line.number(),
                line.integer(),
                line.number(),
                line.number(),
                line.isAtEnd() ? "" : line.word());
    }

    private static void intent(LedgerLine line, Map<Long, Entry> objects) {
        long seq = line.seq();
        IpcKind kind = line.kind();
        if (kind == IpcKind.MEMFD) {
            throw new IllegalArgumentException("a memfd has neither a name nor a key");
        }
        RawName name = kind.isSysv() ? RawName.EMPTY : line.name();
        int key = kind.isSysv() ? line.hex() : 0;
        long size = line.number();
        long notBefore = kind.isUnaccounted() ? line.number() : 0;
        // A record may stand there twice, see Ledger.compact: it is the same object.
        objects.putIfAbsent(seq, new Entry(seq, kind, name, key, size, notBefore, Optional.empty()));
    }

    private static void commit(LedgerLine line, Map<Long, Entry> objects) {
        Entry e = objects.get(line.seq());
        if (e == null) {
            throw new IllegalArgumentException("COMMIT without INTENT");
        }
        if (line.isSysv() != e.kind().isSysv()) {
            throw new IllegalArgumentException("COMMIT of another kind than its INTENT");
        }
        Identity identity;
        if (e.kind().isSysv()) {
            int id = line.integer();
            long ctime = line.number();
            identity = new Identity.OfSysv(id, e.key(), line.number(), ctime);
        } else {
            identity = line.file();
        }
        objects.put(e.seq(), e.with(identity));
    }

    private static ProcessEntry process(LedgerLine line) {
        ProcessEntry process = new ProcessEntry(line.pid(), line.number(), line.number());
        line.word(); // its role
        return process;
    }

    private static Observation observation(LedgerLine line) {
        boolean sysv = line.isSysv();
        IpcKind kind = line.kind();
        RawName name = sysv ? RawName.EMPTY : line.name();
        Identity identity = sysv ? line.sysv() : line.file();
        long owner = identity instanceof Identity.OfSysv made ? made.creatorUid() : line.number();
        return new Observation(
                kind,
                name,
                identity,
                owner,
                line.number(),
                line.integer(),
                line.number(),
                line.coded(Maker.values()),
                line.text());
    }

    private static Use use(LedgerLine line) {
        boolean sysv = line.isSysv();
        IpcKind kind = line.kind();
        return new Use(
                kind,
                sysv ? RawName.EMPTY : line.name(),
                sysv ? line.sysv() : line.file(),
                line.integer(),
                line.number(),
                line.text());
    }

    static String stem(String session, int fork) {
        return fork == 0 ? session : session + "." + fork;
    }
}
