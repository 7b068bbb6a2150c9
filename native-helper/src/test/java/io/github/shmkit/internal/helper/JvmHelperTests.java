package io.github.shmkit.internal.helper;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.github.shmkit.Bytes;
import io.github.shmkit.NamedSemaphore;
import io.github.shmkit.Party;
import io.github.shmkit.PosixQueue;
import io.github.shmkit.Segment;
import io.github.shmkit.SegmentKind;
import io.github.shmkit.SegmentSpec;
import io.github.shmkit.ShmException;
import io.github.shmkit.Signal;
import io.github.shmkit.SysvQueue;
import io.github.shmkit.SysvSemaphoreSet;
import io.github.shmkit.internal.session.Session;
import io.github.shmkit.process.Exit;
import io.github.shmkit.process.HelperDiedException;
import io.github.shmkit.process.HelperState;
import io.github.shmkit.process.JvmHelper;
import io.github.shmkit.process.NativeHelper;
import io.github.shmkit.process.Remote;
import io.github.shmkit.process.RemoteCallException;
import io.github.shmkit.process.RemoteCallable;
import io.github.shmkit.process.RemoteContext;
import io.github.shmkit.script.Running;
import io.github.shmkit.script.Script;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.opentest4j.AssertionFailedError;

@Timeout(120)
class JvmHelperTests {
    private static final Duration SOON = Duration.ofSeconds(10);

    private static Session session;
    private static JvmLauncher launcher;

    private final String field = "of the test";
    private final SessionCheckpoints checkpoints = new SessionCheckpoints(session, new Timeouts(1));
    private final List<AutoCloseable> opened = new ArrayList<>();

    @BeforeAll
    static void open() {
        session = Session.open();
        launcher = new JvmLauncher(session, new Timeouts(1), true);
    }

