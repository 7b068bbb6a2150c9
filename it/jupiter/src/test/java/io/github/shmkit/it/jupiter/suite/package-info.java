/**
 * What is run under each version: only what all of them have, but for classes that say otherwise.
 *
 * <p>Uses the public API of the extension. Used by the tests above it.
 */
@NullMarked
package io.github.shmkit.it.jupiter.suite;

import org.jspecify.annotations.NullMarked;
