package io.github.shmkit.internal.sweep.adversarial;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.shmkit.internal.ipc.IpcKind;
import io.github.shmkit.internal.session.ForgedSession;
import io.github.shmkit.internal.session.ForgedSession.Made;
import io.github.shmkit.internal.session.KernelView;
import io.github.shmkit.internal.sweep.Removal;
import io.github.shmkit.internal.sweep.Survey;
import io.github.shmkit.internal.sweep.SweepPolicy;
import io.github.shmkit.internal.sweep.Verdict.Decision;
import io.github.shmkit.internal.sweep.Verdict.Rule;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Isolated;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** System V segments, semaphores and queues, whose use the kernel tells in other ways than that of files. */
@Isolated
@ExtendWith(PrivateShm.class)
class SysvTests {
    // --- 17: huge pages ---

    private static final Path HUGE_PAGES = Path.of("/proc/sys/vm/nr_hugepages");

    @ParameterizedTest
    @EnumSource
    void case17_hugePagesAreJudgedLikeOthers(Cleaner cleaner, @TempDir Path folder) throws Exception {
        assumeTrue(Files.isWritable(HUGE_PAGES), "needs root, to reserve two huge pages for a moment");
        long before = Programs.setting(HUGE_PAGES);
        Path mounted = Files.createDirectories(folder.resolve("shmkit-huge"));
        boolean mount = false;
        int segment = -1;
        try {
            Files.writeString(HUGE_PAGES, Long.toString(before + 2));
            assumeTrue(Programs.setting(HUGE_PAGES) == before + 2, "this machine has no two huge pages to spare");
            mount = Kernel.LIBC.mount("none", mounted.toString(), "hugetlbfs", 0, null) == 0;
            assumeTrue(mount, "cannot mount hugetlbfs");
            try (Holder creator = Holder.start("create-huge");
                    ForgedSession session = ForgedSession.dead()) {
                segment = creator.number();
                Made huge = session.ownsSysv(IpcKind.SYSV_SHM, segment);
                Path path = Files.createFile(mounted.resolve("file"));
                Made file = session.owns(IpcKind.MMAP_FILE, path);
                try (Holder attacher = Holder.start("sysv", Integer.toString(segment));
                        Holder opener = Holder.start("fd-ro", path.toString())) {
                    cleaner.clean(session);
                    assertThat(huge.exists() && file.exists()).isTrue();
                    attacher.end();
                    opener.end();
                }
                cleaner.clean(session);
                assertThat(huge.exists() || file.exists()).isFalse();
            }
        } finally {
            Kernel.removeSegment(segment);
            if (mount) {
                Kernel.LIBC.umount2(mounted.toString(), 0);
            }
            Files.writeString(HUGE_PAGES, Long.toString(before));
        }
    }

    // --- 20: all ids taken ---

    @Test
    void case20_withAllIdsTakenTheSweepStillWorksAndCreatingSaysWhatIsWrong() throws Exception {
        Programs.assumeUnshare("--ipc");
        String output = Programs.java(
                List.of("unshare", "--ipc"), "leave", "fill", "create=SYSV_SHM", "sweep", "count", "create=SYSV_SHM");
        int limit = Integer.parseInt(output.replaceAll("(?s).*limit ([0-9]+).*", "$1"));
        assertThat(output)
                .contains("filled " + (limit - 3))
                .containsPattern("refused .*ShmException: .*kernel\\.shmmni.*`ipcs -m`.*mvn shm:clean")
                .contains("segments " + (limit - 3))
                .contains("created SYSV_SHM");
        assertThat(output.lines().filter(line -> line.endsWith("DELETE R7_UNUSED DELETED")))
                .hasSize(4);
    }

    // --- 23, and point 3 of the real programs: marked ones ---

    @ParameterizedTest
    @EnumSource
    void case23_program03_aSegmentThatGoesWithItsLastDetachIsNoLeak(Cleaner cleaner) throws Exception {
        int id = Kernel.newSegment(Kernel.IPC_PRIVATE, 4096);
        try (ForgedSession session = ForgedSession.dead();
                Holder holder = Holder.start("sysv", Integer.toString(id))) {
            session.ownsSysv(IpcKind.SYSV_SHM, id);
            Kernel.removeSegment(id);
            var marked = NaiveCleaners.segment(id).orElseThrow();
            assertThat(marked.isMarkedForDestruction()).isTrue();

            assertThat(Survey.report(SweepPolicy.standard()).findings())
                    .singleElement()
                    .satisfies(f -> assertThat(f.verdict().decision()).isEqualTo(Decision.LIVE));
            cleaner.clean(session);
            assertThat(NaiveCleaners.segment(id)).isPresent();
            assertThat(holder.isAlive()).isTrue();
            holder.end();
            assertThat(NaiveCleaners.segment(id)).isEmpty();
            Removal.run(SweepPolicy.standard());
            assertThat(session.hasFiles()).isFalse();
        }
    }

    // --- 24: counts that are no counts of processes ---

