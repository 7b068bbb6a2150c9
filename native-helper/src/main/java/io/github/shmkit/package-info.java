/**
 * Shared memory and what else processes share: segments, semaphores and queues.
 *
 * <p>A test that only injects needs no other package. {@link io.github.shmkit.process} has the processes that share them,
 * {@link io.github.shmkit.script} programs for native helpers, {@link io.github.shmkit.syscall} raw system calls, and
 * {@link io.github.shmkit.trace} what real programs did to a segment.
 *
 * <p>Uses no package above it. Used by all others.
 */
@NullMarked
package io.github.shmkit;

import org.jspecify.annotations.NullMarked;
