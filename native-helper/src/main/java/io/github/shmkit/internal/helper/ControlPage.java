package io.github.shmkit.internal.helper;

import io.github.shmkit.Segment;
import io.github.shmkit.ShmException;
import io.github.shmkit.internal.os.FutexCalls;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalLong;

/**
 * The segment with the checkpoints of one test; {@code shmkit.h} describes it, and has the same numbers and algorithms.
 */
final class ControlPage {
    static final int MAGIC = 0x43484d53;
    static final int VERSION = 1;
    static final int NAME_SIZE = 48;
    static final int PARTIES = 64;
    static final int CHECKPOINTS = 128;
    static final int PARTY_FREE = 0;
    static final int PARTY_ALIVE = 1;
    static final int PARTY_DEAD = 2;

    private static final int EVENT = 8;
    private static final int WAITERS = 12;
    private static final int HEAD_SIZE = 128;
    private static final int PARTY_SIZE = 128;
    private static final int PARTY_STATE = 48;
    private static final int PARTY_PID = 52;
    private static final int PARTY_STATUS = 56;
    private static final int PARTY_TIME = 64;
    private static final int CHECKPOINT_SIZE = 128;
    private static final int COUNT = 8;
    private static final int PID = 12;
    private static final int TIME = 16;
    private static final int NAME = 24;
    private static final int PARTY = 72;
    private static final int FIRST_CHECKPOINT = HEAD_SIZE + PARTIES * PARTY_SIZE;

    static final int SIZE = FIRST_CHECKPOINT + CHECKPOINTS * CHECKPOINT_SIZE;

    private final Segment page;

    /** What is known of one name. */
    record Entry(String name, String party, int count, int pid, Instant time) {}

    ControlPage(Segment page) {
        this.page = page;
        if (page.size() < SIZE) {
            throw new ShmException("a page of checkpoints has " + SIZE + " bytes, not " + page.size());
        }
    }

    /** Makes a page of zeros one without checkpoints and parties. */
    void begin() {
        page.putInt(4, VERSION);
        page.putIntRelease(0, MAGIC);
    }

    Segment segment() {
        return page;
    }

    private void changed() {
        page.getAndAddInt(EVENT, 1);
        if (page.getIntVolatile(WAITERS) != 0) {
            FutexCalls.wakeAll(page.nativeAddress() + EVENT);
        }
    }

    // --- names ---

    /** The bytes of a name that can stand in the page. */
    static byte[] bytes(String what, String name) {
        byte[] bytes = name.getBytes(StandardCharsets.UTF_8);
        if (bytes.length == 0 || bytes.length >= NAME_SIZE || name.indexOf('\0') >= 0) {
            throw new IllegalArgumentException(
                    "'" + name + "' cannot be the name of a " + what + ": it has 1 to " + (NAME_SIZE - 1) + " bytes");
        }
        return bytes;
    }

    /** FNV-1a of both texts, each with a NUL behind it; never 0. */
    static long hash(byte[] name, byte[] party) {
        long hash = 0xcbf29ce484222325L;
        for (byte[] text : List.of(name, party)) {
            for (byte b : text) {
                hash = (hash ^ (b & 0xff)) * 0x100000001b3L;
            }
            hash *= 0x100000001b3L;
        }
        return hash == 0 ? 1 : hash;
    }

    /** Where the checkpoint is, or one party's arrivals at a barrier; empty if it is new and not to be created. */
    private OptionalLong find(String name, String party, boolean create) {
        byte[] nameBytes = bytes("checkpoint", name);
        byte[] partyBytes = party.isEmpty() ? new byte[0] : bytes("party of barrier '" + name + "'", party);
        long hash = hash(nameBytes, partyBytes);
        for (int i = 0; i < CHECKPOINTS; i++) {
            long at = FIRST_CHECKPOINT + (long) i * CHECKPOINT_SIZE;
            if (page.getLongVolatile(at) == 0) {
                if (!create) {
                    return OptionalLong.empty();
                }
                page.compareAndSetLong(at, 0, hash);
            }
            if (page.getLongVolatile(at) == hash) {
                if (page.getByte(at + NAME) == 0) {
                    page.putBytes(at + PARTY, partyBytes);
                    page.putBytes(at + NAME, nameBytes);
                }
                return OptionalLong.of(at);
            }
        }
        return OptionalLong.empty();
    }

