package io.github.shmkit.process;

import java.io.Serializable;
import org.jspecify.annotations.Nullable;

/**
 * What a JVM helper is to do, as a lambda that is sent there.
 *
 * <p>All that it captures is copied, so it must be {@link Serializable}; a lambda that uses a field or a method of the test
 * captures the test itself, which is not.
 *
 * @param <T> what comes back, which must be {@link Serializable} too
 * @since 0.1.0
 */
@FunctionalInterface
public interface RemoteCallable<T extends @Nullable Object> extends Serializable {
    /**
     * Runs in the helper's JVM.
     *
     * @param context what the helper shares with the test
     * @return the result
     * @throws Exception whatever goes wrong; the test gets it with the helper's stack
     */
    T call(RemoteContext context) throws Exception;
}
