package io.github.shmkit.it;

import java.lang.reflect.Field;
import java.lang.reflect.Method;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * A JVM that runs one Maven session after another, as that of mvnd does, and says after each what it finds of us in itself.
 *
 * <p>It wants what {@code mvn} gives its JVM, and {@code --add-opens java.base/java.lang=ALL-UNNAMED}.
 */
public final class TwoSessions {
    private TwoSessions() {}

    /** Runs Maven twice with these arguments. */
    public static void main(String[] arguments) throws Exception {
        Method maven = Class.forName("org.codehaus.plexus.classworlds.launcher.Launcher")
                .getMethod("mainWithExitCode", String[].class);
        for (int i = 1; i <= 2; i++) {
            Object code = maven.invoke(null, (Object) arguments);
            System.out.printf(
                    "session %d: exit code %s, hooks %s, threads %s, children %s%n",
                    i, code, hooks(), threads(), children());
        }
        System.exit(0);
    }

    private static Set<String> hooks() throws ReflectiveOperationException {
        Field hooks = Class.forName("java.lang.ApplicationShutdownHooks").getDeclaredField("hooks");
        hooks.setAccessible(true);
        Set<String> names = new TreeSet<>();
        ((Map<?, ?>) hooks.get(null)).keySet().forEach(hook -> addOurs(((Thread) hook).getName(), names));
        return names;
    }

    private static Set<String> threads() {
        Set<String> names = new TreeSet<>();
        Thread.getAllStackTraces().keySet().forEach(thread -> addOurs(thread.getName(), names));
        return names;
    }

    private static void addOurs(String name, Set<String> names) {
        if (name.contains("shmkit")) {
            names.add(name);
        }
    }

    /** Whatever they are: Maven has none of its own. */
    private static Set<String> children() {
        Set<String> children = new TreeSet<>();
        ProcessHandle.current()
                .children()
                .forEach(child -> children.add(child.info().commandLine().orElse("process " + child.pid())));
        return children;
    }
}
