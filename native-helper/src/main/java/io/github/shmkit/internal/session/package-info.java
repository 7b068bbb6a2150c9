/**
 * Who owns what: the session, its lock, its private directory and its ledger.
 *
 * <p>Uses {@code os}, {@code ipc} and {@code guard}. The only way to create an object, so that none is without a ledger.
 */
@NullMarked
package io.github.shmkit.internal.session;

import org.jspecify.annotations.NullMarked;