    int reach(String name, String party) {
        long at = find(name, party, true)
                .orElseThrow(() -> new ShmException("there is no room for checkpoint '" + name
                        + "': a test has at most " + CHECKPOINTS + ", and each party of a barrier takes one"));
        page.putInt(at + PID, (int) ProcessHandle.current().pid());
        page.putLong(at + TIME, nanos(Instant.now()));
        int count = page.getAndAddInt(at + COUNT, 1) + 1;
        changed();
        return count;
    }

    /** How often it was reached; a name that was not takes no room. */
    int count(String name, String party) {
        OptionalLong at = find(name, party, false);
        return at.isPresent() ? page.getIntVolatile(at.getAsLong() + COUNT) : 0;
    }

    /** Where the number stands that tells how often it was reached; empty if it was not. */
    OptionalLong placeOfCount(String name) {
        OptionalLong at = find(name, "", false);
        return at.isPresent() && page.getIntVolatile(at.getAsLong() + COUNT) > 0
                ? OptionalLong.of(at.getAsLong() + COUNT)
                : OptionalLong.empty();
    }

    /** All names that somebody reached. */
    List<Entry> entries() {
        List<Entry> entries = new ArrayList<>();
        for (int i = 0; i < CHECKPOINTS; i++) {
            long at = FIRST_CHECKPOINT + (long) i * CHECKPOINT_SIZE;
            int count = page.getIntVolatile(at + COUNT);
            if (count != 0) {
                entries.add(new Entry(
                        text(at + NAME),
                        text(at + PARTY),
                        count,
                        page.getInt(at + PID),
                        instant(page.getLong(at + TIME))));
            }
        }
        return entries;
    }

    private String text(long at) {
        byte[] bytes = page.getBytes(at, NAME_SIZE);
        int end = 0;
        while (end < NAME_SIZE && bytes[end] != 0) {
            end++;
        }
        return new String(Arrays.copyOf(bytes, end), StandardCharsets.UTF_8);
    }

    private static long nanos(Instant time) {
        return Math.addExact(Math.multiplyExact(time.getEpochSecond(), 1_000_000_000L), time.getNano());
    }

    private static Instant instant(long nanos) {
        return Instant.ofEpochSecond(0, nanos);
    }

    // --- parties; only the test's own JVM writes them ---

    private static long party(int index) {
        return HEAD_SIZE + (long) index * PARTY_SIZE;
    }

    /** Notes a living process; -1 if there is no room, or its name is too long for others to wait for it. */
    int join(String name, long pid) {
        byte[] bytes = name.getBytes(StandardCharsets.UTF_8);
        if (bytes.length >= NAME_SIZE) {
            return -1;
        }
        int index = freeParty();
        if (index >= 0) {
            long at = party(index);
            page.putIntVolatile(at + PARTY_STATE, PARTY_FREE);
            page.putBytes(at, Arrays.copyOf(bytes, NAME_SIZE));
            page.putInt(at + PARTY_PID, (int) pid);
            page.putInt(at + PARTY_STATUS, 0);
            page.putLong(at + PARTY_TIME, 0);
            page.putIntVolatile(at + PARTY_STATE, PARTY_ALIVE);
        }
        return index;
    }

    /** A free place, or else one of the dead. */
    private int freeParty() {
        for (int wanted : new int[] {PARTY_FREE, PARTY_DEAD}) {
            for (int i = 0; i < PARTIES; i++) {
                if (page.getIntVolatile(party(i) + PARTY_STATE) == wanted) {
                    return i;
                }
            }
        }
        return -1;
    }

    void pid(int index, long pid) {
        page.putInt(party(index) + PARTY_PID, (int) pid);
    }

    void die(int index, int waitStatus) {
        long at = party(index);
        page.putInt(at + PARTY_STATUS, waitStatus);
        page.putLong(at + PARTY_TIME, nanos(Instant.now()));
        page.putIntVolatile(at + PARTY_STATE, PARTY_DEAD);
        changed();
    }

    /** Whether a party is known to have died and not to have been started again. */
    boolean isDead(String name) {
        boolean dead = false;
        for (int i = 0; i < PARTIES; i++) {
            int state = page.getIntVolatile(party(i) + PARTY_STATE);
            if (state != PARTY_FREE && text(party(i)).equals(name)) {
                if (state == PARTY_ALIVE) {
                    return false;
                }
                dead = true;
            }
        }
        return dead;
    }

    /** The name of the process with that pid, or nothing. */
    String nameOf(int pid) {
        for (int i = 0; i < PARTIES; i++) {
            if (page.getIntVolatile(party(i) + PARTY_STATE) != PARTY_FREE && page.getInt(party(i) + PARTY_PID) == pid) {
                return text(party(i));
            }
        }
        return "";
    }
}
