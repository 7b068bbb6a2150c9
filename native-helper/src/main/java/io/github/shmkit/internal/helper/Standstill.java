package io.github.shmkit.internal.helper;

import io.github.shmkit.internal.helper.MemoryMap.Mapping;
import io.github.shmkit.internal.helper.MemoryMap.Shared;
import io.github.shmkit.process.JvmHelper;
import io.github.shmkit.process.NativeHelper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Whether processes wait for ever: each of them in a system call without a limit on the time, and all that could end these
 * waits among them.
 *
 * <p>That is certain, not a guess: none of their threads ran between two looks at all of them, so at one moment all waited
 * for each other, or for a process that is dead. What cannot be seen is an alarm(2) that would interrupt one.
 */
public final class Standstill {
    /** Of a JVM, as comm(5) shows them: none of them has to do with the code of a test. */
    private static final List<String> OF_JVMS = List.of(
            "java",
            "GC ",
            "G1 ",
            "VM ",
            "C1 ",
            "C2 ",
            "Sweeper",
            "Reference Handl",
            "Finalizer",
            "Signal Dispatch",
            "Service Thread",
            "Monitor Deflati",
            "Common-Cleaner",
            "Cleaner-",
            "Notification",
            "Attach Listener",
            "process reaper",
            "JNA Cleaner",
            "shmkit prepar",
            "shmkit exit");

    /**
     * A thread that waits.
     *
     * @param call the system call
     * @param object what its word is in, by the last part of the path; empty if it waits for something else
     * @param offset of the word there
     * @param detail for more about it
     */
    public record Waiting(long pid, String call, Optional<String> object, long offset, Detail detail) {
        /** More about it, which takes longer to find out. */
        public interface Detail {
            /** The functions that it is in, innermost first, as far as they have names. */
            List<String> functions();

            /** The int that it waits at. */
            Optional<Integer> value();
        }

        /** {@code futex(2) at ring+0x30}. */
        public String where() {
            return call
                    + object.map(name -> " at " + name + "+0x" + Long.toHexString(offset))
                            .orElse("");
        }
    }

    private final long self = ProcessHandle.current().pid();
    private final Map<Long, HelperProcess> helpers;
    private final Map<Long, List<BlockedThread>> threads = new LinkedHashMap<>();

    private Standstill(Collection<? extends HelperProcess> helpers) {
        this.helpers = helpers.stream()
                .filter(HelperProcess::isAlive)
                .collect(Collectors.toMap(HelperProcess::pid, helper -> helper, (a, b) -> a));
    }

    /**
     * Who waits, if nobody of them can ever go on; empty if one can, or that is not known.
     *
     * @param who those of whom it is asked, which live
     * @param all helpers of the test, which could do something for them
     */
    public static Optional<List<Waiting>> of(
            Collection<? extends HelperProcess> who, Collection<? extends HelperProcess> all) {
        Standstill first = new Standstill(all);
        if (!first.look(who)) {
            return Optional.empty();
        }
        Standstill second = new Standstill(all);
        return second.look(who) && first.threads.equals(second.threads)
                ? Optional.of(second.waiting())
                : Optional.empty();
    }

    /** Where the threads of one wait that do what the test wants, whether for ever or not. */
    public static List<Waiting> waitsOf(HelperProcess helper) {
        Standstill one = new Standstill(List.of(helper));
        return BlockedThread.of(helper.pid()).stream()
                .filter(one::counts)
                .filter(thread -> thread.waitsForEverIn().isPresent())
                .map(Standstill::waiting)
                .toList();
    }

    /** Whether all wait. */
    private boolean look(Collection<? extends HelperProcess> who) {
        Deque<Long> open = new ArrayDeque<>();
        who.stream().filter(HelperProcess::isAlive).map(HelperProcess::pid).forEach(open::add);
        while (!open.isEmpty()) {
            long pid = open.remove();
            if (pid == self || threads.containsKey(pid)) {
                continue; // the test waits for them
            }
            List<BlockedThread> its = BlockedThread.of(pid);
            if (its.isEmpty()) {
                return false;
            }
            List<BlockedThread> counted = its.stream().filter(this::counts).toList();
            for (BlockedThread thread : counted) {
                Optional<Set<Long>> others = others(thread);
                if (others.isEmpty()) {
                    return false;
                }
                open.addAll(others.get());
            }
            threads.put(pid, counted);
        }
        return threads.values().stream().anyMatch(its -> !its.isEmpty());
    }

