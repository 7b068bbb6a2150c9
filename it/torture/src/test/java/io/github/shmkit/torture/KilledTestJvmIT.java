package io.github.shmkit.torture;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Test JVMs killed with -9 at random moments, with no Maven around: each time everything is gone within a second. */
class KilledTestJvmIT {
    private static final int JVMS = Torture.isLong() ? 1000 : 60;
    private static final int AT_ONCE = 2;
    private static final int LONGEST_LIFE_MILLIS = 300;
    private static final long LIMIT_MILLIS = 1000;
    private static final double SHARE_WITH_OBJECTS = 0.8;

    /** What was seen of one of them. */
    private record Death(int objectsBefore, List<String> left, long millis) {}

    @Test
    void everyKilledTestJvmIsCleanedUpWithinASecond() throws Exception {
        long seed = Long.getLong("shmkit.torture.seed", System.nanoTime());
        Random random = new Random(seed);
        List<Callable<Death>> lives = new ArrayList<>();
        for (int i = 0; i < JVMS; i++) {
            int life = random.nextInt(LONGEST_LIFE_MILLIS);
            lives.add(() -> liveAndDie(life));
        }
        List<Death> deaths = new ArrayList<>();
        ExecutorService executor = Executors.newFixedThreadPool(AT_ONCE);
        try {
            for (Future<Death> death : executor.invokeAll(lives)) {
                deaths.add(death.get());
            }
        } finally {
            executor.shutdownNow();
        }

        List<Long> millis = deaths.stream().map(Death::millis).sorted().toList();
        long withObjects =
                deaths.stream().filter(death -> death.objectsBefore() > 0).count();
        Torture.report(String.format(
                "torture: %d test JVMs killed (seed %d), %d of them with an object alive; left: %d; "
                        + "time until all was gone: median %d ms, longest %d ms",
                JVMS,
                seed,
                withObjects,
                deaths.stream().mapToInt(death -> death.left().size()).sum(),
                millis.get(millis.size() / 2),
                Collections.max(millis)));
        assertThat(deaths).allSatisfy(death -> assertThat(death.left()).isEmpty());
        assertThat(deaths).allSatisfy(death -> assertThat(death.millis()).isLessThanOrEqualTo(LIMIT_MILLIS));
        assertThat((double) withObjects).isGreaterThanOrEqualTo(SHARE_WITH_OBJECTS * JVMS);
    }

    private static Death liveAndDie(int lifeMillis) throws IOException, InterruptedException {
        String secret = Lane.newSecret();
        String session = Outside.sessionOf(secret);
        Process victim = Jvm.start(secret, Victim.class);
        try {
            BufferedReader out = victim.inputReader(StandardCharsets.UTF_8);
            assertThat(out.readLine()).isEqualTo("at work");
            // The random moment; it must not end by itself before.
            assertThat(victim.waitFor(lifeMillis, TimeUnit.MILLISECONDS)).isFalse();
            int before = Outside.objects(session, victim.pid()).size();
            victim.destroyForcibly().waitFor();
            return untilGone(session, victim.pid(), before);
        } finally {
            victim.destroyForcibly();
        }
    }

    /** Looks until nothing is left, or twice the time that is allowed. */
    private static Death untilGone(String session, long pid, int before) throws IOException {
        long start = System.nanoTime();
        while (true) {
            List<String> left = new ArrayList<>(Outside.objects(session, pid));
            left.addAll(Outside.bookkeeping(session));
            left.addAll(Outside.processes(session));
            long millis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start);
            if (left.isEmpty() || millis > 2 * LIMIT_MILLIS) {
                return new Death(before, left, millis);
            }
            Thread.onSpinWait();
        }
    }
}
