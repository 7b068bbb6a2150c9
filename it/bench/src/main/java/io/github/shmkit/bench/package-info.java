/**
 * Measures shmkit against its peers, in turn and in one run.
 *
 * <p>{@link io.github.shmkit.bench.Bench} starts a JVM for each {@link io.github.shmkit.bench.Benchmark}, in namespaces of
 * its own; there {@link io.github.shmkit.bench.Contest} measures ours and the peers, and what it saw goes back as lines.
 * {@link io.github.shmkit.bench.Row} is what becomes of them.
 *
 * <p>Uses all of shmkit. Used by no other package.
 */
@NullMarked
package io.github.shmkit.bench;

import org.jspecify.annotations.NullMarked;
