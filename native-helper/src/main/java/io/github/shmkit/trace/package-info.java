/**
 * What real programs did to shared memory, store by store.
 *
 * <p>Uses the API above it. Used by the tracer's driver and by tests.
 */
@NullMarked
package io.github.shmkit.trace;

import org.jspecify.annotations.NullMarked;
