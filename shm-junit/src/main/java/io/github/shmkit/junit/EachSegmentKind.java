package io.github.shmkit.junit;

import io.github.shmkit.SegmentKind;
import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.TestTemplate;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Runs a test once for each kind of segment.
 *
 * <p>Each {@link Shm} that names no kind takes the kind of the invocation, on parameters and on instance fields alike; a
 * parameter of type {@link SegmentKind} is told it.
 *
 * <pre>{@code
 * @EachSegmentKind
 * void aPeerSeesOurWrite(@Shm Segment segment, ShmTestkit kit) { … }
 * }</pre>
 *
 * @since 0.1.0
 */
@Target({ElementType.METHOD, ElementType.ANNOTATION_TYPE})
@Retention(RetentionPolicy.RUNTIME)
@Documented
@TestTemplate
@ExtendWith({EachSegmentKindProvider.class, ShmExtension.class})
public @interface EachSegmentKind {
    /**
     * The kinds, in this order.
     *
     * @return all, unless told otherwise
     */
    SegmentKind[] value() default {SegmentKind.MMAP_FILE, SegmentKind.MEMFD, SegmentKind.POSIX_SHM, SegmentKind.SYSV_SHM
    };

    /**
     * What becomes of a kind that this machine does not have.
     *
     * @return skip it with the reason, unless told otherwise here or by {@code shmkit.unsupported}
     */
    Unsupported unsupported() default Unsupported.SKIP;

    /**
     * What becomes of a test for which this machine has no support.
     *
     * @since 0.1.0
     */
    enum Unsupported {
        /** It is skipped, and the reason told. */
        SKIP,
        /** It runs and fails; for machines that must have it, as those of a build service. */
        FAIL
    }
}
