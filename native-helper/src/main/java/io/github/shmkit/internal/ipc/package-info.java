/**
 * IPC objects: what kinds there are, which exist, how each is created and mapped.
 *
 * <p>Uses {@code os}. Knows nothing of sessions and ledgers: creating goes through {@code session}.
 */
@NullMarked
package io.github.shmkit.internal.ipc;

import org.jspecify.annotations.NullMarked;
