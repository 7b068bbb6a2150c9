/**
 * Starts, drives and ends helper processes.
 *
 * <p>Commands, JVMs and checkpoints need a session; native helpers only its supervisor. Uses all packages but {@code sweep}.
 * Used by the JUnit extension.
 */
@NullMarked
package io.github.shmkit.internal.helper;

import org.jspecify.annotations.NullMarked;
