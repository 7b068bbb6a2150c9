/**
 * The goals and the lifecycle extension: all that knows Maven.
 *
 * <p>What they do is in {@code internal}.
 */
@NullMarked
package io.github.shmkit.maven;

import org.jspecify.annotations.NullMarked;
