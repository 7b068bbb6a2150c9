package io.github.shmkit.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class BudgetTests {
    private final AtomicLong now = new AtomicLong(-5);
    private final Budget budget = new Budget(Duration.ofNanos(100), now::get);

    @Test
    void theFirstPassOfEachIsRunHoweverLateItIs() {
        now.set(1_000);
        assertThat(budget.hasTimeFor("B1")).isTrue();

        budget.spent("B1", 1_000);
        assertThat(budget.hasTimeFor("B1")).isFalse();
        assertThat(budget.hasTimeFor("B2")).isTrue();
    }

    @Test
    void aFurtherOneIsRunIfTheLongestOfItsBenchmarkStillFits() {
        now.set(25);
        budget.spent("B1", -5); // 30
        now.set(35);
        budget.spent("B1", 25); // 10
        now.set(65);
        assertThat(budget.hasTimeFor("B1")).isTrue();

        now.set(66);
        assertThat(budget.hasTimeFor("B1")).isFalse();
    }
}