    @ParameterizedTest
    @EnumSource
    void case24_anAttachThatCountsThreeTimesIsAnAttach(Cleaner cleaner) throws Exception {
        long size = 8 * 4096;
        int id = Kernel.newSegment(Kernel.IPC_PRIVATE, size);
        int twin = Kernel.newSegment(Kernel.IPC_PRIVATE, size);
        try (ForgedSession session = ForgedSession.dead();
                Holder holder = Holder.start("sysv-split", Integer.toString(id), Long.toString(size));
                Holder twinsHolder = Holder.start("sysv-split", Integer.toString(twin), Long.toString(size))) {
            Made made = session.ownsSysv(IpcKind.SYSV_SHM, id);
            assertThat(KernelView.attaches(id)).isEqualTo(3);
            cleaner.clean(session);
            assertThat(made.exists()).isTrue();
            NaiveCleaners.byAttachesAndProcesses(twin, 1);
            assertThat(KernelView.sysvExists(twin)).isFalse();
            holder.end();
            twinsHolder.end();
            cleaner.clean(session);
            assertThat(made.exists()).isFalse();
        } finally {
            Kernel.removeSegment(id);
            Kernel.removeSegment(twin);
        }
    }

    // --- semaphores and queues ---

    @ParameterizedTest
    @EnumSource
    void semaphoresOnWhichSomebodyWaitsStayUntilNobodyDoes(Cleaner cleaner) throws Exception {
        int id = Kernel.newSemaphores(Kernel.IPC_PRIVATE, 3);
        int queue = Kernel.newQueue(Kernel.IPC_PRIVATE);
        try (ForgedSession session = ForgedSession.dead();
                Holder waiter = Holder.start("wait-semaphore", Integer.toString(id))) {
            Made semaphores = session.ownsSysv(IpcKind.SYSV_SEM, id);
            Made messages = session.ownsSysv(IpcKind.SYSV_MSG, queue);
            org.awaitility.Awaitility.await().until(() -> Kernel.LIBC.semctl(id, 0, GETNCNT, 0) == 1);

            cleaner.clean(session);
            assertThat(semaphores.exists()).isTrue();
            assertThat(messages.exists()).isFalse();
            assertThat(session.hasFiles()).isTrue();

            waiter.kill();
            cleaner.clean(session);
            assertThat(semaphores.exists()).isFalse();
            assertThat(session.hasFiles()).isFalse();
        } finally {
            Kernel.removeSemaphores(id);
            Kernel.removeQueue(queue);
        }
    }

    private static final int GETNCNT = 14;

    // --- point 7 of the real programs: owner and creator ---

    @ParameterizedTest
    @EnumSource
    void program07_theCreatorCountsNotTheOwner(Cleaner cleaner) throws Exception {
        Programs.assumeOtherUser(4711);
        int given = Kernel.newSegment(Kernel.IPC_PRIVATE, 4096);
        try (Holder creator = Holder.start(List.of(Programs.asUser(4711)), Map.of(), "create-sysv", "shm", "0");
                Holder twin = Holder.start(List.of(Programs.asUser(4711)), Map.of(), "create-sysv", "shm", "0");
                ForgedSession session = ForgedSession.dead()) {
            int us = io.github.shmkit.internal.os.Os.euid();
            Kernel.giveSegmentTo(creator.number(), us);
            Kernel.giveSegmentTo(twin.number(), us);
            Made ours = session.ownsSysv(IpcKind.SYSV_SHM, given);
            Kernel.giveSegmentTo(given, 4711);
            Made others = session.ownsSysv(IpcKind.SYSV_SHM, creator.number());
            try {
                cleaner.clean(session);
                assertThat(ours.exists()).isFalse();
                assertThat(others.exists()).isTrue();
                NaiveCleaners.byOwner(twin.number(), us);
                assertThat(KernelView.sysvExists(twin.number())).isFalse();
            } finally {
                Kernel.removeSegment(creator.number());
                Kernel.removeSegment(twin.number());
            }
        } finally {
            Kernel.removeSegment(given);
        }
    }

    // --- point 2 of the real programs: the creator's work goes on without it ---

    @ParameterizedTest
    @EnumSource
    void program02_aStoppedChildOfADeadServerKeepsWhatItIsAttachedTo(Cleaner cleaner) throws Exception {
        try (Holder server = Holder.start("create-sysv", "shm", "0");
                Holder twinsServer = Holder.start("create-sysv", "shm", "0");
                ForgedSession session =
                        ForgedSession.withHeader(h -> h[ForgedSession.PID] = Long.toString(server.pid()));
                Holder child = Holder.start("sysv", server.said().substring(6)).stop()) {
            Made made = session.ownsSysv(IpcKind.SYSV_SHM, server.number());
            server.kill();
            twinsServer.kill();

            cleaner.clean(session);

            assertThat(made.exists()).isTrue();
            assertThat(child.isAlive()).isTrue();
            assertThat(Survey.report(SweepPolicy.standard()).findings())
                    .singleElement()
                    .satisfies(f -> assertThat(f.verdict().rule()).isEqualTo(Rule.R7_UNUSED));
            NaiveCleaners.byCreatorPidOfSegment(twinsServer.number(), twinsServer.pid());
            assertThat(NaiveCleaners.segment(twinsServer.number())).isEmpty();
            child.kill();
            cleaner.clean(session);
            assertThat(made.exists()).isFalse();
        }
    }
}
