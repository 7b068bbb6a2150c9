package io.github.shmkit.internal.helper;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.shmkit.Segment;
import io.github.shmkit.SegmentKind;
import io.github.shmkit.SegmentSpec;
import io.github.shmkit.ShmException;
import io.github.shmkit.Signal;
import io.github.shmkit.internal.session.Session;
import io.github.shmkit.internal.trace.LogFile;
import io.github.shmkit.internal.trace.LogMemory;
import io.github.shmkit.internal.trace.TracedStart;
import io.github.shmkit.internal.trace.Tracing;
import io.github.shmkit.process.Exit;
import io.github.shmkit.trace.Access;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@Timeout(60)
class TracedCommandTests {
    private static final int STEPS = 5;
    private static final Duration SOON = Duration.ofSeconds(10);

    @TempDir
    private static Path folder;

    private static Session session;
    private static Path program;

    private final SessionCheckpoints checkpoints = new SessionCheckpoints(session, new Timeouts(1));
    private final List<AutoCloseable> opened = new ArrayList<>();

    @BeforeAll
    static void open() throws Exception {
        assumeTrue(System.getProperty("os.arch").equals("amd64"), "the tracer is for x86-64");
        session = Session.open();
        program = CProgram.compile(folder, "trace_program.c", "gcc", "-D_GNU_SOURCE", "-pthread");
    }

    @AfterAll
    static void end() {
        if (session != null) {
            var reaped = session.end();
            assertThat(reaped.processes()).isZero();
            assertThat(reaped.removed()).isZero();
        }
    }

    @AfterEach
    void close() throws Exception {
        for (AutoCloseable o : opened) {
            o.close();
        }
        checkpoints.close();
    }

    private Segment segment(SegmentKind kind) {
        Segment segment = session.create(SegmentSpec.of(kind).size(16384).label("data"));
        opened.add(segment);
        return segment;
    }

    private TracedCommand start(Segment segment, long killAfter, String... argv) {
        LogMemory log = new LogMemory();
        opened.add(log);
        var builder = (TracedCommand.Builder) new CommandHelpers(session, checkpoints, new Timeouts(1))
                .command("writer", argv)
                .attach(segment);
        TracedCommand helper = builder.startTraced(
                new Tracing(log.path(), killAfter, true, Tracing.Counted.STORES, List.of(), Optional.empty()));
        opened.add(helper);
        return helper;
    }

    private static String place(SegmentKind kind) {
        return kind == SegmentKind.SYSV_SHM ? "{shmid}" : "{path}";
    }

    @ParameterizedTest
    @EnumSource
    void recordsTheStoresOfAProgram(SegmentKind kind) {
        Segment segment = segment(kind);
        boolean sysv = kind == SegmentKind.SYSV_SHM;

        TracedCommand helper = start(segment, Tracing.NEVER, program.toString(), sysv ? "sysv" : "steps", place(kind));
        Exit exit = helper.awaitExit();
        LogFile log = helper.log();
        TracedStart.awaitEnd(log, SOON);

        assertThat(exit).as(helper.stderr().text()).isEqualTo(Exit.code(0));
        assertThat(log.initial().get("data")).isEqualTo(new byte[16384]);
        List<Access> points = log.log().points();
        assertThat(points).hasSize(sysv ? 3 : STEPS);
        for (int i = 0; i < points.size(); i++) {
            Access access = points.get(i);
            assertThat(access.point()).isEqualTo(i + 1);
            assertThat(access.kind()).isEqualTo(new Access.Kind.Store());
            assertThat(access.pid()).isEqualTo(helper.pid());
            assertThat(access)
                    .hasToString("data+0x" + Integer.toHexString(8 * i) + ": 00→0" + (i + 1) + ", " + access.where());
            assertThat(access.where()).startsWith(program.getFileName() + "+0x");
            assertThat(segment.getLong(8L * i)).isEqualTo(i + 1);
        }
        assertThat(log.log().lastChange(segment, 8)).contains(points.get(1));
        assertThat(log.log().lastChange(segment, 9)).isEmpty();
    }

    @Test
    void killsAfterAStore() {
        for (int n = 0; n <= STEPS; n++) {
            Segment segment = segment(SegmentKind.POSIX_SHM);
            TracedCommand helper = start(segment, n, program.toString(), "steps", "{path}");

            assertThat(helper.awaitExit()).isEqualTo(new Exit.Killed(Signal.SIGKILL, false));

            assertThat(helper.log().killed()).isTrue();
            assertThat(helper.log().log().points()).hasSize(n);
            for (int i = 0; i < STEPS; i++) {
                assertThat(segment.getLong(8L * i)).isEqualTo(i < n ? i + 1 : 0);
            }
            segment.close();
        }
    }

    @Test
    void endsAndOutputAreThoseOfTheProgram() {
        TracedCommand helper = start(segment(SegmentKind.MEMFD), Tracing.NEVER, program.toString(), "code", "{path}");
        assertThat(helper.awaitExit()).isEqualTo(Exit.code(37));

        helper = start(segment(SegmentKind.POSIX_SHM), Tracing.NEVER, "sh", "-c", "echo out; echo err >&2; cat <&{fd}");
        assertThat(helper.awaitExit()).isEqualTo(Exit.code(0));
        assertThat(helper.stdout().text()).startsWith("out\n").hasSize(4 + 16384);
        assertThat(helper.stderr().text()).isEqualTo("err\n");
    }

    @Test
    void aHelperUnderTheTracerStopsGoesOnAndIsKilled() {
        Segment segment = segment(SegmentKind.POSIX_SHM);
        TracedCommand helper = start(segment, Tracing.NEVER, program.toString(), "forever", "{path}");
        org.awaitility.Awaitility.await().until(() -> segment.getLong(0) > 10);

        helper.signal(Signal.SIGSTOP);
        helper.awaitState(io.github.shmkit.process.HelperState.STOPPED);
        long stopped = segment.getLong(0);
        assertThat(segment.getLong(0)).isEqualTo(stopped);
        helper.resume();
        org.awaitility.Awaitility.await().until(() -> segment.getLong(0) > stopped);
        helper.kill();

        LogFile log = helper.log();
        TracedStart.awaitEnd(log, SOON);
        assertThat(log.log().points()).hasSize((int) segment.getLong(0));
    }

    /** It may come so soon that the start itself fails. */
    private String refusal(Segment segment) {
        TracedCommand helper;
        try {
            helper = start(segment, Tracing.NEVER, program.toString(), "tracing", "{path}");
        } catch (ShmException e) {
            return String.valueOf(e.getMessage());
        }
        assertThat(helper.awaitExit()).isEqualTo(new Exit.Killed(Signal.SIGKILL, false));
        assertThat(helper.log().state()).isEqualTo(LogFile.State.REFUSED);
        assertThat(helper.log().unavailable()).isFalse();
        return helper.log().refused().orElse("");
    }

    @Test
    @Tag("unsanitized") // the refusal comes sooner than the start
    void saysWhyAProgramCannotRunOrBeTraced() {
        Segment segment = segment(SegmentKind.POSIX_SHM);
        assertThatThrownBy(() -> start(segment, Tracing.NEVER, "no-such-program"))
                .isInstanceOf(ShmException.class)
                .hasMessage("command helper 'writer': cannot run 'no-such-program': ENOENT (No such file or "
                        + "directory); there is none in PATH=" + System.getenv("PATH"));

        assertThat(refusal(segment)).endsWith("it traces processes itself, and a process has one tracer at a time");
    }
}
