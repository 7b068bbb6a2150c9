/** Kills what must survive nothing, and looks from outside for what is left. */
@NullMarked
package io.github.shmkit.torture;

import org.jspecify.annotations.NullMarked;
