package io.github.shmkit.torture;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.shmkit.torture.Tally.Victim;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Maven, test JVMs, their supervisors, watchdogs, helpers and the cleaners themselves are killed with -9 at random
 * moments and in random order: the next sweep that is left alone removes everything, and bystanders with objects of every
 * kind notice nothing.
 */
class CrashTortureIT {
    private static final int KILLS = Torture.isLong() ? 10_000 : Integer.MAX_VALUE;
    private static final Duration TIME = Torture.isLong() ? Duration.ofMinutes(60) : Duration.ofSeconds(20);
    /** Where a busy machine did not come to kill one of each in time. */
    private static final Duration LONGEST = Torture.isLong() ? TIME : Duration.ofMinutes(5);

    private static final List<Victim> ONE_OF_EACH =
            List.of(Victim.TEST_JVM, Victim.SUPERVISOR, Victim.ACTUATOR, Victim.MAVEN);
    private static final int LIGHT_LANES = 2;
    /** Those cost more, and so take a smaller part. */
    private static final int KILLS_PER_BUILD = 250;

    private static final int KILLS_PER_MAVEN = 250;
    private static final double SHARE_WITH_OBJECTS = 0.8;
    private static final Duration REPORT_EVERY = Duration.ofMinutes(1);

    @TempDir
    Path folder;

    private final long seed = Long.getLong("shmkit.torture.seed", System.nanoTime());
    private final Tally tally = new Tally();
    private final AtomicBoolean failed = new AtomicBoolean();
    private final long start = System.nanoTime();

    private boolean goesOn() {
        Duration limit = ONE_OF_EACH.stream().allMatch(victim -> tally.kills(victim) > 0) ? TIME : LONGEST;
        return !failed.get() && tally.kills() < KILLS && System.nanoTime() - start < limit.toNanos();
    }

    @Test
    void nothingOfOursIsLeftAndNothingOfOthersIsTouched() throws Exception {
        Torture.report("crash torture: seed " + seed + " (-Dshmkit.torture.seed=" + seed + ")");
        Set<String> before = Outside.everything();
        int rounds = 0;
        int neighbourRounds;
        int kept;
        try (Bystanders bystanders = new Bystanders(folder);
                Cleaning cleaning = new Cleaning(tally)) {
            ExecutorService threads = Executors.newCachedThreadPool();
            try {
                List<Future<Integer>> lanes = new ArrayList<>();
                for (Lane lane : lanes(cleaning)) {
                    lanes.add(threads.submit(lane));
                }
                for (Future<Integer> lane : lanes) {
                    rounds += await(lane, bystanders);
                }
            } finally {
                failed.set(true); // the others end with their rounds
                threads.shutdown();
                threads.awaitTermination(2, TimeUnit.MINUTES);
            }
            kept = bystanders.kept();
            neighbourRounds = bystanders.end();
        }
        Torture.report(String.format(
                "crash torture: %d rounds in %d s, seed %d%n%sleft after the next sweep: 0; a bystander's %d objects "
                        + "untouched; a neighbour made, used and removed one of each of 8 kinds %d times without an error",
                rounds, seconds(), seed, tally.table(), kept, neighbourRounds));
        assertThat(Outside.everything()).as("seed %d", seed).isSubsetOf(before);
        for (Victim victim : ONE_OF_EACH) {
            assertThat(tally.kills(victim)).as("kills of %s", victim).isPositive();
        }
        assertThat((double) tally.killsWithObject()).isGreaterThanOrEqualTo(SHARE_WITH_OBJECTS * tally.kills());
        assertThat(neighbourRounds).isPositive();
        if (Torture.isLong()) {
            assertThat(tally.kills()).as("kills in %s", TIME).isGreaterThanOrEqualTo(KILLS);
        }
    }

    private Lane.Scope scope(int killsPerRound) {
        return new Lane.Scope(this::goesOn, killsPerRound);
    }

    private List<Lane> lanes(Cleaning cleaning) throws Exception {
        Random seeds = new Random(seed);
        List<Lane> lanes = new ArrayList<>();
        for (int i = 0; i < LIGHT_LANES; i++) {
            lanes.add(new LightLane(new Random(seeds.nextLong()), tally, cleaning, scope(0)));
        }
        lanes.add(new BuildLane(new Random(seeds.nextLong()), tally, cleaning, scope(KILLS_PER_BUILD)));
        Path project = Files.createDirectory(folder.resolve("project"));
        lanes.add(new MavenLane(new Random(seeds.nextLong()), tally, cleaning, scope(KILLS_PER_MAVEN), project));
        return lanes;
    }

    /** Asks the bystanders meanwhile, and fails with what they or the lane find. */
    private int await(Future<Integer> lane, Bystanders bystanders) throws Exception {
        long nextReport = System.nanoTime() + REPORT_EVERY.toNanos();
        while (true) {
            try {
                return lane.get(100, TimeUnit.MILLISECONDS);
            } catch (TimeoutException e) {
                bystanders.assertUntouched();
            } catch (ExecutionException e) {
                throw new AssertionError("seed " + seed + ", after " + tally.kills() + " kills", e.getCause());
            }
            if (System.nanoTime() > nextReport) {
                Torture.report(String.format("crash torture: %d s so far%n%s", seconds(), tally.table()));
                nextReport += REPORT_EVERY.toNanos();
            }
        }
    }

    private long seconds() {
        return TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - start);
    }
}