    /** Whether the thread does what the test wants, and not what keeps its process up. */
    private boolean counts(BlockedThread thread) {
        HelperProcess helper = helpers.get(thread.pid());
        if (helper instanceof JvmHelper) {
            return OF_JVMS.stream().noneMatch(name -> thread.name().startsWith(name));
        }
        // It waits for the test to tell it something.
        return !(helper instanceof NativeHelper) || !thread.waitsForInput();
    }

    /** The processes that could end its wait; empty if it may end by itself, or that is not known. */
    private Optional<Set<Long>> others(BlockedThread thread) {
        if (thread.waitsForEverIn().isEmpty()) {
            return Optional.empty();
        }
        if (thread.waitsForChildren()) {
            return Optional.of(childrenOf(thread.pid()));
        }
        if (thread.waitsForLock()) {
            return holders(thread.pid());
        }
        if (thread.semaphores().isPresent()) {
            return Optional.of(helpers.keySet()); // all that the test has started
        }
        Optional<Mapping> mapping = mapping(thread);
        if (mapping.isEmpty()) {
            // One of its own process ends that: of a JVM, perhaps one that does not count.
            return helpers.get(thread.pid()) instanceof JvmHelper ? Optional.empty() : Optional.of(Set.of());
        }
        Set<Long> others = processesWith(mapping.get().object());
        others.addAll(helpers.keySet()); // they may be about to map it
        return Optional.of(others);
    }

    private static Optional<Mapping> mapping(BlockedThread thread) {
        return thread.word()
                .flatMap(address -> MemoryMap.of(thread.pid()).at(address))
                .filter(Mapping::isShared);
    }

    private static List<Long> pids() {
        try (var all = Files.newDirectoryStream(Path.of("/proc"), "[0-9]*")) {
            List<Long> pids = new ArrayList<>();
            all.forEach(process -> pids.add(Long.parseLong(String.valueOf(process.getFileName()))));
            return pids;
        } catch (IOException e) {
            return List.of();
        }
    }

    private static Set<Long> processesWith(Shared object) {
        return pids().stream()
                .filter(pid -> MemoryMap.of(pid).has(object))
                .collect(Collectors.toCollection(HashSet::new));
    }

    private static Set<Long> childrenOf(long parent) {
        return ProcessHandle.of(parent).stream()
                .flatMap(ProcessHandle::children)
                .map(ProcessHandle::pid)
                .collect(Collectors.toSet());
    }

    /** Those that have the lock for which the process waits, see proc_locks(5). */
    private static Optional<Set<Long>> holders(long pid) {
        List<String> lines;
        try {
            lines = Files.readAllLines(Path.of("/proc/locks"), StandardCharsets.US_ASCII);
        } catch (IOException e) {
            return Optional.empty();
        }
        // 1: POSIX  ADVISORY  WRITE 4711 00:1b:42 0 EOF; below it with "->" those that wait for it
        long holder = 0;
        for (String line : lines) {
            String[] fields = line.strip().split("\\s+", -1);
            boolean waits = fields.length > 5 && fields[1].equals("->");
            long who = fields.length > 5 ? Long.parseLong(fields[waits ? 5 : 4]) : 0;
            if (!waits) {
                holder = who;
            } else if (who == pid) {
                // -1: of an open file; and this JVM may release what it has
                return holder > 0 && holder != ProcessHandle.current().pid()
                        ? Optional.of(Set.of(holder))
                        : Optional.empty();
            }
        }
        return Optional.empty();
    }

    private List<Waiting> waiting() {
        List<Waiting> waiting = new ArrayList<>();
        threads.values().forEach(its -> its.forEach(thread -> waiting.add(waiting(thread))));
        return waiting;
    }

    private static Waiting waiting(BlockedThread thread) {
        Optional<Mapping> mapping = mapping(thread);
        long address = thread.word().orElse(0L);
        String call = thread.waitsForEverIn().orElse("a system call")
                + thread.semaphores().map(id -> " of semaphore set " + id).orElse("");
        return new Waiting(
                thread.pid(),
                call,
                mapping.map(Mapping::name),
                mapping.map(its -> address - its.low() + its.offset()).orElse(0L),
                new Waiting.Detail() {
                    @Override
                    public List<String> functions() {
                        return thread.functions();
                    }

                    @Override
                    public Optional<Integer> value() {
                        return mapping.isEmpty() ? Optional.empty() : thread.value(address);
                    }
                });
    }
}
