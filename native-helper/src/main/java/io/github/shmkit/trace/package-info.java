/**
 * What real programs do to shared memory, access by access, and programs that are held before each.
 *
 * <p>Uses {@link io.github.shmkit.process} and the API above it. Used by the tracer's driver and by tests.
 */
@NullMarked
package io.github.shmkit.trace;

import org.jspecify.annotations.NullMarked;
