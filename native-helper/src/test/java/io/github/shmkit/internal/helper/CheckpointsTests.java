package io.github.shmkit.internal.helper;

import static io.github.shmkit.process.Readiness.checkpoint;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.github.shmkit.Party;
import io.github.shmkit.Segment;
import io.github.shmkit.SegmentKind;
import io.github.shmkit.SegmentSpec;
import io.github.shmkit.ShmException;
import io.github.shmkit.ShmTimeoutException;
import io.github.shmkit.Signal;
import io.github.shmkit.internal.session.Session;
import io.github.shmkit.process.CommandHelper;
import io.github.shmkit.process.Exit;
import io.github.shmkit.process.ExitPredicate;
import io.github.shmkit.process.HelperDiedException;
import io.github.shmkit.process.HelperState;
import io.github.shmkit.process.NativeHelper;
import io.github.shmkit.script.Running;
import io.github.shmkit.script.Script;
import io.github.shmkit.script.ScriptFailedException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

@Timeout(60)
class CheckpointsTests {
    private static final Duration AT_ONCE = Duration.ofSeconds(1);

    @TempDir
    static Path programs;

    private static Session session;
    private static Path inC;
    private static Path inCpp;

    private final SessionCheckpoints checkpoints = new SessionCheckpoints(session, new Timeouts(1));
    private final List<AutoCloseable> opened = new ArrayList<>();

    @BeforeAll
    static void open() throws Exception {
        session = Session.open();
        inC = CProgram.compile(programs, "checkpoint_peer.c", "cc", "-std=c99");
        inCpp = CProgram.compile(programs, "checkpoint_peer.c", "c++", "-std=c++11");
    }

    @AfterAll
    static void end() {
        var reaped = session.end();
        assertThat(reaped.processes()).isZero();
        assertThat(reaped.removed()).isZero();
    }

    @AfterEach
    void close() throws Exception {
        for (AutoCloseable o : opened) {
            o.close();
        }
        checkpoints.close();
    }

    private NativeHelper helper(String name) {
        NativeHelper helper = new NativeHelpers(session.supervisor(), new Timeouts(1), checkpoints)
                .helper(name)
                .start();
        opened.add(helper);
        return helper;
    }

    private CommandHelper.Builder command(String name, Path program, String... arguments) {
        List<String> argv = new ArrayList<>(List.of(program.toString()));
        argv.addAll(List.of(arguments));
        return new CommandHelpers(session, checkpoints, new Timeouts(1)).command(name, argv.toArray(String[]::new));
    }

    private CommandHelper start(CommandHelper.Builder builder) {
        CommandHelper helper = builder.start();
        opened.add(helper);
        return helper;
    }

    private static Duration since(long start) {
        return Duration.ofNanos(System.nanoTime() - start);
    }

    @Test
    void countAndAwaitOfANameThatNobodyReachesTakeNoRoom() {
        for (int i = 0; i < 2 * ControlPage.CHECKPOINTS; i++) {
            assertThat(checkpoints.count("tpyo " + i)).isZero();
            String name = "never " + i;
            assertThatThrownBy(() -> checkpoints.await(name, 1, Duration.ZERO)).isInstanceOf(ShmException.class);
        }

        for (int i = 0; i < ControlPage.CHECKPOINTS; i++) {
            checkpoints.reach("reached " + i);
            assertThat(checkpoints.count("reached " + i)).isEqualTo(1);
        }
        assertThatThrownBy(() -> checkpoints.reach("one more")).hasMessageContaining("no room");
    }

