package io.github.shmkit.internal.helper;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A thread in a system call, as {@code /proc} shows it.
 *
 * @param name of the thread, 15 bytes at most
 * @param call the number, its arguments, the stack pointer and the instruction pointer; empty where it is in none
 * @param switches how often it gave the processor away: as long as that is the same, it has done nothing
 */
record BlockedThread(long pid, long tid, String name, List<Long> call, String switches) {
    private static final boolean ARM = System.getProperty("os.arch", "").equals("aarch64");
    private static final int FUTEX = ARM ? 98 : 202;
    private static final int FCNTL = ARM ? 25 : 72;
    private static final int FLOCK = ARM ? 32 : 73;
    private static final int SEMOP = ARM ? 193 : 65;
    private static final int SEMTIMEDOP = ARM ? 192 : 220;
    private static final int MSGSND = ARM ? 189 : 69;
    private static final int MSGRCV = ARM ? 188 : 70;
    private static final int MQ_TIMEDSEND = ARM ? 182 : 242;
    private static final int MQ_TIMEDRECEIVE = ARM ? 183 : 243;
    private static final int WAIT4 = ARM ? 260 : 61;
    private static final int WAITID = ARM ? 95 : 247;
    private static final int READ = ARM ? 63 : 0;
    private static final int RECVMSG = ARM ? 212 : 47;
    private static final int RECVFROM = ARM ? 207 : 45;
    private static final int PPOLL = ARM ? 73 : 271;
    private static final int POLL = ARM ? -2 : 7;

    private static final long FUTEX_COMMAND = 127;
    private static final List<Long> FUTEX_WAITS = List.of(0L, 6L, 9L, 11L, 13L);
    private static final List<Long> LOCK_WAITS = List.of(7L, 38L);
    private static final int STACK = 7;
    private static final int CODE = 8;
    private static final int STACK_BYTES = 4096;
    private static final int FRAMES = 4;

    /** Those of a process; empty if it has ended or is not ours to look at. */
    static List<BlockedThread> of(long pid) {
        List<BlockedThread> threads = new ArrayList<>();
        try (var tasks = Files.newDirectoryStream(Path.of("/proc/" + pid + "/task"))) {
            for (Path task : tasks) {
                String status = read(task.resolve("status"));
                if (!status.isEmpty()) {
                    threads.add(new BlockedThread(
                            pid,
                            Long.parseLong(String.valueOf(task.getFileName())),
                            field(status, "Name:"),
                            call(read(task.resolve("syscall"))),
                            field(status, "State:") + " " + field(status, "voluntary_ctxt_switches:") + " "
                                    + field(status, "nonvoluntary_ctxt_switches:")));
                }
            }
        } catch (IOException e) {
            return List.of();
        }
        return threads;
    }

    private static String read(Path file) {
        try {
            return Files.readString(file, StandardCharsets.ISO_8859_1);
        } catch (IOException e) {
            return "";
        }
    }

    private static String field(String status, String name) {
        return status.lines()
                .filter(line -> line.startsWith(name))
                .map(line -> line.substring(name.length()).strip())
                .findFirst()
                .orElse("");
    }

    /** "running", or the number in decimal and the rest in hex. */
    private static List<Long> call(String text) {
        String[] fields = text.strip().split(" ", -1);
        if (fields.length != CODE + 1) {
            return List.of();
        }
        List<Long> call = new ArrayList<>(List.of(Long.parseLong(fields[0])));
        for (int i = 1; i < fields.length; i++) {
            call.add(Long.parseUnsignedLong(fields[i].substring(2), 16));
        }
        return call;
    }

    private boolean isIn(int number) {
        return !call.isEmpty() && call.get(0) == number;
    }

    private long argument(int index) {
        return call.get(index + 1);
    }

    /** What it waits in without a limit on the time, if that is something which another process ends. */
    Optional<String> waitsForEverIn() {
        if (!switches.startsWith("S")) {
            return Optional.empty(); // stopped, say
        }
        if (isIn(FUTEX) && FUTEX_WAITS.contains(argument(1) & FUTEX_COMMAND) && argument(3) == 0) {
            return Optional.of("futex(2)");
        } else if (isIn(FCNTL) && LOCK_WAITS.contains(argument(1))) {
            return Optional.of("fcntl(2), for a lock");
        } else if (isIn(FLOCK)) {
            return Optional.of("flock(2)");
        } else if (isIn(SEMOP) || (isIn(SEMTIMEDOP) && argument(3) == 0)) {
            return Optional.of("semop(2)");
        } else if (isIn(MSGSND) || isIn(MSGRCV)) {
            return Optional.of("a System V message queue");
        } else if ((isIn(MQ_TIMEDSEND) || isIn(MQ_TIMEDRECEIVE)) && argument(4) == 0) {
            return Optional.of("a POSIX message queue");
        } else if (isIn(WAIT4) || isIn(WAITID)) {
            return Optional.of("wait(2)");
        }
        return Optional.empty();
    }

