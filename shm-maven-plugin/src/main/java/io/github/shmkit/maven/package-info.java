/**
 * The goals and the lifecycle extension: all that knows Maven.
 *
 * <p>What they do is in {@code internal}. Uses that, and of the native helper what names a session and what a sweep found.
 * Used by Maven.
 */
@NullMarked
package io.github.shmkit.maven;

import org.jspecify.annotations.NullMarked;
