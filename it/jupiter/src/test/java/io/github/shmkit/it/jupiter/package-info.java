/**
 * Runs the extension's jar under versions of JUnit and of Java other than those of the build.
 *
 * <p>Uses the names of its {@code suite} only: that is loaded in the JVMs that it starts. Used by no other package.
 */
@NullMarked
package io.github.shmkit.it.jupiter;

import org.jspecify.annotations.NullMarked;
