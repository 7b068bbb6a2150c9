/**
 * What textbooks and tutorials say of shared memory, asked of the kernel with the public API alone.
 *
 * <p>Each {@code Rule} is a test named after its id; {@code Kernel} holds it against what happens and notes it for the
 * page. {@code Lab} gives processes that can do no harm outside.
 *
 * <p>Uses nothing but the public API. Used by no other package.
 */
@NullMarked
package io.github.shmkit.rules;

import org.jspecify.annotations.NullMarked;
