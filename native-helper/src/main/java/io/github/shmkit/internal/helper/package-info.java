/**
 * Starts, drives and ends helper processes.
 *
 * <p>Uses all packages but {@code sweep}. Commands, JVMs and checkpoints need a session; native helpers only its supervisor.
 */
@NullMarked
package io.github.shmkit.internal.helper;

import org.jspecify.annotations.NullMarked;
