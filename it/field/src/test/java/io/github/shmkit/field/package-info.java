/**
 * Libraries and programs of other people, tested as their own developers would test them.
 *
 * <p>Each test asks one question, by {@link io.github.shmkit.field.Asked}, and says how many crash points leave the others stuck,
 * torn or wrong. {@code FieldExtension} counts, {@code FieldListener} writes the page.
 *
 * <p>Uses nothing but the public API. Used by no other package.
 */
@NullMarked
package io.github.shmkit.field;

import org.jspecify.annotations.NullMarked;
