/**
 * What the goals and the extension do, free of Maven's types.
 *
 * <p>Uses {@code sweep}, {@code session}, {@code guard} and {@code ipc} of the native helper, and of {@code os} the raw
 * names; never JNA. Used by the goals.
 */
@NullMarked
package io.github.shmkit.maven.internal;

import org.jspecify.annotations.NullMarked;
