/**
 * Who owns what: the session, its lock, its private directory and its ledger.
 *
 * <p>The only way to create an object, so that none is without a ledger. Uses {@code os}, {@code ipc} and {@code guard}.
 * Used by {@code sweep} and {@code helper}, and by the modules above.
 */
@NullMarked
package io.github.shmkit.internal.session;

import org.jspecify.annotations.NullMarked;
