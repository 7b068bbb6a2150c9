/**
 * Starts, drives and ends helper processes.
 *
 * <p>Uses {@code guard} and {@code os}. Knows nothing of sessions: whoever starts a helper has a supervisor to start it.
 */
@NullMarked
package io.github.shmkit.internal.helper;

import org.jspecify.annotations.NullMarked;
