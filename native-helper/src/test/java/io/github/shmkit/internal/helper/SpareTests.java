package io.github.shmkit.internal.helper;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.github.shmkit.internal.session.Session;
import io.github.shmkit.process.NativeHelper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The process that the supervisor forks ahead of the need. */
@Timeout(60)
class SpareTests {
    private final Session session = Session.open();
    private final NativeHelpers helpers = new NativeHelpers(session.supervisor(), new Timeouts(1));

    @AfterEach
    void endsWithNothingLeftToDo() {
        var reaped = session.end();
        assertThat(reaped.processes()).isZero();
        assertThat(reaped.removed()).isZero();
    }

    @Test
    void thereIsNoneBeforeTheFirstHelperAndOneAfterIt() {
        assertThat(children()).isEmpty();

        try (NativeHelper helper = start()) {
            long spare = awaitSpare(helper);
            try (NativeHelper second = start()) {
                assertThat(second.pid()).isEqualTo(spare);
                assertThat(awaitSpare(helper, second)).isNotEqualTo(spare);
            }
        }
        await().until(() -> children().size() == 1);
    }

    @Test
    void manyAtOnceAllGetTheirOwn() throws Exception {
        ExecutorService starters = Executors.newFixedThreadPool(4);
        List<Callable<NativeHelper>> starts = Stream.generate(() -> (Callable<NativeHelper>) this::start)
                .limit(60)
                .toList();
        List<NativeHelper> started = new ArrayList<>();
        try {
            for (Future<NativeHelper> each : starters.invokeAll(starts)) {
                started.add(each.get());
            }
            assertThat(started.stream().map(NativeHelper::pid).distinct()).hasSize(60);
            assertThat(started)
                    .allSatisfy(each -> assertThat(each.sys().getpid().value()).isEqualTo(each.pid()));
        } finally {
            starters.shutdown();
            started.forEach(NativeHelper::close);
        }
    }

    @Test
    void onceOneWasKilledThereIsNoOtherAndHelpersStartAllTheSame() {
        try (NativeHelper helper = start()) {
            kill(awaitSpare(helper));
            await().until(() -> children().equals(Set.of(helper.pid())));

            try (NativeHelper second = start()) {
                assertThat(children()).isEqualTo(Set.of(helper.pid(), second.pid()));
            }
        }
    }

    @Test
    void itEndsWithTheSession() {
        long spare;
        try (NativeHelper helper = start()) {
            spare = awaitSpare(helper);
            assertThat(isAlive(spare)).isTrue();
        }

        session.end();

        assertThat(isAlive(spare)).isFalse();
    }

    @Test
    void itEndsWithTheSupervisorHoweverThatEnds() {
        Session doomed = Session.open();
        long supervisor = doomed.supervisor().pid();
        NativeHelper helper = new NativeHelpers(doomed.supervisor(), new Timeouts(1))
                .helper("peer")
                .start();
        await().until(() -> children(supervisor).size() == 2);
        Set<Long> both = children(supervisor);
        both.remove(helper.pid());
        long spare = both.iterator().next();

        kill(supervisor);

        await().until(() -> !isAlive(spare));
        ProcessHandle.of(helper.pid()).ifPresent(ProcessHandle::destroyForcibly);
        try {
            doomed.end();
        } catch (io.github.shmkit.ShmException e) {
            assertThat(e).hasMessageContaining("native helper");
        }
    }

    private NativeHelper start() {
        return helpers.helper("peer").start();
    }

    private long awaitSpare(NativeHelper... others) {
        await().until(() -> children().size() == others.length + 1);
        Set<Long> spare = children();
        for (NativeHelper other : others) {
            spare.remove(other.pid());
        }
        assertThat(spare).hasSize(1);
        return spare.iterator().next();
    }

    private Set<Long> children() {
        return children(session.supervisor().pid());
    }

    private static Set<Long> children(long parent) {
        try {
            Set<Long> pids = new HashSet<>();
            for (String pid : Files.readString(Path.of("/proc/%1$d/task/%1$d/children".formatted(parent)))
                    .split(" ", -1)) {
                if (!pid.isBlank()) {
                    pids.add(Long.parseLong(pid));
                }
            }
            return pids;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void kill(long pid) {
        assertThat(ProcessHandle.of(pid).map(ProcessHandle::destroyForcibly)).contains(true);
    }

    private static boolean isAlive(long pid) {
        return ProcessHandle.of(pid).filter(ProcessHandle::isAlive).isPresent();
    }
}