    @Test
    void headerAndJavaAgree() throws Exception {
        Path program = CProgram.compile(programs, "control_layout.c", "cc", "-std=c11");
        Process process = new ProcessBuilder(program.toString()).start();
        List<String> said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8)
                .lines()
                .toList();
        assertThat(said.get(0)).isEqualTo(ControlPage.SIZE + " 8 12 128 128 48 64 128 8 12 16 24 72");
        assertThat(Long.parseUnsignedLong(said.get(1)))
                .isEqualTo(ControlPage.hash(
                        "go".getBytes(StandardCharsets.UTF_8), "wächter".getBytes(StandardCharsets.UTF_8)));
    }

    @Test
    void whatWasReachedBeforeTheWaitCounts() {
        checkpoints.reach("early");
        checkpoints.reach("early");
        checkpoints.await("early", 2);
        assertThat(checkpoints.count("early")).isEqualTo(2);
        assertThat(checkpoints.count("never")).isZero();
    }

    @Test
    void scriptsReachAndAwait() {
        NativeHelper writer = helper("writer");
        Running running = writer.run(
                Script.of(b -> b.reach("half").awaitCheckpoint("go on").repeat(3, r -> r.reach("round"))));
        checkpoints.await("half");
        assertThat(running.isDone()).isFalse();
        checkpoints.reach("go on");
        running.await();
        checkpoints.await("round", 3);
        assertThat(checkpoints.count("half")).isEqualTo(1);
    }

    private CommandHelper shell(String name, String script) {
        return start(command(name, Path.of("/bin/sh"), "-e", "-u", "-c", script));
    }

    @Test
    void shellScriptReachesAwaitsAndMeets() {
        CommandHelper script = shell("script", """
                "$SHMKIT_PROGRAM" reach written
                "$SHMKIT_PROGRAM" await read
                "$SHMKIT_PROGRAM" barrier go script test
                "$SHMKIT_PROGRAM" await again 2 30000
                exit 3""");
        script.expectExit(ExitPredicate.any());
        checkpoints.await("written");
        assertThat(script.isAlive()).isTrue();
        checkpoints.reach("read");
        checkpoints.barrier("go", Party.helper("script"), Party.SELF);
        checkpoints.reach("again");
        checkpoints.reach("again");

        assertThat(script.awaitExit()).as(script.stderr().text()).isEqualTo(Exit.code(3));
    }

    @Test
    void placeholderNamesTheProgramForScripts() {
        start(command("script", Path.of("/bin/sh"), "-c", "{program} reach written"));
        checkpoints.await("written");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            await never 1 20        | 1  | await never: Connection timed out
            barrier go other test   | 1  | barrier go: 'script' is not among its parties
            reach ""                | 1  | reach : Invalid argument
            reach                   | 64 | reach NAME
            await x -1              | 64 | reach NAME
            barrier go              | 64 | reach NAME""")
    void shellScriptIsToldWhy(String line, int code, String why) {
        CommandHelper script = shell("script", "exec \"$SHMKIT_PROGRAM\" " + line);
        script.expectExit(ExitPredicate.any());

        assertThat(script.awaitExit()).isEqualTo(Exit.code(code));
        assertThat(script.stderr().text()).startsWith("shm-helper: " + why);
    }

    @Test
    void whereNoTestStartedItTheProgramSaysSo() {
        CommandHelper script = shell("script", "unset SHMKIT_CONTROL; exec \"$SHMKIT_PROGRAM\" reach x");
        script.expectExit(ExitPredicate.any());

        assertThat(script.awaitExit()).isEqualTo(Exit.code(1));
        assertThat(script.stderr().text())
                .isEqualTo("shm-helper: reach x: no test has started this program: SHMKIT_CONTROL is not set\n");
    }

    @Test
    void noWakeUpIsLostBetweenProcesses() {
        NativeHelper ping = helper("ping");
        NativeHelper pong = helper("pong");
        Script rounds = Script.of(b -> b.repeat(2_000, r -> r.barrier("net", "ping", "pong")));
        Running first = ping.run(rounds);
        Running second = pong.run(rounds);
        first.await();
        second.await();
        assertThat(checkpoints.report()).contains("barrier 'net' 2000 times, last by 'ping' (pid " + ping.pid() + ")");
    }

    @Test
    void barrierHoldsTheTestAndItsHelpersTogether() {
        NativeHelper a = helper("a");
        NativeHelper b = helper("b");
        Script script = Script.of(s -> s.barrier("go", Party.helper("a"), Party.helper("b"), Party.TEST)
                .reach("past")
                .barrier("go", Party.helper("a"), Party.helper("b"), Party.TEST));
        Running ra = a.run(script);
        Running rb = b.run(script);
        a.awaitState(HelperState.SLEEPING);
        assertThat(checkpoints.count("past")).isZero();

        checkpoints.barrier("go", Party.helper("a"), Party.helper("b"), Party.SELF);
        checkpoints.await("past", 2);
        checkpoints.barrier("go", Party.helper("a"), Party.helper("b"), Party.SELF);
        ra.await();
        rb.await();
    }

    @Test
    void deathOfAllEndsTheWaitAtOnceAndTellsWhoReachedWhat() {
        NativeHelper writer = helper("writer");
        writer.run(Script.of(b -> b.reach("start").die(Signal.SIGSEGV).reach("end")));

        long start = System.nanoTime();
        assertThatThrownBy(() -> checkpoints.await("end"))
                .isInstanceOfSatisfying(
                        HelperDiedException.class, e -> assertThat(e.exit()).hasValue(writer.awaitExit()))
                .hasMessageMatching("waiting for checkpoint 'end': nobody is left to reach it: helper 'writer' \\(pid "
                        + writer.pid() + "\\) was killed by SIGSEGV.*; reached so far: checkpoint 'start' once, by "
                        + "'writer' \\(pid " + writer.pid() + "\\) 0\\.\\d{3} s ago");
        assertThat(since(start)).isLessThan(AT_ONCE);
        checkpoints.await("start");
    }

    @Test
    void aLivingHelperKeepsTheWaitUp() {
        NativeHelper dead = helper("dead");
        NativeHelper alive = helper("alive");
        dead.expectExit(ExitPredicate.any()).kill();
        assertThatThrownBy(() -> checkpoints.await("x", 1, Duration.ofMillis(50)))
                .isInstanceOf(ShmException.class)
                .hasMessage("waiting for checkpoint 'x': that did not come within 50 ms; nothing was reached so far");
        alive.run(Script.of(b -> b.reach("x")));
        checkpoints.await("x");
    }

    @Test
    void barrierNamesTheDeadMember() {
        NativeHelper a = helper("a");
        NativeHelper b = helper("b");
        Running waiting = a.run(Script.of(s -> s.barrier("go", Party.SELF, Party.helper("b"), Party.TEST)));
        b.expectExit(ExitPredicate.any());
        a.awaitState(HelperState.SLEEPING);

        long start = System.nanoTime();
        b.kill();
        assertThatThrownBy(() -> checkpoints.barrier("go", Party.helper("a"), Party.helper("b"), Party.SELF))
                .isInstanceOf(HelperDiedException.class)
                .hasMessageStartingWith("waiting at barrier 'go' for 'a', 'b', 'test': helper 'b' (pid " + b.pid()
                        + ") was killed by SIGKILL before it came; reached so far: ");
        assertThatThrownBy(waiting::await)
                .isInstanceOf(ScriptFailedException.class)
                .hasMessageContaining("BARRIER 'go' for SELF, b, test failed: EOWNERDEAD; reached so far: ");
        assertThat(since(start)).isLessThan(AT_ONCE);
    }

    @Test
    void whoCameAndDiedHasCome() {
        NativeHelper a = helper("a");
        a.run(Script.of(s -> s.barrier("go", Party.helper("a"), Party.TEST))).isDone();
        await().until(() -> checkpoints.report().contains("barrier 'go' once, by 'a'"));
        a.kill();
        checkpoints.barrier("go", Party.helper("a"), Party.SELF);
    }

    @ParameterizedTest
    @EnumSource
    void programsInCFindTheirSegments(SegmentKind kind) {
        try (Segment other = session.create(SegmentSpec.of(kind).label("other"));
                Segment data = session.create(SegmentSpec.of(kind).size(5000).label("my data"))) {
            int value = 41;
            for (Path program : List.of(inC, inCpp)) {
                value++;
                CommandHelper helper = start(command(
                                "c",
                                program,
                                "store",
                                "my data",
                                Integer.toString(value),
                                "reach",
                                "up" + value,
                                "await",
                                "done" + value,
                                "1",
                                "30000")
                        .attach(other)
                        .attach(data)
                        .readyWhen(checkpoint("up" + value)));
                assertThat(data.getLong(0)).isEqualTo(value);
                checkpoints.reach("done" + value);
                assertThat(helper.awaitExit()).as(helper.stderr().text()).isEqualTo(Exit.code(0));
                assertThat(helper.stdout().lines()).containsExactly("5000 bytes");
            }
        }
    }

    @Test
    void barrierSpansProgramsAndScripts() {
        CommandHelper c = start(command("in c", inC, "barrier", "go", "in c", "in c++", "native", "test"));
        CommandHelper cpp = start(command("in c++", inCpp, "barrier", "go", "in c", "in c++", "native", "test"));
        Running script = helper("native")
                .run(Script.of(
                        b -> b.barrier("go", Party.helper("in c"), Party.helper("in c++"), Party.SELF, Party.TEST)));
        assertThat(c.isAlive()).isTrue();
        checkpoints.barrier("go", Party.helper("in c"), Party.helper("in c++"), Party.helper("native"), Party.SELF);
        script.await();
        assertThat(c.awaitExit()).isEqualTo(Exit.code(0));
        assertThat(cpp.awaitExit()).isEqualTo(Exit.code(0));
    }

    @Test
    void commandsAreToldOfADeadPartyToo() {
        NativeHelper b = helper("b");
        b.expectExit(ExitPredicate.any());
        CommandHelper a = start(
                command("a", inC, "reach", "up", "barrier", "go", "a", "b").readyWhen(checkpoint("up")));
        b.kill();
        assertThat(a.awaitExit(AT_ONCE)).isEqualTo(Exit.code(1));
        assertThat(a.stderr().text()).isEqualTo("checkpoint: Owner died (a)\n");
    }

    @Test
    void endingBeforeTheCheckpointFailsAtOnce() {
        assertThatThrownBy(() -> start(command("a", inC, "store", "none", "1").readyWhen(checkpoint("up"))))
                .isInstanceOf(HelperDiedException.class)
                .hasMessageContaining("exited with code 2 before it was ready, that is: checkpoint 'up'; "
                        + "stderr:\n  none: No such file or directory (a)");
    }

    @Test
    void badNamesAreRefused() {
        NativeHelper helper = helper("a");
        String longest = "x".repeat(47);
        checkpoints.reach(longest);
        helper.run(Script.of(b -> b.reach(longest))).await();
        assertThat(checkpoints.count(longest)).isEqualTo(2);

        assertThatThrownBy(() -> checkpoints.reach(longest + "x"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("'" + longest + "x' cannot be the name of a checkpoint: it has 1 to 47 bytes");
        assertThatThrownBy(() -> checkpoints.reach("")).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> helper.run(Script.of(b -> b.reach(longest + "x"))))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> helper.run(Script.of(b -> b.barrier("go", "b", "c"))))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("helper 'a', which waits at it, must be among them");
        assertThatThrownBy(() -> checkpoints.barrier("go", "b"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("must be among them, by Party.SELF or as 'test'");
        assertThatThrownBy(() -> helper("test")).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void aFullTableSaysSo() {
        for (int i = 0; i < ControlPage.CHECKPOINTS; i++) {
            checkpoints.reach("number " + i);
        }
        checkpoints.reach("number 127");
        assertThatThrownBy(() -> checkpoints.reach("one more"))
                .isInstanceOf(ShmException.class)
                .hasMessageStartingWith("there is no room for checkpoint 'one more': a test has at most 128");
        NativeHelper helper = helper("a");
        assertThatThrownBy(() -> helper.run(Script.of(b -> b.reach("one more"))).await())
                .isInstanceOf(ScriptFailedException.class)
                .hasMessageContaining("REACH 'one more' failed: ENOSPC");
    }

    @Test
    void namesThatWereOnlyAskedForTakeNoRoom() throws Exception {
        for (int i = 1; i < ControlPage.CHECKPOINTS; i++) {
            checkpoints.reach("number " + i);
        }
        NativeHelper helper = helper("a");

        assertThat(checkpoints.count("never 1")).isZero();
        assertThatThrownBy(() -> checkpoints.await("never 2", 1, Duration.ofMillis(1)))
                .hasMessageContaining("waiting for checkpoint 'never 2': that did not come within 1 ms");
        assertThatThrownBy(() -> helper.run(Script.of(b -> b.awaitCheckpoint("never 3", 1, Duration.ofMillis(1))))
                        .await())
                .hasMessageContaining("waited in vain; the last value was 0");
        CommandHelper c = start(command("c", inC, "await", "never 4", "1", "1"));
        assertThat(c.awaitExit()).isEqualTo(Exit.code(1));
        assertThat(c.stderr().text()).isEqualTo("checkpoint: Connection timed out (c)\n");
        checkpoints.reach("last");

        assertThat(checkpoints.count("last")).isEqualTo(1);
        assertThat(checkpoints.count("never 1")).isZero();
    }

    @Test
    void moreHelpersThanTheTableHoldsAreNoError() {
        checkpoints.reach("made");
        for (int i = 0; i < ControlPage.PARTIES + 6; i++) {
            helper("number " + i).kill();
        }
        NativeHelper last = helper("last");
        last.run(Script.of(b -> b.barrier("go", Party.helper("last"), Party.TEST)));
        checkpoints.barrier("go", Party.helper("last"), Party.SELF);
    }

    @Test
    void aWaitInVainInAScriptTellsTheCount() {
        NativeHelper helper = helper("a");
        checkpoints.reach("x");
        assertThatThrownBy(() -> helper.run(Script.of(b -> b.awaitCheckpoint("x", 3, Duration.ofMillis(20))))
                        .await())
                .isInstanceOf(ScriptFailedException.class)
                .hasMessageContaining("CHECKPOINT 'x', 3 times waited in vain; the last value was 1; reached so far: "
                        + "checkpoint 'x' once, by 'test'");
    }

    @Test
    void anInterruptEndsTheWaitAndStays() throws Exception {
        helper("a");
        List<Throwable> thrown = new ArrayList<>();
        Thread waiting = new Thread(() -> {
            try {
                checkpoints.await("never");
            } catch (ShmException e) {
                thrown.add(Thread.currentThread().isInterrupted() ? e : new AssertionError("the flag is gone", e));
            }
        });
        waiting.start();
        waiting.interrupt();
        waiting.join(5_000);
        assertThat(waiting.isAlive()).isFalse();
        assertThat(thrown.get(0)).hasMessageStartingWith("interrupted while waiting for checkpoint 'never'");
    }

    /** Names are claimed by one compare-and-set: a process that is killed in the middle of it leaves nothing half done. */
    @Test
    void manyProcessesMayClaimTheSameNamesAtOnce() {
        List<Running> all = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            all.add(helper("h" + i).run(Script.of(b -> {
                for (int n = 0; n < 100; n++) {
                    b.reach("name " + n);
                }
            })));
        }
        for (Running r : all) {
            r.await(Duration.ofSeconds(10));
        }
        for (int n = 0; n < 100; n++) {
            assertThat(checkpoints.count("name " + n)).isEqualTo(4);
        }
    }

    /** In the control, the script names its own limit. */
    @Test
    void aWaitOfAScriptThatNamesNoLimitHasThatOfAllWaits() {
        NativeHelper quick = new NativeHelpers(
                        session.supervisor(), new Timeouts(Duration.ofMillis(200), 1), checkpoints)
                .helper("quick")
                .start();
        opened.add(quick);

        assertThatThrownBy(() ->
                        quick.run(Script.of(b -> b.awaitCheckpoint("never"))).await())
                .isInstanceOf(ScriptFailedException.class)
                .hasMessageContaining("CHECKPOINT 'never' waited in vain");
        assertThatThrownBy(() -> quick.run(Script.of(b -> b.awaitCheckpoint("never", 1, Duration.ofSeconds(60))))
                        .await(Duration.ofSeconds(1)))
                .isInstanceOf(ShmTimeoutException.class);
    }
}
