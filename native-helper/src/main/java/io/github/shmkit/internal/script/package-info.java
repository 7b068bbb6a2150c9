/**
 * What scripts consist of: one instruction for each step, as the native helper gets them.
 *
 * <p>Uses the public packages of scripts and system calls. Used by what drives helpers.
 */
@NullMarked
package io.github.shmkit.internal.script;

import org.jspecify.annotations.NullMarked;
