/**
 * Keeps the guide true: README, CONTRIBUTING and the pages of the site say what the sources and the built plugin say.
 *
 * <p>Uses the checked-in files, and of the classes of shmkit the names of settings. Used by no other package.
 */
@NullMarked
package io.github.shmkit.guide;

import org.jspecify.annotations.NullMarked;
