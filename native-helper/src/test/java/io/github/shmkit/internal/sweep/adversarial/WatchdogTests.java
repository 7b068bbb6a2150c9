package io.github.shmkit.internal.sweep.adversarial;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.github.shmkit.ShmException;
import io.github.shmkit.internal.ipc.IpcKind;
import io.github.shmkit.internal.session.BuildSession;
import io.github.shmkit.internal.session.ForgedSession;
import io.github.shmkit.internal.session.ForgedSession.Made;
import io.github.shmkit.internal.session.KernelView;
import io.github.shmkit.internal.session.SessionId;
import io.github.shmkit.internal.sweep.RunningBuild;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Isolated;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The third that cleans: the watchdog of a build that was killed. It reaps as supervisors do, so one session shows it all:
 * what is not ours, or in use, stays, and the rest goes.
 */
@Isolated
@ExtendWith(PrivateShm.class)
class WatchdogTests {
    private static final int OTHER_USER = 4711;
    /** It waits for test JVMs of which something is left, see watchdog.c. */
    private static final Duration END = Duration.ofSeconds(30);

    private static void killBuildAlone(RunningBuild build) {
        ProcessHandle watchdog = ProcessHandle.of(build.watchdog()).orElseThrow();
        build.close();
        await().atMost(END).until(() -> !watchdog.isAlive());
    }

    @Test
    void whatADeadTestJvmLeftGoesWhenItsBuildIsKilled(@TempDir Path folder) throws Exception {
        int id = Kernel.newSegment(Kernel.IPC_PRIVATE, 4096);
        try (RunningBuild build = RunningBuild.start(List.of(), "true");
                ForgedSession session = ForgedSession.ofBuild(build.session())) {
            List<Made> left =
                    List.of(session.newShm(), session.newMappedFile(folder), session.ownsSysv(IpcKind.SYSV_SHM, id));
            killBuildAlone(build);
            assertThat(left).noneMatch(Made::exists);
            assertThat(session.hasFiles()).isFalse();
        } finally {
            Kernel.removeSegment(id);
        }
    }

    /** Where it cannot note who makes what, it still cleans. */
    @Test
    void withoutMemoryForWhatItSeesItCleansAllTheSame() throws Exception {
        RunningBuild.assumeThatTheKernelTellsCreators(5, 17);
        try (RunningBuild build = RunningBuild.start(List.of(), "true");
                ForgedSession session = ForgedSession.ofBuild(build.session())) {
            Path ledger = KernelView.privateDirOf(build.session()).resolve(build.session() + ".jrnl");
            Made left = session.newShm();
            String limit = "--pid=" + build.watchdog();
            Programs.run("prlimit", limit, "--as=1:unlimited");
            for (int i = 0; i < 20_000; i++) {
                Files.createFile(Path.of("/dev/shm", "other" + i));
            }
            await().atMost(END).until(() -> Files.readString(ledger).contains("\nX P "));
            Programs.run("prlimit", limit, "--as=unlimited");
            assertThat(left.exists()).as("the build lives").isTrue();
            killBuildAlone(build);
            assertThat(left.exists() || session.hasFiles()).isFalse();
        }
    }

    @Test
    void itsEndIsToldToWhoeverClosesIt() {
        BuildSession build = BuildSession.open(SessionId.random());
        ProcessHandle watchdog = ProcessHandle.of(build.watchdogPid()).orElseThrow();
        watchdog.destroyForcibly();
        await().until(() -> !watchdog.isAlive());
        assertThatThrownBy(build::close)
                .isInstanceOf(ShmException.class)
                .hasMessage("the watchdog of this build did not do all of its work: it was killed by SIGKILL");

        BuildSession other = BuildSession.open(SessionId.random());
        assertThat(other.catchUp()).as("the control").isEmpty();
        other.close();
    }

    @Test
    void whatIsUsedOrAnothersStaysWhenTheBuildIsKilled(@TempDir Path folder) throws Exception {
        Programs.assumeOtherUser(OTHER_USER);
        Path precious = Files.writeString(folder.resolve("precious"), "do not touch");
        int attached = Kernel.newSegment(Kernel.IPC_PRIVATE, 4096);
        try (RunningBuild build = RunningBuild.start(List.of(), "true");
                ForgedSession session = ForgedSession.ofBuild(build.session())) {
            Made mapped = session.newShm();
            Made open = session.newShm();
            Made inFlight = session.newShm();
            Made segment = session.ownsSysv(IpcKind.SYSV_SHM, attached);
            Made takenAgain = session.newShm();
            Files.delete(takenAgain.file());
            Files.writeString(takenAgain.file(), "somebody else's", StandardOpenOption.CREATE_NEW);
            Made link = session.newShm();
            Files.delete(link.file());
            Files.createSymbolicLink(link.file(), precious);
            Made anothers = session.newShm();
            Files.setAttribute(anothers.file(), "unix:uid", OTHER_USER);
            Made unused = session.newShm();
            try (Holder mapper = Holder.start("shared-ro", mapped.path().text());
                    Holder opener = Holder.start("fd-ro", open.path().text());
                    Holder sender = Holder.start("in-flight", inFlight.path().text());
                    Holder attacher = Holder.startWithoutEnvironment("sysv", Integer.toString(attached))) {
                killBuildAlone(build);

                assertThat(unused.exists()).as("the control").isFalse();
                assertThat(List.of(mapped, open, inFlight, segment, anothers)).allMatch(Made::exists);
                assertThat(takenAgain.file()).hasContent("somebody else's");
                assertThat(Files.exists(link.file(), LinkOption.NOFOLLOW_LINKS)).isTrue();
                assertThat(precious).hasContent("do not touch");
                assertThat(List.of(mapper, opener, sender, attacher)).allMatch(Holder::isAlive);
                assertThat(session.hasFiles()).as("for a later cleaner").isTrue();
            }
            NaiveCleaners.byPrefix(Path.of("/dev/shm"), "shmkit." + session.id());
            assertThat(List.of(mapped, open, anothers)).noneMatch(Made::exists);
        } finally {
            Kernel.removeSegment(attached);
        }
    }

    /** It has an id until the last process detaches, but nobody need judge it again. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aSegmentThatIsRemovedThoughStillAttachedKeepsNoLedger(boolean removed) throws Exception {
        int key = ThreadLocalRandom.current().nextInt(1, Integer.MAX_VALUE);
        String create =
                "perl -e '$id = shmget(%d, 4096, 0x380); print STDERR $id; select(undef, undef, undef, 0.4)' 2> %s"
                        .formatted(key, "/dev/shm/id");
        try (RunningBuild build = RunningBuild.start(List.of(), create)) {
            int id = Integer.parseInt(Files.readString(Path.of("/dev/shm/id")));
            Files.delete(Path.of("/dev/shm/id"));
            try (Holder attacher = Holder.startWithoutEnvironment("sysv", Integer.toString(id))) {
                if (removed) {
                    Kernel.removeSegment(id);
                }
                killBuildAlone(build);

                assertThat(attacher.isAlive()).isTrue();
                assertThat(NaiveCleaners.segment(id)).isPresent();
                assertThat(KernelView.shmFiles(build.session()).isEmpty())
                        .as(() -> "left for a later cleaner to judge: " + KernelView.shmFiles(build.session()))
                        .isEqualTo(removed);
            } finally {
                if (NaiveCleaners.segment(id).isPresent()) {
                    Kernel.removeSegment(id);
                }
            }
        }
    }
}
