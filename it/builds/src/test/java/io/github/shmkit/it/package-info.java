/** What looks at a build from outside: without any of our own code, so that it cannot share its mistakes. */
@NullMarked
package io.github.shmkit.it;

import org.jspecify.annotations.NullMarked;
