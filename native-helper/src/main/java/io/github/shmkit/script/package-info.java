/**
 * Programs for native helpers: many accesses in one request, at native speed.
 *
 * <p>Start with {@link io.github.shmkit.script.Script#of}.
 */
@NullMarked
package io.github.shmkit.script;

import org.jspecify.annotations.NullMarked;
