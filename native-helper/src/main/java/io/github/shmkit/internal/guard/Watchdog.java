package io.github.shmkit.internal.guard;

import io.github.shmkit.ShmException;
import io.github.shmkit.internal.os.ProcFs;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** The native process that cleans up after a Maven session whose JVM was killed. */
public final class Watchdog implements AutoCloseable {
    private static final int END_SECONDS = 10;

    private final NativeProcess program;
    /** Whether the caller knows that it is gone. */
    private boolean told;

    private Watchdog(NativeProcess program) {
        this.program = program;
    }

    /** Starts it and waits until it watches. */
    public static Watchdog start(String privateDirectory, String session) {
        return start(privateDirectory, session, true, List.of());
    }

    /**
     * The same.
     *
     * @param observe whether it notes who makes objects
     * @param directories patterns of those in which mapped files are objects, too
     */
    public static Watchdog start(String privateDirectory, String session, boolean observe, List<String> directories) {
        long pid = ProcessHandle.current().pid();
        long startTime = ProcFs.startTime(pid).orElseThrow();
        List<String> arguments =
                new ArrayList<>(List.of(privateDirectory, session, Long.toString(pid), Long.toString(startTime)));
        if (observe) {
            arguments.addAll(directories);
        } else {
            arguments.add("unobserved");
        }
        NativeProcess program = HelperProgram.start("watch", arguments);
        try {
            if (answer(program, "the watchdog of this build did not start to watch") != 'R') {
                throw new ShmException("the watchdog of this build did not start: it " + program.end());
            }
            return new Watchdog(program);
        } catch (RuntimeException | Error e) {
            program.close();
            throw e;
        }
    }

    /**
     * How it would find makers here: the record that it writes into a ledger, without a check sum.
     *
     * @throws ShmException if it does not say
     */
    public static String sources() {
        try (NativeProcess program = HelperProgram.start("sources", List.of("-"))) {
            return new String(
                            Answers.read(
                                    () -> program.process().getInputStream().readAllBytes(),
                                    "the native helper did not say how creators are found"),
                            StandardCharsets.US_ASCII)
                    .trim();
        }
    }

    /** Its next word, or -1 if it is gone. */
    private static int answer(NativeProcess program, String failure) {
        return Answers.read(() -> program.process().getInputStream().read(), failure);
    }

    /**
     * Waits until it has noted all that processes of the session have made by now, and those that live.
     *
     * @return why that may not be all: it is gone, does not answer in time, or could not note what it saw; empty if it is
     */
    public Optional<String> catchUp() {
        try {
            program.process().getOutputStream().write('L');
            program.process().getOutputStream().flush();
            int word = answer(program, "the watchdog of this build did not catch up");
            return word == 'L'
                    ? Optional.empty()
                    : Optional.of(
                            word == 'l'
                                    ? "the watchdog of this build could not note all that it saw, since /dev/shm was full"
                                            + " or it lacked memory"
                                    : gone());
        } catch (ShmException e) {
            return Optional.of(String.valueOf(e.getMessage()));
        } catch (IOException e) {
            return Optional.of(gone());
        }
    }

    private String gone() {
        told = true;
        return "the watchdog of this build is gone: it " + program.end();
    }

    public long pid() {
        return program.process().pid();
    }

    /**
     * Tells it that the session ended in good order, and waits for its end.
     *
     * @throws ShmException if it ended before, which nobody was told, or does not end
     */
    @Override
    public void close() {
        String failure;
        try {
            sayThatAllIsDone();
            failure = told || program.endedWell() ? "" : program.end();
        } finally {
            program.close();
        }
        if (!failure.isEmpty()) {
            throw new ShmException("the watchdog of this build did not do all of its work: it " + failure);
        }
    }

    private void sayThatAllIsDone() {
        try {
            program.process().getOutputStream().write('Q');
            program.process().getOutputStream().flush();
            program.process().waitFor(END_SECONDS, TimeUnit.SECONDS);
        } catch (IOException e) {
            // It is gone already: its end tells whether by itself.
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
