package io.github.shmkit.internal.helper;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.github.shmkit.Segment;
import io.github.shmkit.SegmentKind;
import io.github.shmkit.SegmentSpec;
import io.github.shmkit.Signal;
import io.github.shmkit.internal.session.KernelView;
import io.github.shmkit.internal.session.Session;
import io.github.shmkit.process.ExitPredicate;
import io.github.shmkit.process.Helper;
import io.github.shmkit.process.HelperDiedException;
import io.github.shmkit.process.JvmHelper;
import io.github.shmkit.process.NativeHelper;
import io.github.shmkit.script.Comparison;
import io.github.shmkit.script.Script;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Helpers that die at random moments, many at a time, leave nothing, and nobody waits for the dead. */
@Timeout(180)
class RandomDeathTests {
    private static final int HELPERS = 1000;
    private static final int WORKERS = 4;
    private static final List<SegmentKind> KINDS = List.of(SegmentKind.values());
    /** Of a thousand. */
    private static final int JVMS = 8;

    private static final int COMMANDS = 150;
    private static final long LONGEST_LIFE_MICROS = 2000;
    private static final Duration LONGEST_WAIT_PAST_DEATH = Duration.ofSeconds(1);
    private static final Duration NEVER = Duration.ofSeconds(60);

    private final long seed = System.nanoTime();
    private final Session session = Session.open();
    private final SessionCheckpoints checkpoints = new SessionCheckpoints(session, new Timeouts(1));
    private final JvmLauncher launcher = new JvmLauncher(session, new Timeouts(1), false);
    private final ExecutorService waiters = Executors.newCachedThreadPool();

    /** What the kernel says that this session has. */
    private record Possessions(long ours, long supervisors, Set<String> files, Set<String> mapped, Set<Integer> sysv) {}

    @Test
    void aThousandRandomDeathsLeaveNothingAndDelayNobody() throws Exception {
        checkpoints.page(); // made once, for all
        work(new Random(seed), 20, 0);
        launcher.start("first", JvmArguments.PLAIN, Path.of("/tmp"), false).end();
        awaitOnlyTheSpare();
        Possessions before = possessions();

        ExecutorService workers = Executors.newFixedThreadPool(WORKERS);
        List<Future<Duration>> results = new ArrayList<>();
        for (int i = 0; i < WORKERS; i++) {
            Random random = new Random(seed + i);
            results.add(workers.submit(() -> work(random, HELPERS / WORKERS, JVMS)));
        }
        Duration longest = Duration.ZERO;
        for (Future<Duration> result : results) {
            Duration each = result.get();
            longest = each.compareTo(longest) > 0 ? each : longest;
        }
        workers.shutdown();
        waiters.shutdown();

        assertThat(longest).as("seed " + seed).isLessThan(LONGEST_WAIT_PAST_DEATH);
        awaitOnlyTheSpare();
        await().atMost(Duration.ofSeconds(10))
                .untilAsserted(
                        () -> assertThat(possessions()).as("seed " + seed).isEqualTo(before));
        checkpoints.close();
        launcher.close();
        var reaped = session.end();
        assertThat(reaped.processes() + reaped.removed()).isZero();
    }

    /** Starts and kills so many; returns the longest wait past a death. */
    private Duration work(Random random, int helpers, int jvms) throws Exception {
        Duration longest = Duration.ZERO;
        for (int i = 0; i < helpers; i++) {
            SegmentKind kind = KINDS.get(random.nextInt(KINDS.size()));
            try (Segment segment =
                    session.create(SegmentSpec.of(kind).size(4096).label("data"))) {
                Duration each = liveAndDie(random, segment, jvms);
                longest = each.compareTo(longest) > 0 ? each : longest;
            }
        }
        return longest;
    }

    private Duration liveAndDie(Random random, Segment segment, int jvms) throws Exception {
        int which = random.nextInt(HELPERS);
        if (which < jvms) {
            return jvm(random, segment);
        }
        return which < jvms + COMMANDS ? command(random, segment) : nativeHelper(random, segment);
    }

    private Duration nativeHelper(Random random, Segment segment) throws Exception {
        try (NativeHelper helper = new NativeHelpers(session.supervisor(), new Timeouts(1), checkpoints)
                .helper("native")
                .attach(segment)
                .start()) {
            if (random.nextBoolean()) {
                return kill(random, helper, () -> helper.await(0, 8, Comparison.EQUAL, 1, NEVER));
            }
            Script busy = Script.of(b -> b.forever(r -> r.getAndAddLong(8, 1)));
            return kill(random, helper, () -> helper.run(busy).await());
        }
    }

    private Duration command(Random random, Segment segment) throws Exception {
        try (var helper = new CommandHelpers(session, checkpoints, new Timeouts(1))
                .command("command", "sleep", "60")
                .attach(segment)
                .start()) {
            return kill(random, helper, () -> helper.awaitExit(NEVER));
        }
    }

    private Duration jvm(Random random, Segment segment) throws Exception {
        try (JvmHelper helper = new JvmHelpers(launcher, checkpoints, new Timeouts(1))
                .jvm("jvm")
                .attach(segment)
                .start()) {
            return kill(
                    random,
                    helper,
                    () -> helper.call(context -> {
                        Thread.sleep(60_000);
                        return null;
                    }));
        }
    }

    /** By the helper's own methods, or by somebody else, after a random part of its life; a wait for it is under way. */
    private Duration kill(Random random, Helper helper, Callable<?> wait) throws Exception {
        helper.expectExit(ExitPredicate.killedBy(Signal.SIGKILL));
        CompletableFuture<Long> waited = new CompletableFuture<>();
        waiters.execute(() -> {
            try {
                wait.call();
            } catch (HelperDiedException e) {
                // that is what it is to end with
            } catch (Throwable e) {
                waited.completeExceptionally(e);
            }
            waited.complete(System.nanoTime());
        });
        TimeUnit.MICROSECONDS.sleep(random.nextLong(LONGEST_LIFE_MICROS));
        long death = System.nanoTime();
        if (random.nextBoolean()) {
            helper.kill();
        } else {
            ProcessHandle.of(helper.pid()).ifPresent(ProcessHandle::destroyForcibly);
        }
        helper.awaitExit();
        return Duration.ofNanos(waited.get(30, TimeUnit.SECONDS) - death);
    }

    // --- what is there ---

    private void awaitOnlyTheSpare() {
        Path children = Path.of(
                "/proc/%1$d/task/%1$d/children".formatted(session.supervisor().pid()));
        await().atMost(Duration.ofSeconds(10))
                .untilAsserted(
                        () -> assertThat(Files.readString(children).split(" ")).hasSize(1));
    }

    private Possessions possessions() throws IOException {
        String id = session.id().text();
        return new Possessions(
                descriptors(ProcessHandle.current().pid()),
                descriptors(session.supervisor().pid()),
                KernelView.shmFiles(id),
                KernelView.mappedFiles(id),
                KernelView.sysvCreatedBy(ProcessHandle.current().pid()));
    }

    private static long descriptors(long pid) throws IOException {
        try (Stream<Path> fds = Files.list(Path.of("/proc/" + pid + "/fd"))) {
            return fds.count();
        }
    }
}
