package io.github.shmkit.internal.sweep.adversarial;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.shmkit.internal.os.ProcFs;
import io.github.shmkit.internal.session.SessionSecret;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** The program holder.c, which uses an object in one way until it is closed. */
final class Holder implements AutoCloseable {
    private static String program = "";

    private final Process process;
    private final BufferedReader out;
    private final String said;

    private Holder(Process process, BufferedReader out, String said) {
        this.process = process;
        this.out = out;
        this.said = said;
    }

    /** Starts it, by way of other programs or not, and waits until it holds. */
    static Holder start(List<String> wrapper, Map<String, String> environment, String... args) throws IOException {
        List<String> command = new ArrayList<>(wrapper);
        command.add(program());
        command.addAll(List.of(args));
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.environment().remove(SessionSecret.VARIABLE);
        builder.environment().putAll(environment);
        return started(builder);
    }

    static Holder start(String... args) throws IOException {
        return start(List.of(), Map.of(), args);
    }

    /** With an environment that is empty. */
    static Holder startWithoutEnvironment(String... args) throws IOException {
        return start(List.of("env", "-i"), Map.of(), args);
    }

    /** Another program, which prints "ready" or "ready NUMBER" as holder.c does. */
    static Holder startProgram(List<String> command) throws IOException {
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.environment().remove(SessionSecret.VARIABLE);
        return started(builder);
    }

    /** A Perl script, which any Debian can run. */
    static Holder startPerl(String script) throws IOException {
        return startProgram(List.of("perl", "-e", "$| = 1; " + script));
    }

    private static Holder started(ProcessBuilder builder) throws IOException {
        Process process = builder.redirectError(ProcessBuilder.Redirect.INHERIT).start();
        BufferedReader out = process.inputReader(StandardCharsets.UTF_8);
        String said = String.valueOf(out.readLine());
        assertThat(said)
                .as(builder.command().toString())
                .doesNotStartWith("failed")
                .isNotEqualTo("null");
        return new Holder(process, out, said);
    }

    /** Compiled once. */
    static synchronized String program() throws IOException {
        if (program.isEmpty()) {
            program = Programs.compiled("holder");
        }
        return program;
    }

    long pid() {
        return process.pid();
    }

    long startTime() {
        return ProcFs.startTime(pid()).orElseThrow();
    }

    boolean isAlive() {
        return process.isAlive();
    }

    /** What it said, for example "ready". */
    String said() {
        return said;
    }

    /** The number behind "ready". */
    int number() {
        return Integer.parseInt(said.substring("ready ".length()));
    }

    /** Ends it, and returns what it said last; empty if nothing. */
    String end() throws IOException, InterruptedException {
        process.getOutputStream().close();
        String last = out.readLine();
        process.waitFor();
        return last == null ? "" : last;
    }

    Holder stop() {
        signal("STOP");
        return this;
    }

    void signal(String name) {
        try {
            assertThat(new ProcessBuilder("kill", "-" + name, Long.toString(pid()))
                            .start()
                            .waitFor())
                    .isZero();
        } catch (IOException | InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    /** Waits for its end, which something else brought about; the exit code, 128 and more for a signal. */
    int waitFor() throws InterruptedException {
        return process.waitFor();
    }

    int waitForAtMost(long timeout, TimeUnit unit) throws InterruptedException {
        assertThat(process.waitFor(timeout, unit)).isTrue();
        return process.exitValue();
    }

    /** By SIGKILL, and waits until it is gone; so is the segment that it made, should a test have left it. */
    @Override
    public void close() {
        if (said.startsWith("ready ")) {
            NaiveCleaners.segment(number())
                    .filter(segment -> segment.creatorPid() == pid())
                    .ifPresent(segment -> Kernel.removeSegment(number()));
        }
        kill();
    }

    /** By SIGKILL, and waits until it is gone. */
    void kill() {
        process.destroyForcibly();
        try {
            process.waitFor();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }
}
