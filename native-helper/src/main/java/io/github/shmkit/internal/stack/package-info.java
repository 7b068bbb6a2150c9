/**
 * Stack traces that begin where the user's code does.
 *
 * <p>Uses nothing of shmkit. Used by exceptions and assertions.
 */
@NullMarked
package io.github.shmkit.internal.stack;

import org.jspecify.annotations.NullMarked;
