package io.github.shmkit.internal.session;

import io.github.shmkit.internal.ipc.DeclaredDirectories;
import io.github.shmkit.internal.ipc.Identity;
import io.github.shmkit.internal.ipc.Inventory;
import io.github.shmkit.internal.ipc.IpcKind;
import io.github.shmkit.internal.ipc.IpcObject;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.LongStream;

/**
 * What was there when a session began: of each object a hash of what it is, and one of the name or key by which programs
 * find it, so that a hundred thousand of them are less than two megabytes.
 *
 * <p>Two objects of one hash, one in ten million million, make a new one pass for an old one: it stays.
 */
public final class Baseline {
    /** So many hashes make a record that the C program reads, too. */
    private static final int HASHES_PER_RECORD = 700;

    private static final String PREFIX = "B ";
    private static final String END = "E";

    private final long[] hashes;
    private final Set<IpcKind> listed;

    private Baseline(LongStream hashes, Set<IpcKind> listed) {
        this.hashes = hashes.sorted().distinct().toArray();
        this.listed = Set.copyOf(listed);
    }

    static Baseline of(Inventory inventory) {
        return of(inventory, DeclaredDirectories.NONE);
    }

    /** Of an inventory that has the files in those directories. */
    static Baseline of(Inventory inventory, DeclaredDirectories directories) {
        Set<IpcKind> listed = EnumSet.allOf(IpcKind.class);
        listed.removeAll(inventory.unlisted());
        return new Baseline(
                LongStream.concat(
                        inventory.objects().stream().flatMapToLong(o -> LongStream.of(identity(o), name(o))),
                        directories.patterns().stream().mapToLong(Baseline::directory)),
                listed);
    }

    /** Whether it can tell at all what is new of that kind. */
    public boolean tells(IpcKind kind) {
        return listed.contains(kind);
    }

    /** Whether it has the files of a declared directory. */
    public boolean covers(String pattern) {
        return has(directory(pattern));
    }

    private static long directory(String pattern) {
        return hash("directory ", pattern.getBytes(StandardCharsets.UTF_8));
    }

    /** Whether that very object was there, whatever its name is now. */
    public boolean hadObject(IpcObject object) {
        return has(identity(object));
    }

    /** Whether that object was there, or another one that programs found by the same name or key. */
    public boolean had(IpcObject object) {
        return hadObject(object) || has(name(object));
    }

    private boolean has(long hash) {
        return Arrays.binarySearch(hashes, hash) >= 0;
    }

    // --- hashes ---

    /** The change time of a System V object is left out: it moves. */
    private static long identity(IpcObject object) {
        if (object.identity() instanceof Identity.OfSysv s) {
            return hash("id " + object.kind() + " " + s.id() + " " + s.key() + " " + s.creatorUid(), new byte[0]);
        }
        Identity.OfFile f = (Identity.OfFile) object.identity();
        return hash("file " + f.device() + " " + f.inode() + " " + f.btimeNanos(), new byte[0]);
    }

    /** Of what has neither name nor key: its identity's. */
    private static long name(IpcObject object) {
        if (object.identity() instanceof Identity.OfSysv s) {
            return s.key() == 0 ? identity(object) : hash("key " + object.kind() + " " + s.key(), new byte[0]);
        }
        return hash(
                object.kind() == IpcKind.POSIX_MQ ? "queue " : "name ",
                object.name().bytes());
    }

    /** FNV-1a, whose bits are then mixed as MurmurHash3 does; another release that hashes otherwise needs another schema. */
    private static long hash(String text, byte[] bytes) {
        long hash = fnv(fnv(0xcbf29ce484222325L, text.getBytes(StandardCharsets.US_ASCII)), bytes);
        hash = (hash ^ (hash >>> 33)) * 0xff51afd7ed558ccdL;
        hash = (hash ^ (hash >>> 33)) * 0xc4ceb9fe1a85ec53L;
        return hash ^ (hash >>> 33);
    }

    private static long fnv(long hash, byte[] bytes) {
        long next = hash;
        for (byte b : bytes) {
            next = (next ^ (b & 0xff)) * 0x100000001b3L;
        }
        return next;
    }

    // --- in the ledger ---

    /** Without check sums. */
    List<String> records() {
        List<String> records = new ArrayList<>();
        for (int from = 0; from < hashes.length; from += HASHES_PER_RECORD) {
            int to = Math.min(hashes.length, from + HASHES_PER_RECORD);
            ByteBuffer bytes = ByteBuffer.allocate((to - from) * Long.BYTES);
            bytes.asLongBuffer().put(hashes, from, to - from);
            records.add(PREFIX + new String(base64().encode(bytes.array()), StandardCharsets.US_ASCII));
        }
        StringBuilder end = new StringBuilder(PREFIX + END);
        listed.stream().sorted().forEach(kind -> end.append(' ').append(kind));
        records.add(end.toString());
        return records;
    }

    private static Base64.Encoder base64() {
        return Base64.getUrlEncoder().withoutPadding();
    }

    /** Puts it together again. */
    static final class Reader {
        private final LongStream.Builder hashes = LongStream.builder();
        private final Set<IpcKind> listed = EnumSet.noneOf(IpcKind.class);
        private boolean whole;

        /** The rest of a record. */
        void read(LedgerLine line) {
            String word = line.word();
            if (word.equals(END)) {
                whole = true;
                while (!line.isAtEnd()) {
                    listed.add(line.kind());
                }
                return;
            }
            ByteBuffer bytes = ByteBuffer.wrap(Base64.getUrlDecoder().decode(word));
            if (bytes.remaining() % Long.BYTES != 0) {
                throw new IllegalArgumentException("not a list of hashes");
            }
            while (bytes.hasRemaining()) {
                hashes.add(bytes.getLong());
            }
        }

        /** Empty if its last record is missing, so that it tells nothing of what is new. */
        Optional<Baseline> result() {
            return whole ? Optional.of(new Baseline(hashes.build(), listed)) : Optional.empty();
        }
    }
}
