/**
 * What the guide quotes: tests as a user writes them.
 *
 * <p>Uses nothing but the public API. Used by no other package.
 */
@NullMarked
package io.github.shmkit.examples;

import org.jspecify.annotations.NullMarked;
