/** What the guide quotes: tests as a user writes them, with nothing but the public API. */
@NullMarked
package io.github.shmkit.examples;

import org.jspecify.annotations.NullMarked;
