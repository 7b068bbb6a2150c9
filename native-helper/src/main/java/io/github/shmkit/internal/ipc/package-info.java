/**
 * IPC objects: what kinds there are, which exist, how each is created and mapped.
 *
 * <p>Knows nothing of sessions and ledgers: creating goes through {@code session}. Uses {@code os}. Used by {@code session},
 * {@code sweep} and {@code helper}; by other modules to look, never to create.
 */
@NullMarked
package io.github.shmkit.internal.ipc;

import org.jspecify.annotations.NullMarked;
