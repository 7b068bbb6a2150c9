/**
 * What looks at a build from outside.
 *
 * <p>Uses nothing of shmkit, so that it cannot share its mistakes. Used by the scenarios' scripts in {@code src/it}.
 */
@NullMarked
package io.github.shmkit.it;

import org.jspecify.annotations.NullMarked;
