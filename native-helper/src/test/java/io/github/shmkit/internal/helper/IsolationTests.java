package io.github.shmkit.internal.helper;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.abort;

import io.github.shmkit.Party;
import io.github.shmkit.Segment;
import io.github.shmkit.SegmentAddress;
import io.github.shmkit.SegmentKind;
import io.github.shmkit.SegmentSpec;
import io.github.shmkit.ShmException;
import io.github.shmkit.internal.session.Session;
import io.github.shmkit.process.Exit;
import io.github.shmkit.process.ExitPredicate;
import io.github.shmkit.process.NativeHelper;
import io.github.shmkit.script.MemoryOrder;
import io.github.shmkit.script.Running;
import io.github.shmkit.script.Script;
import io.github.shmkit.syscall.Linux;
import io.github.shmkit.syscall.SysCalls;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Helpers in namespaces of their own, with a /dev/shm of their own. */
@Timeout(60)
class IsolationTests {
    private static final long SHM_BYTES = 1 << 20;

    private final Session session = Session.open();
    private final List<NativeHelper> started = new ArrayList<>();
    private Segment segment;

    @BeforeEach
    void create() {
        segment =
                session.create(SegmentSpec.of(SegmentKind.POSIX_SHM).size(4096).label("data"));
    }

    @AfterEach
    void end() {
        started.forEach(NativeHelper::close);
        segment.close();
        var reaped = session.end();
        assertThat(reaped.processes() + reaped.removed()).isZero();
    }

    private NativeHelper.Builder builder(String name) {
        return new NativeHelpers(session.supervisor(), new Timeouts(1)).helper(name);
    }

    private NativeHelper isolated(Segment... attached) {
        NativeHelper.Builder builder = builder("isolated").isolated(SHM_BYTES);
        for (Segment s : attached) {
            builder = builder.attach(s);
        }
        return start(builder);
    }

    private NativeHelper start(NativeHelper.Builder builder) {
        try {
            NativeHelper helper = builder.start();
            started.add(helper);
            return helper;
        } catch (ShmException e) {
            assertThat(e).hasMessageContaining("it needs CAP_SYS_ADMIN, or user namespaces that anybody may make");
            return abort(e.getMessage());
        }
    }

    @ParameterizedTest
    @EnumSource(SegmentKind.class)
    void whatWasAttachedBeforeIsSharedStill(SegmentKind kind) {
        try (Segment shared = session.create(SegmentSpec.of(kind).size(4096).label("shared"))) {
            NativeHelper helper = isolated(shared);
            helper.put(0, 8, 4711, MemoryOrder.RELEASE);
            assertThat(shared.getLongAcquire(0)).isEqualTo(4711);
        }
    }

    @Test
    void whatIsOutsideCannotBeFoundAndWhatIsInsideIsNotSeen() throws Exception {
        SysCalls sys = isolated().sys();
        String path = ((SegmentAddress.ByPath) segment.address()).path();
        assertThat(sys.open(path, Linux.O_RDWR, 0).errno()).isEqualTo("ENOENT");
        sys.shmOpen("/shmkit-isolated-own", Linux.O_RDWR | Linux.O_CREAT, 0600).orThrow();
        assertThat(Path.of("/dev/shm/shmkit-isolated-own")).doesNotExist();
        long id = sys.shmget(0x5e771e, 1, 0600 | Linux.IPC_CREAT).orThrow();
        assertThat(id).isNotNegative();
        assertThat(Files.readString(Path.of("/proc/sysvipc/shm"))).doesNotContain(" " + 0x5e771e + " ");
    }

    @Test
    void itsShmHasTheGivenSizeForWhatItForksAndExecutesToo() {
        NativeHelper parent = isolated();
        SysCalls sys = parent.sys();
        int file =
                (int) sys.shmOpen("/file", Linux.O_RDWR | Linux.O_CREAT, 0600).orThrow();
        sys.posixFallocate(file, 0, SHM_BYTES).orThrow();
        assertThat(sys.posixFallocate(file, SHM_BYTES, 4096).errno()).isEqualTo("ENOSPC");
        session.create(SegmentSpec.of(SegmentKind.POSIX_SHM).size(1 << 16).label("here"))
                .close();

        NativeHelper child = parent.fork("child");
        child.exec("/bin/sh", "-c", "echo something > /dev/shm/another");
        child.expectExit(ExitPredicate.exitCode(1));
        assertThat(child.awaitExit()).isEqualTo(Exit.code(1));

        sys.ftruncate(file, 0).orThrow();
        NativeHelper second = parent.fork("second");
        second.exec("/bin/sh", "-c", "echo something > /dev/shm/another");
        assertThat(second.awaitExit()).isEqualTo(Exit.code(0));
    }

    @Test
    void checkpointsReachItAndWhatItForks() {
        try (SessionCheckpoints checkpoints = new SessionCheckpoints(session, new Timeouts(1))) {
            NativeHelper parent = start(new NativeHelpers(session.supervisor(), new Timeouts(1), checkpoints)
                    .helper("isolated")
                    .isolated(SHM_BYTES));
            NativeHelper child = parent.fork("child");

            Running both = parent.run(Script.of(b ->
                    b.reach("parent").barrier("meet", Party.helper("isolated"), Party.helper("child"), Party.TEST)));
            Running other = child.run(Script.of(b ->
                    b.reach("child").barrier("meet", Party.helper("isolated"), Party.helper("child"), Party.TEST)));
            checkpoints.await("parent");
            checkpoints.await("child");
            checkpoints.barrier("meet", Party.helper("isolated"), Party.helper("child"), Party.TEST);

            both.await();
            other.await();
        }
    }

    @Test
    void attachingLaterIsExplained() {
        NativeHelper helper = isolated();

        assertThatThrownBy(() -> helper.attach(segment))
                .isInstanceOf(ShmException.class)
                .hasMessageEndingWith("ENOENT; an isolated helper sees objects of its own namespaces only: attach the "
                        + "segment at the builder, before start()");
    }

    @Test
    void rootThereMayDoWhatRootMay() {
        NativeHelper helper = start(builder("root").isolated(SHM_BYTES).asRoot());
        SysCalls sys = helper.sys();

        helper.fork("child").exec("/bin/sh", "-c", "id -u >&2");
        await().untilAsserted(() -> assertThat(helper.stderr().text()).isEqualTo("0\n"));
        assertThat(sys.mountShm(2 * SHM_BYTES).succeeded()).isTrue();
    }

    @Test
    void rootElsewhereIsRefused() {
        assertThatThrownBy(() -> builder("root").asRoot().start())
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("helper 'root' can be root in namespaces of its own only: call isolated() too");
    }

    @Test
    void aShmOfLessThanAPageIsRefused() {
        assertThatThrownBy(() -> builder("tiny").isolated(10))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageMatching("helper 'tiny' needs a /dev/shm of at least a page \\(\\d+ bytes\\), not 10");
    }
}
