package io.github.shmkit.junit;

import io.github.shmkit.NativeHelper;
import io.github.shmkit.Segment;
import io.github.shmkit.SegmentSpec;

/**
 * What a test can ask for at run time: more segments, other processes, and waiting for them.
 *
 * <p>A parameter of this type is given one wherever {@link ShmExtension} is registered, which any {@link Shm} in the
 * class does. All that is made through it ends with the test; if the parameter is one of a {@code @BeforeAll} method,
 * with the class.
 *
 * <p>May be used by any thread until then; afterwards its methods throw {@link IllegalStateException}.
 *
 * @since 0.1.0
 */
public interface ShmTestkit {
    /**
     * Makes and maps a segment.
     *
     * @param spec what is wanted
     * @return the segment, which is closed for you
     * @throws io.github.shmkit.ShmException if it cannot be had, with the reason and the remedy
     */
    Segment create(SegmentSpec spec);

    /**
     * Describes a native helper: a small process that does what the test tells it.
     *
     * <pre>{@code
     * NativeHelper reader = kit.nativeHelper("reader").attach(segment).start();
     * }</pre>
     *
     * <p>It is ended for you. If it ends before that by a signal or with a code other than 0, and the test did not
     * declare that by {@code expectExit}, the test fails with a {@link HelperFailure}; and so it does if a declared end
     * has not come 2 s after the test.
     *
     * @param name its name in reports, not empty
     * @return what starts it
     */
    NativeHelper.Builder nativeHelper(String name);

    /**
     * Begins a wait that ends at once when a helper of this test dies and that was not declared.
     *
     * @return a wait without a name
     */
    ShmAwait await();

    /**
     * Begins a wait that ends at once when a helper of this test dies and that was not declared.
     *
     * @param alias what is waited for, for the message
     * @return a wait of this name
     */
    ShmAwait await(String alias);
}
