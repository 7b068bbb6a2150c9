/**
 * What a test has open, how it is watched and closed, and how a test waits.
 *
 * <p>Uses {@code io.github.shmkit} and its {@code session}, {@code guard} and {@code helper}; nothing of the public
 * package above it.
 */
@NullMarked
package io.github.shmkit.junit.internal;

import org.jspecify.annotations.NullMarked;
