/**
 * Sweeps on hostile ground: other users, namespaces, names and programs, each case with the naive way that goes wrong.
 *
 * <p>Uses all of the module but {@code helper}. Used by no other package.
 */
@NullMarked
package io.github.shmkit.internal.sweep.adversarial;

import org.jspecify.annotations.NullMarked;
