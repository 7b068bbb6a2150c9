package io.github.shmkit.internal.helper;

import io.github.shmkit.ShmException;
import io.github.shmkit.Signal;
import io.github.shmkit.process.Helper;
import io.github.shmkit.process.HelperState;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;

/** What the threads of a JVM helper are doing, as it says on its standard output when it is sent SIGQUIT. */
public final class ThreadDump {
    private static final String BEGIN = "Full thread dump";
    /** The heap comes behind the last thread. */
    private static final String END = "\nHeap\n";

    private static final int FRAMES = 12;
    private static final int TOP = 3;
    private static final long MOST_NANOS = 1_000_000_000;
    private static final long PAUSE_NANOS = 1_000_000;

    private ThreadDump() {}

    /** All of it; empty if it is stopped, or has not answered within a second. */
    public static Optional<String> of(Helper jvm) {
        if (jvm.state() == HelperState.STOPPED) {
            return Optional.empty();
        }
        long before = dumps(jvm.stdout().text());
        try {
            jvm.signal(Signal.SIGQUIT);
        } catch (ShmException e) {
            return Optional.empty(); // it died
        }
        long start = System.nanoTime();
        while (System.nanoTime() - start < MOST_NANOS && jvm.isAlive()) {
            String text = jvm.stdout().text();
            int begin = text.lastIndexOf(BEGIN);
            if (begin >= 0 && dumps(text) > before && text.indexOf(END, begin) >= 0) {
                return Optional.of(text.substring(begin));
            }
            LockSupport.parkNanos(PAUSE_NANOS);
        }
        return Optional.empty();
    }

    /** Where the thread of that name is, innermost frame first; empty if the dump has no such thread. */
    static List<String> frames(String dump, String thread) {
        return dump.lines()
                .dropWhile(line -> !line.startsWith("\"" + thread + "\""))
                .skip(1)
                .takeWhile(line -> !line.isBlank())
                .filter(line -> line.startsWith("\tat ") || line.startsWith("\t- "))
                .map(String::strip)
                .limit(FRAMES)
                .toList();
    }

    /** Of each task that runs, where it is: one line. */
    public static List<String> tasks(String dump) {
        return dump.lines()
                .filter(line -> line.startsWith("\"" + JvmMain.TASK))
                .map(line -> line.substring(1, line.indexOf('"', 1)))
                .map(thread -> thread.substring("shmkit ".length()) + ": "
                        + String.join(
                                ", ", frames(dump, thread).stream().limit(TOP).toList()))
                .toList();
    }

    private static long dumps(String text) {
        return text.lines().filter(line -> line.startsWith(BEGIN)).count();
    }
}
