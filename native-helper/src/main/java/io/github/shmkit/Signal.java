package io.github.shmkit;

import java.util.Map;

/**
 * A signal, see signal(7); the numbers are those of x86-64 and aarch64.
 *
 * @param number 1 to 64
 * @since 0.1.0
 */
public record Signal(int number) {
    /** Hangup. */
    public static final Signal SIGHUP = new Signal(1);

    /** Interrupt from the keyboard. */
    public static final Signal SIGINT = new Signal(2);

    /** Quit from the keyboard. */
    public static final Signal SIGQUIT = new Signal(3);

    /** Illegal instruction. */
    public static final Signal SIGILL = new Signal(4);

    /** Trace trap. */
    public static final Signal SIGTRAP = new Signal(5);

    /** abort(3); what a JVM dies of after a fault in native code. */
    public static final Signal SIGABRT = new Signal(6);

    /** Access to a mapping past its object's end, or without memory behind it. */
    public static final Signal SIGBUS = new Signal(7);

    /** Arithmetic error. */
    public static final Signal SIGFPE = new Signal(8);

    /** Kill; cannot be caught. */
    public static final Signal SIGKILL = new Signal(9);

    /** User-defined. */
    public static final Signal SIGUSR1 = new Signal(10);

    /** Access outside of any mapping, or against its protection. */
    public static final Signal SIGSEGV = new Signal(11);

    /** User-defined. */
    public static final Signal SIGUSR2 = new Signal(12);

    /** Write to a pipe without readers. */
    public static final Signal SIGPIPE = new Signal(13);

    /** Timer. */
    public static final Signal SIGALRM = new Signal(14);

    /** Termination. */
    public static final Signal SIGTERM = new Signal(15);

    /** Continue if stopped. */
    public static final Signal SIGCONT = new Signal(18);

    /** Stop; cannot be caught. */
    public static final Signal SIGSTOP = new Signal(19);

    private static final Map<Integer, String> NAMES = Map.ofEntries(
            Map.entry(1, "SIGHUP"),
            Map.entry(2, "SIGINT"),
            Map.entry(3, "SIGQUIT"),
            Map.entry(4, "SIGILL"),
            Map.entry(5, "SIGTRAP"),
            Map.entry(6, "SIGABRT"),
            Map.entry(7, "SIGBUS"),
            Map.entry(8, "SIGFPE"),
            Map.entry(9, "SIGKILL"),
            Map.entry(10, "SIGUSR1"),
            Map.entry(11, "SIGSEGV"),
            Map.entry(12, "SIGUSR2"),
            Map.entry(13, "SIGPIPE"),
            Map.entry(14, "SIGALRM"),
            Map.entry(15, "SIGTERM"),
            Map.entry(17, "SIGCHLD"),
            Map.entry(18, "SIGCONT"),
            Map.entry(19, "SIGSTOP"),
            Map.entry(20, "SIGTSTP"),
            Map.entry(24, "SIGXCPU"),
            Map.entry(25, "SIGXFSZ"),
            Map.entry(29, "SIGIO"),
            Map.entry(31, "SIGSYS"));

    /**
     * Checks the number.
     *
     * @param number from 1 to 64
     * @throws IllegalArgumentException if it is not from 1 to 64
     */
    public Signal {
        if (number < 1 || number > 64) {
            throw new IllegalArgumentException("no signal has the number " + number + "; see signal(7)");
        }
    }

    /**
     * The signal's name, for example "SIGSEGV"; "signal 40" for those without one.
     *
     * @return the name
     */
    public String name() {
        return NAMES.getOrDefault(number, "signal " + number);
    }

    @Override
    public String toString() {
        return name();
    }
}
