/**
 * The JUnit extension: fresh shared memory for a test, and other processes to share it with.
 *
 * <p>Uses {@code io.github.shmkit.junit.internal}, which knows nothing of JUnit's contexts, and of the layer below the
 * public package and {@code session}. Used by tests.
 */
@NullMarked
package io.github.shmkit.junit;

import org.jspecify.annotations.NullMarked;
