package io.github.shmkit.maven.internal;

import io.github.shmkit.internal.sweep.Survey;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.CodeSource;
import java.util.List;
import java.util.jar.JarFile;
import java.util.stream.Stream;

/** Loads classes ahead of their use, for code that runs when Maven may have closed our class loader. */
final class Preload {
    private static final String SUFFIX = ".class";
    private static final String OURS = "io/github/shmkit/";

    private Preload() {}

    /** All of the native helper's and of this package. */
    static void all() throws IOException {
        for (Class<?> member : List.of(Survey.class, Preload.class)) {
            for (String name : namesBeside(member)) {
                try {
                    Class.forName(name, false, member.getClassLoader());
                } catch (ClassNotFoundException | LinkageError e) {
                    // A mojo whose Maven types are not here, for example: what cannot be loaded now is not needed
                    // later.
                }
            }
        }
    }

    /** The names of our classes in the jar or folder that the given one comes from. */
    static List<String> namesBeside(Class<?> member) throws IOException {
        CodeSource source = member.getProtectionDomain().getCodeSource();
        if (source == null) {
            return List.of();
        }
        Path root;
        try {
            root = Path.of(source.getLocation().toURI());
        } catch (URISyntaxException e) {
            throw new IOException(e);
        }
        if (Files.isDirectory(root)) {
            try (Stream<Path> files = Files.walk(root)) {
                return names(files.map(file -> root.relativize(file).toString()));
            }
        }
        try (JarFile jar = new JarFile(root.toFile())) {
            return names(jar.stream().map(entry -> entry.getName()));
        }
    }

    private static List<String> names(Stream<String> files) {
        return files.filter(file -> file.startsWith(OURS) && file.endsWith(SUFFIX) && !file.endsWith("-info.class"))
                .map(file -> file.substring(0, file.length() - SUFFIX.length()).replace('/', '.'))
                .toList();
    }
}
