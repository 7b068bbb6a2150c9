/**
 * The kernel: system calls through JNA, {@code /proc}, raw directories, Unix sockets.
 *
 * <p>The only package that sees JNA. Uses no other package of shmkit. Used by all packages beside it; by other modules only
 * for raw names.
 */
@NullMarked
package io.github.shmkit.internal.os;

import org.jspecify.annotations.NullMarked;
