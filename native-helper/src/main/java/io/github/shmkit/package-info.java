/**
 * Shared memory segments and the processes that share them: the API that tests use.
 *
 * <p>Uses nothing of the packages below it; everything in {@code io.github.shmkit.internal} may use it.
 */
@NullMarked
package io.github.shmkit;

import org.jspecify.annotations.NullMarked;
