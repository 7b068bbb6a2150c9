/**
 * Programs and libraries that other people wrote, killed at each of their stores into shared memory.
 *
 * <p>Each test asserts what the program does, with the public report where that is a known fault.
 *
 * <p>Uses nothing but the public API. Used by no other package.
 */
@NullMarked
package io.github.shmkit.programs;

import org.jspecify.annotations.NullMarked;
