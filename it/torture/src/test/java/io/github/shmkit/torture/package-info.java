/**
 * Kills what must survive nothing, and looks from outside for what is left.
 *
 * <p>Uses the extension, sessions and sweeps. Used by no other package.
 */
@NullMarked
package io.github.shmkit.torture;

import org.jspecify.annotations.NullMarked;
