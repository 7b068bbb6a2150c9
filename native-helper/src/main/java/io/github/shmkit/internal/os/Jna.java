package io.github.shmkit.internal.os;

import com.sun.jna.Native;
import com.sun.jna.NativeLibrary;
import io.github.shmkit.ShmException;
import java.lang.reflect.Field;
import java.security.CodeSource;

/** Binds functions of the C library by the JNA that is on the class path, which may be the code under test's own. */
final class Jna {
    private static final int NEEDED_MAJOR = 5;
    private static final int NEEDED_MINOR = 5;

    static {
        requireVersion();
    }

    private Jna() {}

    static void register(Class<?> functions) {
        Native.register(functions, NativeLibrary.getProcess());
    }

    private static void requireVersion() {
        String version = version();
        String[] numbers = version.split("\\D+", 3);
        if (numbers.length < 2 || numbers[0].isEmpty()) {
            return; // unknown: what is missing will be named
        }
        int major = Integer.parseInt(numbers[0]);
        if (major < NEEDED_MAJOR || (major == NEEDED_MAJOR && Integer.parseInt(numbers[1]) < NEEDED_MINOR)) {
            CodeSource source = Native.class.getProtectionDomain().getCodeSource();
            throw new ShmException("shmkit needs JNA 5.5.0 or later, but this JVM loaded JNA "
                    + version
                    + (source == null ? "" : " from " + source.getLocation())
                    + ": let the build choose a later version of net.java.dev.jna:jna (mvn dependency:tree says what "
                    + "brings this one)");
        }
    }

    /** Of the JNA that is there, not of the one that this was compiled with; does not load its native library yet. */
    private static String version() {
        try {
            Field version = Class.forName("com.sun.jna.Version", false, Native.class.getClassLoader())
                    .getField("VERSION");
            version.setAccessible(true);
            return String.valueOf(version.get(null));
        } catch (ReflectiveOperationException | RuntimeException e) {
            return ""; // on the module path it cannot be looked at
        }
    }
}