    /** Whether it waits for the end of another process. */
    boolean waitsForChildren() {
        return isIn(WAIT4) || isIn(WAITID);
    }

    /** The lock of a file that it waits for. */
    boolean waitsForLock() {
        return isIn(FCNTL) || isIn(FLOCK);
    }

    /** Whether it waits for what is sent to it. */
    boolean waitsForInput() {
        return isIn(READ) || isIn(RECVMSG) || isIn(RECVFROM) || isIn(POLL) || isIn(PPOLL);
    }

    /** The id of the semaphore set that it waits at. */
    Optional<Long> semaphores() {
        return isIn(SEMOP) || isIn(SEMTIMEDOP) ? Optional.of(argument(0)) : Optional.empty();
    }

    /** The address that it waits at. */
    Optional<Long> word() {
        return isIn(FUTEX) ? Optional.of(argument(0)) : Optional.empty();
    }

    /** What an int in its memory is now. */
    Optional<Integer> value(long address) {
        byte[] bytes = memory(address, Integer.BYTES);
        return bytes.length < Integer.BYTES
                ? Optional.empty()
                : Optional.of(
                        ByteBuffer.wrap(bytes).order(ByteOrder.nativeOrder()).getInt());
    }

    private byte[] memory(long address, int size) {
        byte[] bytes = new byte[size];
        try (RandomAccessFile memory = new RandomAccessFile("/proc/" + pid + "/mem", "r")) {
            memory.seek(address);
            int got = memory.read(bytes);
            return java.util.Arrays.copyOf(bytes, Math.max(got, 0));
        } catch (IOException e) {
            return new byte[0]; // it ended, or is not ours to look into
        }
    }

    /**
     * The functions that it is in, innermost first: those that its stack returns to. As nobody unwinds the stack, one that has
     * returned already may be among them.
     */
    List<String> functions() {
        if (call.isEmpty()) {
            return List.of();
        }
        MemoryMap map = MemoryMap.of(pid);
        Map<Long, Boolean> seen = new HashMap<>();
        List<String> functions = new ArrayList<>();
        name(map, call.get(CODE)).ifPresent(functions::add);
        ByteBuffer stack = ByteBuffer.wrap(memory(call.get(STACK), STACK_BYTES)).order(ByteOrder.nativeOrder());
        while (stack.remaining() >= Long.BYTES && functions.size() < FRAMES) {
            long word = stack.getLong();
            if (seen.putIfAbsent(word, true) == null && isReturn(map, word)) {
                name(map, word - 1)
                        .filter(name -> functions.isEmpty()
                                || !functions.get(functions.size() - 1).equals(name))
                        .ifPresent(functions::add);
            }
        }
        return functions;
    }

    private static Optional<String> name(MemoryMap map, long address) {
        return map.at(address)
                .filter(MemoryMap.Mapping::isCode)
                .flatMap(code -> io.github.shmkit.internal.trace.Symbols.of(Path.of(code.path()))
                        .name(address - code.low() + code.offset()));
    }

    /** Whether a call stands before it. */
    private boolean isReturn(MemoryMap map, long address) {
        if (map.at(address).filter(MemoryMap.Mapping::isCode).isEmpty()) {
            return false;
        }
        if (ARM) {
            return (address & 3) == 0;
        }
        byte[] b = memory(address - 7, 7);
        return b.length == 7
                && ((b[2] & 0xff) == 0xe8
                        || isIndirect(b, 5)
                        || isIndirect(b, 4)
                        || isIndirect(b, 1)
                        || isIndirect(b, 0));
    }

    /** {@code call r/m64}. */
    private static boolean isIndirect(byte[] code, int at) {
        return (code[at] & 0xff) == 0xff && (code[at + 1] & 0x38) == 0x10;
    }
}
