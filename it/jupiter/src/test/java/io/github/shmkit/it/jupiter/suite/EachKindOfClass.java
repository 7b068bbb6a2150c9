package io.github.shmkit.it.jupiter.suite;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.shmkit.Segment;
import io.github.shmkit.SegmentKind;
import io.github.shmkit.SegmentSpec;
import io.github.shmkit.junit.Shm;
import io.github.shmkit.junit.ShmTestkit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** For JUnit 5.13 and later. */
@ParameterizedClass
@EnumSource(SegmentKind.class)
@SuppressWarnings("NullAway.Init")
public class EachKindOfClass {
    private final SegmentKind kind;

    @Shm
    private Segment field;

    EachKindOfClass(SegmentKind kind) {
        this.kind = kind;
    }

    @Test
    void kindOfTheClass(ShmTestkit kit) {
        Segment segment = kit.create(SegmentSpec.of(kind));
        assertThat(segment.getAndAddInt(0, 1)).isZero();
        assertThat(field.getAndAddInt(0, 1)).isZero();
    }
}
