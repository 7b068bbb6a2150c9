/** Runs the extension's jar under versions of JUnit and of Java other than those of the build. */
@NullMarked
package io.github.shmkit.it.jupiter;

import org.jspecify.annotations.NullMarked;
