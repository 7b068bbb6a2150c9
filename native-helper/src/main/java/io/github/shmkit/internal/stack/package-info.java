/** Stack traces that begin where the user's code does. */
@NullMarked
package io.github.shmkit.internal.stack;

import org.jspecify.annotations.NullMarked;
