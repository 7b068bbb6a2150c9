package io.github.shmkit.field;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.extension.ExtendWith;

/** What the tests of a class are about; they are left out where it is not installed. */
@ExtendWith({Installed.class, FieldExtension.class})
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@Documented
@interface Program {
    /** Its name, for the page. */
    String name();

    /** The artifact of Maven Central that has it; empty for a program of Debian. */
    String artifact() default "";

    /** The package of Debian that has it; empty for an artifact. */
    String debian() default "";

    /** Commands and absolute paths that the tests need, each the file of a package of Debian. */
    Needs[] needs() default {};

    /** Something that has to be installed. */
    @interface Needs {
        /** A command on the PATH, or an absolute path. */
        String file();

        /** The package of Debian that has it. */
        String debian();
    }
}
