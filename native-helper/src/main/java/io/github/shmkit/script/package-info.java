/**
 * Programs for native helpers: many accesses in one request, at native speed.
 *
 * <p>Start with {@link io.github.shmkit.script.Script#of}.
 *
 * <p>Uses {@link io.github.shmkit.syscall}. Used by helpers and by tests.
 */
@NullMarked
package io.github.shmkit.script;

import org.jspecify.annotations.NullMarked;