    @AfterAll
    static void end() {
        launcher.close();
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

    private JvmHelper.Builder jvm(String name) {
        return new JvmHelpers(launcher, checkpoints, new Timeouts(1)).jvm(name);
    }

    private JvmHelper start(JvmHelper.Builder builder) {
        return open(builder.start());
    }

    private <T extends AutoCloseable> T open(T object) {
        opened.add(object);
        return object;
    }

    private Segment segment(SegmentKind kind, String label) {
        return open(session.create(SegmentSpec.of(kind).size(5000).label(label)));
    }

    @ParameterizedTest
    @EnumSource
    void sharesEveryKindOfSegment(SegmentKind kind) {
        Segment first = segment(kind, "first");
        Segment second = segment(kind, "second");
        second.putLong(8, 42);
        JvmHelper helper = start(jvm("peer").attach(first).attach(second));

        long got = helper.call(ctx -> {
            ctx.segment().putIntRelease(0, 7);
            return ctx.segment("second").getLongAcquire(8);
        });

        assertThat(got).isEqualTo(42);
        assertThat(first.getIntAcquire(0)).isEqualTo(7);
        assertThat(helper.pid()).isNotEqualTo(ProcessHandle.current().pid());
        assertThat(helper.<String>call(ctx -> System.getenv("SHMKIT_SESSION")))
                .isEqualTo(session.secret().text());
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void usesEverySynchronisationObjectOfTheTest(boolean here) {
        NamedSemaphore semaphore = open(session.createSemaphore("gate", 1));
        SysvSemaphoreSet set = open(session.createSemaphoreSet("set", 3, 5));
        PosixQueue posix = open(session.createQueue("posix", 4, 100));
        SysvQueue sysv = open(session.createSysvQueue("sysv"));
        posix.send("ping".getBytes(US_ASCII), 3, SOON);
        sysv.send(9, "ping".getBytes(US_ASCII), SOON);
        JvmHelper helper = start(here ? jvm("peer").inProcess() : jvm("peer"));
        String semaphoreName = semaphore.name();
        String queueName = posix.name();
        int setId = set.id();
        int queueId = sysv.id();

        Duration soon = SOON;
        String told = helper.call(ctx -> {
            ctx.semaphore(semaphoreName).acquire(soon);
            ctx.semaphoreSet(setId).semop(2, -4, soon);
            PosixQueue queue = ctx.posixQueue(queueName);
            PosixQueue.Message first = queue.receive(soon);
            queue.send("pong".getBytes(US_ASCII), 1, soon);
            SysvQueue.Message second = ctx.sysvQueue(queueId).receive(0, soon);
            ctx.sysvQueue(queueId).send(2, "pong".getBytes(US_ASCII), soon);
            return new String(first.bytes().toArray(), US_ASCII)
                    + first.priority()
                    + new String(second.bytes().toArray(), US_ASCII)
                    + second.type()
                    + ' '
                    + queue.messages()
                    + ' '
                    + queue.messageSize()
                    + ' '
                    + ctx.semaphoreSet(setId).size()
                    + ' '
                    + ctx.semaphoreSet(setId).key()
                    + ' '
                    + ctx.sysvQueue(queueId).key();
        });

        assertThat(told).isEqualTo("ping3ping9 4 100 3 " + set.key() + ' ' + sysv.key());
        assertThat(semaphore.tryAcquire()).as("the helper took it").isFalse();
        assertThat(set.value(2)).isEqualTo(1);
        assertThat(text(posix.receive(SOON).bytes())).isEqualTo("pong");
        assertThat(text(sysv.receive(2, SOON).bytes())).isEqualTo("pong");
        helper.close();
        semaphore.release(); // and is there, as all the others are
        assertThat(semaphore.value()).isEqualTo(1);
        assertThat(set.value(0)).isEqualTo(5);
        posix.send(new byte[0], 0, SOON);
        sysv.send(1, new byte[0], SOON);
    }

    /** It comes by another way than the answer, and most often later. */
    @Test
    void whatItPrintedBeforeItsAnswerIsThereAfterwards() {
        JvmHelper helper = start(jvm("peer"));
        for (int i = 0; i < 300; i++) {
            String word = "word " + i;
            helper.<Object>call(ctx -> {
                System.out.println(word);
                System.err.print(word);
                return null;
            });
            assertThat(helper.stdout().lines()).last().isEqualTo(word);
            assertThat(helper.stderr().text()).endsWith(word);
        }
    }

    /** Where a JVM keeps figures for jps and jstat, which stay if it is killed. */
    @Test
    void aKilledOneLeavesNoFigures() throws Exception {
        JvmHelper helper = start(jvm("peer"));
        helper.kill();
        Path folder = Path.of("/tmp/hsperfdata_" + System.getProperty("user.name"));
        assertThat(folder.resolve(Long.toString(ProcessHandle.current().pid())))
                .as("the control: this JVM has some")
                .exists();
        assertThat(folder.resolve(Long.toString(helper.pid()))).doesNotExist();
    }

    private static String text(Bytes bytes) {
        return new String(bytes.toArray(), US_ASCII);
    }

    @Test
    void anObjectThatIsNotThereIsNamed() {
        JvmHelper helper = start(jvm("peer").inProcess());
        assertThatThrownBy(
                        () -> helper.call(ctx -> ctx.semaphore("/no such one").value()))
                .hasStackTraceContaining("cannot open semaphore /no such one: ")
                .hasStackTraceContaining("ENOENT");
        assertThatThrownBy(() -> helper.call(ctx -> ctx.semaphore("gate").value()))
                .hasStackTraceContaining(
                        "'gate' is no name of a semaphore or queue: it begins with a slash and has no other");
        assertThatThrownBy(
                        () -> helper.call(ctx -> ctx.posixQueue("/no such one").messages()))
                .hasStackTraceContaining("cannot open queue /no such one: ")
                .hasStackTraceContaining("ENOENT");
        assertThatThrownBy(() ->
                        helper.call(ctx -> ctx.semaphoreSet(Integer.MAX_VALUE).size()))
                .hasStackTraceContaining("cannot open semaphore set 2147483647: ")
                .hasStackTraceContaining("EINVAL");
        assertThatThrownBy(() ->
                        helper.call(ctx -> ctx.sysvQueue(Integer.MAX_VALUE).key()))
                .hasStackTraceContaining("cannot open message queue 2147483647: ")
                .hasStackTraceContaining("EINVAL");
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void capturesLocalsByValueAndReturnsResults(boolean here) {
        JvmHelper helper = start(here ? jvm("peer").inProcess() : jvm("peer"));
        List<Integer> numbers = List.of(1, 2, 3);
        assertThat(helper.<Integer>call(ctx -> numbers.stream().mapToInt(i -> i).sum()))
                .isEqualTo(6);
        assertThat(helper.<Object>call(ctx -> null)).isNull();
        assertThat(helper.<String>call(RemoteContext::name)).isEqualTo("peer");
    }

    private static String greeting(RemoteContext context) {
        return "I am " + context.name();
    }

    /** They go by the name of their body or, method references, as the JDK serializes them. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    @SuppressWarnings("serial") // javac warns of the method's being private
    void tasksOfEveryFormAreDone(boolean here) {
        JvmHelper helper = start(here ? jvm("peer").inProcess() : jvm("peer"));
        long number = 40;
        boolean asWell = true;
        String nothing = System.getProperty("shmkit.no.such.property");
        RemoteCallable<Integer> inner = ctx -> 2;
        assertThat(helper.<Long>call(ctx -> asWell && nothing == null ? number + inner.call(ctx) : 0))
                .isEqualTo(42);
        assertThat(helper.<String>call(JvmHelperTests::greeting)).isEqualTo("I am peer");
    }

    @Test
    void whatIsLargerThanAPipeGoesBothWays() {
        byte[] much = new byte[5 << 20];
        new java.util.Random(5).nextBytes(much);
        byte[] back = start(jvm("large")).call(context -> {
            byte[] same = much.clone();
            same[0]++;
            return same;
        });
        much[0]++;
        assertThat(back).isEqualTo(much);
    }

    @Test
    void tasksRunSideBySideAndMeetTheTestAtCheckpoints() {
        JvmHelper helper = start(jvm("peer"));
        Remote<Integer> waiting = helper.submit(ctx -> {
            ctx.reach("up");
            ctx.checkpoints().await("go");
            return ctx.checkpoints().count("up");
        });
        checkpoints.await("up");
        assertThat(waiting.isDone()).isFalse();
        helper.call(ctx -> {
            ctx.reach("go");
            return null;
        });
        assertThat(waiting.await()).isEqualTo(1);
        assertThat(waiting.await()).isEqualTo(1);
    }

    @Test
    void barrierSpansJvmsScriptsAndTheTest() {
        JvmHelper helper = start(jvm("jvm"));
        NativeHelper peer = new NativeHelpers(session.supervisor(), new Timeouts(1), checkpoints)
                .helper("native")
                .start();
        opened.add(peer);
        Remote<String> remote = helper.submit(ctx -> {
            ctx.checkpoints().barrier("go", Party.helper("jvm"), Party.helper("native"), Party.TEST);
            return "passed";
        });
        Running running =
                peer.run(Script.of(b -> b.barrier("go", Party.helper("jvm"), Party.helper("native"), Party.TEST)));
        checkpoints.barrier("go", Party.helper("jvm"), Party.helper("native"), Party.TEST);
        assertThat(remote.await()).isEqualTo("passed");
        running.await();
    }

    @Test
    @SuppressWarnings("serial") // javac warns of just that
    void aLambdaThatCapturesTheTestIsRefusedWithItsPlace() {
        JvmHelper helper = start(jvm("peer").inProcess());
        int line = new Throwable().getStackTrace()[0].getLineNumber() + 1;
        assertThatThrownBy(() -> helper.call(ctx -> field + opened.size()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("the lambda at JvmHelperTests:" + line + " captures `this` (field `opened`), and "
                        + JvmHelperTests.class.getName()
                        + " is not Serializable: copy what it needs into a local variable, or make that static");
        assertThatThrownBy(() -> helper.call(ctx -> jvm("x").toString()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("captures `this` (method `jvm()`)");
        Segment segment = segment(SegmentKind.POSIX_SHM, "data");
        assertThatThrownBy(() -> helper.call(ctx -> segment.getInt(0)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(
                        "captures segment 'data', which is of this JVM: attach(segment) it to the helper and "
                                + "use ctx.segment(\"data\")");
        Thread thread = Thread.currentThread();
        assertThatThrownBy(() -> helper.call(ctx -> thread.getName()))
                .hasMessageContaining("captures a java.lang.Thread, which is not Serializable");
        assertThatThrownBy(() -> helper.call(new RemoteCallable<String>() {
                    private static final long serialVersionUID = 1L;

                    @Override
                    public String call(RemoteContext context) {
                        return field;
                    }
                }))
                .hasMessageContaining(
                        "refers to the " + JvmHelperTests.class.getName() + " that it is an inner class of");
    }

    /** Cannot be serialized. */
    private static final class Stubborn extends RuntimeException {
        private static final long serialVersionUID = 1L;

        @SuppressWarnings({"serial", "unused"}) // which is the point
        private final Object content = new Object();

        Stubborn(String message, Throwable cause) {
            super(message, cause);
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void exceptionsComeWithTheStackOfTheHelper(boolean here) {
        JvmHelper helper = start(here ? jvm("reader").inProcess() : jvm("reader"));
        Throwable thrown = catchThrowable(() -> helper.call(ctx -> {
            throw new IllegalStateException("boom", new java.io.IOException("beneath"));
        }));
        assertThat(thrown)
                .isInstanceOf(RemoteCallException.class)
                .hasMessage(helper + " threw java.lang.IllegalStateException: boom")
                .cause()
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("boom")
                .hasRootCauseMessage("beneath");
        assertThat(thrown.getCause().getStackTrace()[0].getMethodName()).contains("exceptionsComeWith");
        assertThat(List.of(thrown.getCause().getStackTrace()))
                .extracting(StackTraceElement::toString)
                .anyMatch(frame -> frame.startsWith(
                        "--- in helper 'reader' " + (here ? "in process" : "pid " + helper.pid()) + " ---"));

        Throwable stubborn = catchThrowable(() -> helper.call(ctx -> {
            throw new Stubborn("no", new IllegalArgumentException("because"));
        }));
        assertThat(stubborn)
                .isInstanceOf(RemoteCallException.class)
                .hasMessage(helper + " threw " + Stubborn.class.getName() + ": no")
                .hasRootCauseMessage("java.lang.IllegalArgumentException: because");
    }

    @Test
    void assertionsStayAssertions() {
        JvmHelper helper = start(jvm("reader"));
        Throwable failed = catchThrowable(() -> helper.call(ctx -> {
            throw new AssertionFailedError("not the same", "a", "b");
        }));
        assertThat(failed).isInstanceOfSatisfying(AssertionFailedError.class, e -> {
            assertThat(e.getExpected().getStringRepresentation()).isEqualTo("a");
            assertThat(e.getActual().getStringRepresentation()).isEqualTo("b");
        });
        assertThat(List.of(failed.getStackTrace()))
                .extracting(StackTraceElement::toString)
                .anyMatch(frame -> frame.startsWith("--- in helper 'reader' pid " + helper.pid() + " ---"))
                .anyMatch(frame -> frame.contains("assertionsStayAssertions"));
    }

    @Test
    void aResultThatCannotBeSentSaysSo() {
        JvmHelper helper = start(jvm("reader").inProcess());
        assertThatThrownBy(() -> helper.<Object>call(ctx -> new Object()))
                .isInstanceOf(RemoteCallException.class)
                .hasMessageContaining("the result cannot be sent to the test: it is or holds a java.lang.Object");
    }

    @Test
    void aClassThatTheHelperDoesNotHaveIsNamed(@TempDir Path dir) throws Exception {
        Path source = Files.writeString(
                dir.resolve("Late.java"),
                "public class Late implements io.github.shmkit.process.RemoteCallable<String> {"
                        + "public String call(io.github.shmkit.process.RemoteContext c) { return \"x\"; } }");
        assertThat(ToolProvider.getSystemJavaCompiler()
                        .run(null, null, null, "-cp", System.getProperty("java.class.path"), source.toString()))
                .isZero();
        JvmHelper helper = start(jvm("reader"));
        try (URLClassLoader loader = new URLClassLoader(new URL[] {dir.toUri().toURL()})) {
            RemoteCallable<?> late = (RemoteCallable<?>)
                    loader.loadClass("Late").getDeclaredConstructor().newInstance();
            assertThatThrownBy(() -> helper.call(late))
                    .isInstanceOf(RemoteCallException.class)
                    .hasMessageContaining("class Late is not on the class path of JVM helper 'reader'");
        }
        assertThat(helper.<Integer>call(ctx -> 1)).isEqualTo(1);
    }

    @Test
    void deathEndsTheWaitAtOnce() {
        JvmHelper helper = start(jvm("reader"));
        Remote<Integer> never = helper.submit(ctx -> {
            System.err.println("last words");
            ctx.reach("up");
            Thread.sleep(60_000);
            return 1;
        });
        checkpoints.await("up");
        long start = System.nanoTime();
        assertThat(helper.kill()).isEqualTo(new Exit.Killed(Signal.SIGKILL, false));
        assertThatThrownBy(never::await)
                .isInstanceOf(HelperDiedException.class)
                .hasMessage(helper + " was killed by SIGKILL; it was to do a task; stderr:\n  last words");
        assertThatThrownBy(() -> helper.call(ctx -> 1)).isInstanceOf(HelperDiedException.class);
        assertThatThrownBy(() -> checkpoints.await("down")).isInstanceOf(HelperDiedException.class);
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(1));
    }

    @Test
    void systemExitIsAnEndWithACode() {
        JvmHelper helper = start(jvm("reader"));
        assertThatThrownBy(() -> helper.call(ctx -> {
                    Runtime.getRuntime().exit(137);
                    return null;
                }))
                .isInstanceOf(HelperDiedException.class)
                .hasMessageContaining("exited with code 137");
        JvmHelper other = start(jvm("other"));
        other.submit(ctx -> {
            Runtime.getRuntime().exit(3);
            return null;
        });
        assertThat(other.awaitExit()).isEqualTo(Exit.code(3));
    }

    @Test
    void stopsAndContinues() {
        JvmHelper helper = start(jvm("peer"));
        helper.suspend();
        assertThat(helper.state()).isEqualTo(HelperState.STOPPED);
        Remote<Integer> sum = helper.submit(ctx -> 1 + 1);
        assertThatThrownBy(() -> sum.await(Duration.ofMillis(50)))
                .isInstanceOf(ShmException.class)
                .hasMessageContaining("did not finish within 50 ms; it is STOPPED");
        helper.resume();
        assertThat(sum.await()).isEqualTo(2);
    }

    /** Run by the next test. */
    static final class Program {
        private Program() {}

        public static void main(String[] args) {
            System.out.println(String.join(" ", args));
            if (args.length == 0) {
                throw new IllegalArgumentException("nothing to say");
            }
        }
    }

    @Test
    void runsMainMethodsWithPlaceholders() {
        Segment data = segment(SegmentKind.POSIX_SHM, "data");
        JvmHelper helper = start(jvm("peer").attach(data).systemProperty("my.own", "a \"b\" \\c"));
        helper.main(Program.class, "{size}", "{segment:data.uri}").await();
        org.awaitility.Awaitility.await()
                .untilAsserted(() -> assertThat(helper.stdout().text())
                        .isEqualTo("5000 " + data.address().uri() + "\n"));
        assertThatThrownBy(() -> helper.main(Program.class).await())
                .isInstanceOf(RemoteCallException.class)
                .hasMessageContaining("java.lang.IllegalArgumentException: nothing to say");
        assertThatThrownBy(() -> helper.main(Program.class, "{nane}")).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> helper.main(String.class))
                .hasMessage("java.lang.String has no static void main(String[])");
        assertThat(helper.<String>call(ctx -> System.getProperty("my.own"))).isEqualTo("a \"b\" \\c");
    }

    @Test
    void aJvmThatCannotStartSaysWhy() {
        assertThatThrownBy(() -> start(jvm("peer").jvmArgs("-XX:NoSuchOption=1")))
                .isInstanceOf(HelperDiedException.class)
                .hasMessageContaining("exited with code 1 before it was ready")
                .hasMessageContaining("Unrecognized VM option 'NoSuchOption=1'");
    }

    @Test
    void theReserveIsUsedAndReplaced() {
        start(jvm("first"));
        launcher.awaitSpare();
        long start = System.nanoTime();
        JvmHelper second = start(jvm("second"));
        Duration took = Duration.ofNanos(System.nanoTime() - start);
        assertThat(second.<String>call(RemoteContext::name)).isEqualTo("second");
        assertThat(took).isLessThan(Duration.ofSeconds(1));
    }

    @Test
    void inProcessHasNoProcessToKill() {
        JvmHelper helper = start(jvm("peer").inProcess());
        assertThatThrownBy(helper::kill)
                .isInstanceOf(UnsupportedOperationException.class)
                .hasMessageContaining("it runs in the test's own process; leave inProcess() away");
        Segment data = segment(SegmentKind.MEMFD, "data");
        JvmHelper other = start(jvm("other").attach(data).inProcess());
        long address = other.call(ctx -> {
            ctx.segment().putInt(0, 5);
            return ctx.segment().nativeAddress();
        });
        assertThat(address).isNotEqualTo(data.nativeAddress());
        assertThat(data.getInt(0)).isEqualTo(5);
        other.close();
        assertThat(other.awaitExit()).isEqualTo(Exit.code(0));
    }
}
