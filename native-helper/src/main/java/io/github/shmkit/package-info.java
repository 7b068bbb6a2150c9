/**
 * Shared memory segments and the processes that share them: the API that tests use.
 *
 * <p>Uses nothing of the packages below it. Used by all of them, and by tests.
 */
@NullMarked
package io.github.shmkit;

import org.jspecify.annotations.NullMarked;
