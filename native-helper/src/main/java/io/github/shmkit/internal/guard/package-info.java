/**
 * Starts and talks to {@code shm-helper}: as supervisor of a test JVM, as watchdog of a Maven session, as actuator.
 *
 * <p>Uses {@code os}. Used by {@code session}, {@code sweep} and {@code helper}.
 */
@NullMarked
package io.github.shmkit.internal.guard;

import org.jspecify.annotations.NullMarked;
