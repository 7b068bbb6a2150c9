package io.github.shmkit.internal.helper;

import io.github.shmkit.Party;
import io.github.shmkit.ShmException;
import io.github.shmkit.ShmTimeoutException;
import io.github.shmkit.process.Checkpoints;
import io.github.shmkit.process.Exit;
import io.github.shmkit.process.HelperDiedException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/** Checkpoints by way of a page that other processes have mapped too. */
class PageCheckpoints implements Checkpoints {
    private static final long SHORTEST_NAP_NANOS = 50_000;
    private static final long LONGEST_NAP_NANOS = 2_000_000;

    private final Supplier<ControlPage> page;
    private final String self;
    private final Timeouts timeouts;

    /** A reason to give up. */
    record Hopeless(String reason, Optional<Exit> exit) {}

    PageCheckpoints(Supplier<ControlPage> page, String self, Timeouts timeouts) {
        this.page = page;
        this.self = self;
        this.timeouts = timeouts;
    }

    Timeouts timeouts() {
        return timeouts;
    }

    /** What went wrong in a helper, which the test does not know yet. */
    Optional<Unseen.Failure> failed() {
        return Optional.empty(); // the test knows
    }

    /** What may be the reason that nothing comes. */
    String hint() {
        return "";
    }

    /** Now the test knows. */
    void told(Unseen.Failure failure) {}

    /** Why nobody can reach anything any more. */
    Optional<Hopeless> nobodyLeft() {
        return Optional.empty(); // the test itself may
    }

    /** Why a party will not come any more. */
    Optional<Hopeless> dead(String party) {
        return page.get().isDead(party)
                ? Optional.of(new Hopeless("helper '" + party + "' is dead", Optional.empty()))
                : Optional.empty();
    }

    @Override
    public void reach(String name) {
        page.get().reach(name, "");
    }

    @Override
    public int count(String name) {
        return page.get().count(name, "");
    }

    @Override
    public void await(String name, int count) {
        await(name, count, timeouts.byDefault());
    }

    @Override
    public void await(String name, int count, Duration max) {
        String what =
                "waiting for checkpoint '" + name + "'" + (count == 1 ? "" : " to be reached " + count + " times");
        await(what, () -> page.get().count(name, "") - count >= 0, this::nobodyLeft, max);
    }

    @Override
    public void barrier(String name, Party... parties) {
        barrier(name, timeouts.byDefault(), parties);
    }

    @Override
    public void barrier(String name, Duration max, Party... parties) {
        List<String> all = Arrays.stream(parties).map(this::key).distinct().toList();
        if (!all.contains(self)) {
            throw new IllegalArgumentException("barrier '" + name + "' is for " + listed(all)
                    + ": who waits at it must be among them, by Party.SELF or as '" + self + "'");
        }
        all.forEach(party -> ControlPage.bytes("party of barrier '" + name + "'", party));
        int arrivals = page.get().reach(name, self);
        await(
                "waiting at barrier '" + name + "' for " + listed(all),
                () -> missing(name, all, arrivals).isEmpty(),
                () -> missing(name, all, arrivals).stream()
                        .map(this::dead)
                        .flatMap(Optional::stream)
                        .findFirst(),
                max);
    }

    private String key(Party party) {
        return party.equals(Party.SELF) ? self : party.name();
    }

    private List<String> missing(String name, List<String> parties, int arrivals) {
        return parties.stream()
                .filter(p -> page.get().count(name, p) - arrivals < 0)
                .toList();
    }

    private static String listed(List<String> names) {
        return names.stream().map(n -> "'" + n + "'").collect(Collectors.joining(", "));
    }

    private void await(String what, BooleanSupplier done, Supplier<Optional<Hopeless>> hopeless, Duration max) {
        long start = System.nanoTime();
        long nap = SHORTEST_NAP_NANOS;
        while (true) {
            Optional<Unseen.Failure> failure = failed(); // before the condition: who fails after arriving has arrived
            Optional<Hopeless> over = hopeless.get(); // who dies as well
            if (done.getAsBoolean()) {
                return;
            }
            if (over.isPresent()) {
                throw new HelperDiedException(
                        what + ": " + over.get().reason() + "; " + report(),
                        over.get().exit());
            }
            if (failure.isPresent()) {
                told(failure.get());
                throw new ShmException(
                        what + ": " + failure.get().message() + "; " + report(),
                        failure.get().cause());
            }
            if (System.nanoTime() - start > max.toNanos()) {
                throw new ShmTimeoutException(
                        what + ": that did not come within " + max.toMillis() + " ms; " + report() + hint());
            }
            try {
                TimeUnit.NANOSECONDS.sleep(nap);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new ShmException("interrupted while " + what + "; " + report(), e);
            }
            nap = Math.min(2 * nap, LONGEST_NAP_NANOS);
        }
    }

    /** Who reached what, and when. */
    String report() {
        Instant now = Instant.now();
        List<String> reached = new ArrayList<>();
        for (ControlPage.Entry e : page.get().entries()) {
            Duration ago = Duration.between(e.time(), now);
            String who = e.party().isEmpty() ? nameOf(e.pid()) : e.party();
            reached.add((e.party().isEmpty() ? "checkpoint '" : "barrier '") + e.name() + "' "
                    + (e.count() == 1 ? "once" : e.count() + " times") + ", " + (e.count() == 1 ? "" : "last ") + "by "
                    + (who.isEmpty() ? "pid " + e.pid() : "'" + who + "' (pid " + e.pid() + ")")
                    + String.format(Locale.ROOT, " %.3f s ago", ago.toNanos() / 1e9));
        }
        return reached.isEmpty() ? "nothing was reached so far" : "reached so far: " + String.join("; ", reached);
    }

    private String nameOf(int pid) {
        return pid == ProcessHandle.current().pid() ? self : page.get().nameOf(pid);
    }
}
