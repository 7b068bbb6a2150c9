package io.github.shmkit.maven.internal;

import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.Stream;

/** How much of each limit of the kernel is used. */
final class Limits {
    private static final Path PROC = Path.of("/proc");
    private static final int SEMMNS = 1;
    private static final int SEMMNI = 3;
    private static final int SOFT = 3;
    /** Of a segment its bytes, of a set its semaphores. */
    private static final int SIZE = 3;

    private static final int LINE_MAX = 256;
    private static final long KILO = 1024;
    private static final double FULL = 0.8;

    private Limits() {}

    /**
     * One limit.
     *
     * @param name for people
     * @param key for machines
     * @param used empty where that is not counted
     * @param max empty for unknown, -1 for none
     * @param setting where it is set
     * @param bytes whether both are bytes
     */
    record Limit(String name, String key, OptionalLong used, OptionalLong max, String setting, boolean bytes) {
        boolean isNearlyFull() {
            return used.isPresent()
                    && max.isPresent()
                    && max.getAsLong() > 0
                    && used.getAsLong() >= FULL * max.getAsLong();
        }

        String text() {
            String limit = max.isEmpty() ? "unknown" : max.getAsLong() < 0 ? "no limit" : format(max.getAsLong());
            return name + ": "
                    + (used.isPresent() ? format(used.getAsLong()) + (max.orElse(0) < 0 ? ", " : " of ") : "") + limit
                    + " (" + setting + ")" + (isNearlyFull() ? ", nearly full" : "");
        }

        private String format(long number) {
            return bytes ? Size.bytes(number) : Long.toString(number);
        }
    }

    /**
     * All of them.
     *
     * @param queues how many POSIX queues there are; empty for unknown
     */
    static List<Limit> all(OptionalLong queues) {
        List<Limit> limits = new ArrayList<>();
        List<long[]> segments = rows("shm");
        limits.add(count("System V segments", "shmmni", segments.size(), kernel("shmmni", 0), "kernel.shmmni"));
        limits.add(new Limit(
                "System V shared memory",
                "shmall",
                OptionalLong.of(segments.stream().mapToLong(row -> row[SIZE]).sum()),
                pages(kernel("shmall", 0)),
                "kernel.shmall, in pages",
                true));
        List<long[]> sets = rows("sem");
        limits.add(count(
                "System V semaphore sets", "semmni", sets.size(), kernel("sem", SEMMNI), "kernel.sem, 4th number"));
        limits.add(count(
                "System V semaphores",
                "semmns",
                sets.stream().mapToLong(row -> row[SIZE]).sum(),
                kernel("sem", SEMMNS),
                "kernel.sem, 2nd number"));
        limits.add(count("System V queues", "msgmni", rows("msg").size(), kernel("msgmni", 0), "kernel.msgmni"));
        limits.add(new Limit(
                "bytes in a System V queue",
                "msgmnb",
                OptionalLong.empty(),
                kernel("msgmnb", 0),
                "kernel.msgmnb",
                true));
        limits.add(new Limit(
                "POSIX queues",
                "queues_max",
                queues,
                number(PROC.resolve("sys/fs/mqueue/queues_max"), 0),
                "fs.mqueue.queues_max",
                false));
        limits.add(new Limit(
                "messages in a POSIX queue",
                "mqueue_msg_max",
                OptionalLong.empty(),
                number(PROC.resolve("sys/fs/mqueue/msg_max"), 0),
                "fs.mqueue.msg_max",
                false));
        limits.add(new Limit(
                "memory of this user's POSIX queues",
                "rlimit_msgqueue",
                OptionalLong.empty(),
                messageQueueLimit(),
                "ulimit -q",
                true));
        limits.add(new Limit(
                "huge pages",
                "hugepages",
                difference(meminfo("HugePages_Total"), meminfo("HugePages_Free")),
                meminfo("HugePages_Total"),
                "vm.nr_hugepages",
                false));
        return limits;
    }

    private static Limit count(String name, String key, long used, OptionalLong max, String setting) {
        return new Limit(name, key, OptionalLong.of(used), max, setting, false);
    }

    private static OptionalLong kernel(String name, int field) {
        return number(PROC.resolve("sys/kernel").resolve(name), field);
    }

    private static OptionalLong pages(OptionalLong count) {
        // The default is "as much as there is", a number of pages that overflows in bytes.
        return count.isEmpty()
                ? count
                : OptionalLong.of(
                        count.getAsLong() < 0 || count.getAsLong() > Long.MAX_VALUE / (4 * KILO)
                                ? -1
                                : count.getAsLong() * 4 * KILO);
    }

    static OptionalLong number(Path file, int field) {
        // One read: a number in /proc/sys gives no more than its first digit to one that reads a byte at first.
        try (InputStream in = new FileInputStream(file.toFile())) {
            String[] fields = new String(in.readNBytes(LINE_MAX), StandardCharsets.US_ASCII)
                    .trim()
                    .split("\\s+", -1);
            return OptionalLong.of(
                    fields[field].startsWith("-")
                            ? Long.parseLong(fields[field])
                            : Long.parseUnsignedLong(fields[field]));
        } catch (IOException | NumberFormatException | ArrayIndexOutOfBoundsException e) {
            return OptionalLong.empty(); // this kernel has no such limit
        }
    }

    /** Their numbers; a kernel without them has none. */
    private static List<long[]> rows(String table) {
        try (Stream<String> rows = Files.lines(PROC.resolve("sysvipc").resolve(table), StandardCharsets.US_ASCII)) {
            return rows.skip(1)
                    .map(row -> Stream.of(row.trim().split("\\s+", -1))
                            .mapToLong(Long::parseLong)
                            .toArray())
                    .toList();
        } catch (IOException | NumberFormatException e) {
            return List.of();
        }
    }

    private static OptionalLong messageQueueLimit() {
        try (Stream<String> limits = Files.lines(PROC.resolve("self/limits"), StandardCharsets.US_ASCII)) {
            Optional<String> line =
                    limits.filter(l -> l.startsWith("Max msgqueue size")).findFirst();
            if (line.isEmpty()) {
                return OptionalLong.empty();
            }
            String soft = line.get().trim().split("\\s+", -1)[SOFT];
            return OptionalLong.of(soft.equals("unlimited") ? -1 : Long.parseLong(soft));
        } catch (IOException | NumberFormatException e) {
            return OptionalLong.empty();
        }
    }

    private static OptionalLong meminfo(String name) {
        try (Stream<String> lines = Files.lines(PROC.resolve("meminfo"), StandardCharsets.US_ASCII)) {
            return lines.filter(line -> line.startsWith(name + ":"))
                    .mapToLong(line -> Long.parseLong(line.replaceAll("[^0-9]", "")))
                    .findFirst();
        } catch (IOException e) {
            return OptionalLong.empty();
        }
    }

    private static OptionalLong difference(OptionalLong total, OptionalLong free) {
        return total.isPresent() && free.isPresent()
                ? OptionalLong.of(total.getAsLong() - free.getAsLong())
                : OptionalLong.empty();
    }
}
