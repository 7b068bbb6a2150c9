/**
 * System calls that another process makes for a test, with their raw results: ask the kernel what it does.
 *
 * <p>Start with {@link io.github.shmkit.syscall.SysCalls}, which {@code NativeHelper.sys()} returns.
 *
 * <p>Uses {@link io.github.shmkit}. Used by scripts, by helpers and by tests.
 */
@NullMarked
package io.github.shmkit.syscall;

import org.jspecify.annotations.NullMarked;
