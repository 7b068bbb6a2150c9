/**
 * The other side of shared memory: processes that a test starts, drives, kills and waits for.
 *
 * <p>Start with {@link io.github.shmkit.process.NativeHelper} for single accesses, with
 * {@link io.github.shmkit.process.JvmHelper} for Java code, with {@link io.github.shmkit.process.CommandHelper} for a
 * program as it is installed.
 *
 * <p>Uses {@link io.github.shmkit.script} and {@link io.github.shmkit.syscall}. Used by what drives helpers and by tests.
 */
@NullMarked
package io.github.shmkit.process;

import org.jspecify.annotations.NullMarked;
