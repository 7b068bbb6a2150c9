package io.github.shmkit.maven.internal;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.shmkit.internal.guard.Actuator;
import io.github.shmkit.internal.sweep.Survey;
import io.github.shmkit.internal.sweep.SweepProgress;
import java.io.File;
import java.lang.reflect.Method;
import java.net.URI;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class PreloadTests {
    @Test
    void findsTheClassesOfAJarAndOfAFolder() throws Exception {
        assertThat(Preload.namesBeside(Survey.class))
                .contains(Survey.class.getName(), Actuator.Outcome.class.getName())
                .doesNotContain("io.github.shmkit.package-info");
        assertThat(Preload.namesBeside(Preload.class)).contains(BuildGuard.class.getName(), Summary.class.getName());
        assertThat(Preload.namesBeside(org.apache.maven.plugin.AbstractMojo.class))
                .isEmpty();
    }

    /** As Maven's class realm is, when a hook runs late. */
    @Test
    void aSweepWorksAfterItsClassLoaderIsClosed() throws Exception {
        URL[] classPath = Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator, -1))
                .map(entry -> toUrl(Path.of(entry).toUri()))
                .toArray(URL[]::new);
        Object host;
        Class<?> type;
        try (URLClassLoader loader = new URLClassLoader(classPath, ClassLoader.getPlatformClassLoader())) {
            type = Class.forName(Host.class.getName(), true, loader);
            var real = type.getDeclaredField("REAL");
            real.setAccessible(true);
            host = real.get(null);
            Method preload = type.getDeclaredMethod("preload");
            preload.setAccessible(true);
            preload.invoke(host);
        }

        Class<?> progress = Class.forName(SweepProgress.class.getName(), true, type.getClassLoader());
        Method sweep = type.getDeclaredMethod("sweep", progress);
        sweep.setAccessible(true);
        Object report = sweep.invoke(host, progress.getConstructor().newInstance());

        Class<?> summary = Class.forName(Summary.class.getName(), true, type.getClassLoader());
        assertThat(summary.getMethod("removed", report.getClass(), String.class).invoke(null, report, ""))
                .isNotNull();
    }

    private static URL toUrl(URI uri) {
        try {
            return uri.toURL();
        } catch (java.net.MalformedURLException e) {
            throw new IllegalArgumentException(e);
        }
    }
}
