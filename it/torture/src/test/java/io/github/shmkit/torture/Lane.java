package io.github.shmkit.torture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.github.shmkit.torture.Tally.Victim;
import java.io.IOException;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/** Makes sessions, kills them and has them cleaned up after, one after the other; other lanes do so beside it. */
abstract class Lane implements Callable<Integer> {
    static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final int LONGEST_PAUSE_MICROS = 2000;
    private static final long QUOTA_PAUSE_MILLIS = 20;

    final Random random;
    final Tally tally;
    final Cleaning cleaning;
    private final Scope scope;
    private final List<Long> killed = new ArrayList<>();

    /**
     * How much there is to be of it.
     *
     * @param more whether another round is to follow; the first takes place in any case
     * @param killsPerRound how many kills of all lanes together come on each round of this one
     */
    record Scope(BooleanSupplier more, int killsPerRound) {}

    Lane(Random random, Tally tally, Cleaning cleaning, Scope scope) {
        this.random = random;
        this.tally = tally;
        this.cleaning = cleaning;
        this.scope = scope;
    }

    /** From the start of a session until nothing is left of it. */
    abstract void round() throws Exception;

    /** How many rounds there were. */
    @Override
    public final Integer call() throws Exception {
        int rounds = 0;
        do {
            round();
            rounds++;
            while (scope.more.getAsBoolean() && tally.kills() < rounds * scope.killsPerRound) {
                Thread.sleep(QUOTA_PAUSE_MILLIS);
            }
        } while (scope.more.getAsBoolean());
        return rounds;
    }

    static String newSecret() {
        byte[] bytes = new byte[16];
        new SecureRandom().nextBytes(bytes);
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }

    /** At a random moment; counted if it was there to be killed. */
    final void kill(Victim victim, long pid, String session, long creator) throws IOException {
        Cleaning.pause(random, LONGEST_PAUSE_MICROS);
        boolean object = !Outside.objects(session, creator).isEmpty();
        Optional<ProcessHandle> process = Outside.isRunning(pid) ? ProcessHandle.of(pid) : Optional.empty();
        if (process.map(ProcessHandle::destroyForcibly).orElse(false)) {
            tally.add(victim, object);
            killed.add(pid);
        }
    }

    /** The random life of a process that does not end by itself. */
    final void live(Process process, int longestMillis) throws InterruptedException {
        assertThat(process.waitFor(random.nextInt(longestMillis), TimeUnit.MILLISECONDS))
                .as("it ended by itself")
                .isFalse();
    }

    /** Once all that could still act has ended. */
    final void clean(String session, long creator) throws IOException, InterruptedException {
        await().atMost(PATIENCE).pollInterval(Duration.ofMillis(20)).untilAsserted(() -> {
            assertThat(Outside.processesOf(session, creator)).isEmpty();
            // One that is dying has no environment any more, but still its descriptors, and by them its locks.
            assertThat(killed).noneMatch(Outside::isRunning);
        });
        killed.clear();
        cleaning.clean(
                random,
                getClass().getSimpleName() + ", session " + session,
                () -> Outside.objects(session, creator),
                () -> left(session, creator));
    }

    /** Leaves it to the last look at everything what there was to remove. */
    final void sweep() throws IOException {
        cleaning.sweep();
    }

    private static List<String> left(String session, long creator) throws IOException {
        List<String> left = Outside.objects(session, creator);
        left.addAll(Outside.bookkeeping(session));
        return left;
    }
}
