package io.github.shmkit.internal.sweep;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.shmkit.internal.ipc.IpcKind;
import io.github.shmkit.internal.ipc.IpcObject;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;

class SweepPolicyTests {
    private final SweepPolicy standard = SweepPolicy.standard();

    @Test
    void looksAtAllThatOutlivesAProcess() {
        assertThat(standard.kinds()).isEqualTo(EnumSet.complementOf(EnumSet.of(IpcKind.MEMFD)));
        assertThat(standard.foreign()).isFalse();
        assertThat(standard.exclusive()).isFalse();
        assertThat(standard.declared()).isEmpty();
        assertThat(standard.ending()).isEmpty();
        assertThat(standard.since()).isEmpty();
        assertThat(standard.minAge()).hasMinutes(10);
        assertThat(standard.minAgeOfNew()).hasMinutes(10);
        assertThat(standard.only().test(null)).isTrue();
    }

    @Test
    void eachWishChangesThatOneThing() {
        Predicate<IpcObject> none = object -> false;
        SweepProgress progress = new SweepProgress();

        assertThat(standard.withForeign(true).foreign()).isTrue();
        assertThat(standard.withKinds(Set.of(IpcKind.POSIX_MQ)).kinds()).containsExactly(IpcKind.POSIX_MQ);
        assertThat(standard.withEnding("s").ending()).isEqualTo("s");
        assertThat(standard.withExclusive(true).exclusive()).isTrue();
        assertThat(standard.withDeclared(List.of(new Declared("a"))).declared()).containsExactly(new Declared("a"));
        assertThat(standard.withMinAge(Duration.ZERO).minAge()).isZero();
        assertThat(standard.withMinAge(Duration.ZERO).minAgeOfNew()).isZero();
        SweepPolicy aged = standard.withMinAges(Duration.ofSeconds(2), Duration.ofSeconds(1));
        assertThat(List.of(aged.minAge(), aged.minAgeOfNew()))
                .containsExactly(Duration.ofSeconds(2), Duration.ofSeconds(1));
        assertThat(standard.withOnly(none).only()).isSameAs(none);
        assertThat(standard.withSince(Optional.of(none)).since()).containsSame(none);
        assertThat(standard.withProgress(progress).progress()).isSameAs(progress);
        assertThat(standard.withForeign(true).withForeign(false)).as("and back").isEqualTo(standard);
    }

    @Test
    void aNegativeAgeIsRefused() {
        assertThatThrownBy(() -> standard.withMinAge(Duration.ofSeconds(-1)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("minimum age PT-1S is negative; give 0 or more");
    }
}
