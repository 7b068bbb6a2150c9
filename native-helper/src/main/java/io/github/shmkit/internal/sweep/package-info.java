/**
 * Finds what dead sessions left and has it removed.
 *
 * <p>Deciding ({@link io.github.shmkit.internal.sweep.Verdicts}) is a pure function; looking and acting are apart from it.
 * Uses {@code os}, {@code ipc}, {@code guard} and {@code session}. Used by the Maven plugin; never by the extension.
 */
@NullMarked
package io.github.shmkit.internal.sweep;

import org.jspecify.annotations.NullMarked;
