/**
 * Runs programs under the tracer of shm-helper and reads what it saw.
 *
 * <p>Uses {@code os} and {@code guard}. Used by {@code helper} and by the extension.
 */
@NullMarked
package io.github.shmkit.internal.trace;

import org.jspecify.annotations.NullMarked;
