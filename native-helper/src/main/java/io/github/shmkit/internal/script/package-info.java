/** What scripts consist of: one instruction for each step, as the native helper gets them. */
@NullMarked
package io.github.shmkit.internal.script;

import org.jspecify.annotations.NullMarked;
