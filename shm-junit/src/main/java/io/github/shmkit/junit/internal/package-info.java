/**
 * What a test has open, how it is watched and closed, and how a test waits.
 *
 * <p>Uses {@code io.github.shmkit} and its {@code session}, {@code guard}, {@code helper} and, to look, {@code ipc}.
 * Used by the public package above it, of which it uses nothing.
 */
@NullMarked
package io.github.shmkit.junit.internal;

import org.jspecify.annotations.NullMarked;
