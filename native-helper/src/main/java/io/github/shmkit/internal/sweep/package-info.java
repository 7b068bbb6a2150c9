/**
 * Finds what dead sessions left and has it removed.
 *
 * <p>{@link io.github.shmkit.internal.sweep.Survey} looks, {@link io.github.shmkit.internal.sweep.Verdicts} decides, which is
 * a pure function, and {@link io.github.shmkit.internal.sweep.Removal} acts. A dry run is a survey without a removal.
 * Uses {@code os}, {@code ipc}, {@code guard} and {@code session}. Used by the Maven plugin; never by the extension.
 */
@NullMarked
package io.github.shmkit.internal.sweep;

import org.jspecify.annotations.NullMarked;
