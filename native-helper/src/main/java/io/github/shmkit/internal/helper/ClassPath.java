package io.github.shmkit.internal.helper;

import io.github.shmkit.internal.os.Os;
import java.io.File;
import java.net.URI;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.security.CodeSource;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.Objects;
import java.util.Set;

/**
 * Where the classes of a test come from, as the class path of another JVM.
 *
 * <p>Often that is not {@code java.class.path}: JUnit's console launcher with {@code --class-path}, Surefire without the
 * system class loader and Maven itself load tests by a class loader of their own, whose URLs are taken here. Of one that is
 * no {@link URLClassLoader}, it is the places where the classes come from that shmkit and the caller are made of.
 */
final class ClassPath {
    private final Set<String> entries = new LinkedHashSet<>();
    private final Set<ClassLoader> known = new LinkedHashSet<>();

    private ClassPath() {
        Arrays.stream(System.getProperty("java.class.path", "").split(File.pathSeparator, -1))
                .filter(entry -> !entry.isEmpty())
                .forEach(entries::add);
        known.add(ClassLoader.getPlatformClassLoader());
        known.add(ClassLoader.getSystemClassLoader());
    }

    /** As it is for the caller of this library. */
    static String current() {
        ClassPath path = new ClassPath();
        path.add(ClassPath.class);
        path.add(Os.nativeLibrary());
        ClassLoader context = Thread.currentThread().getContextClassLoader();
        if (context != null) {
            path.add(context);
        }
        StackWalker.getInstance(StackWalker.Option.RETAIN_CLASS_REFERENCE).forEach(frame -> {
            path.add(frame.getDeclaringClass());
        });
        return String.join(File.pathSeparator, path.entries);
    }

    private void add(Class<?> type) {
        ClassLoader loader = type.getClassLoader();
        if (loader == null || add(loader)) {
            return;
        }
        CodeSource source = type.getProtectionDomain().getCodeSource();
        if (source != null && source.getLocation() != null) {
            add(source.getLocation());
        }
    }

    /** All that it loads from, its parents before it as they come first there too; false if that cannot be known. */
    private boolean add(ClassLoader loader) {
        if (known.contains(loader)) {
            return true;
        }
        ClassLoader parent = loader.getParent();
        if (parent != null) {
            add(parent);
        }
        if (!(loader instanceof URLClassLoader urls)) {
            return false;
        }
        known.add(loader);
        Arrays.stream(urls.getURLs()).filter(Objects::nonNull).forEach(this::add);
        return true;
    }

    private void add(URL url) {
        if (url.getProtocol().equals("file")) {
            try {
                entries.add(Path.of(URI.create(url.toString())).toString());
            } catch (IllegalArgumentException e) {
                entries.add(url.getPath()); // made of a path without encoding what an URI must have encoded
            }
        }
    }
}
