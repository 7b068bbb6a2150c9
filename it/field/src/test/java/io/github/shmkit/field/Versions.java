package io.github.shmkit.field;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Which version of a {@link Program} there is. */
final class Versions {
    private static final String UNKNOWN = "unknown";

    private Versions() {}

    static String of(Program program) {
        return program.artifact().isEmpty() ? ofPackage(program.debian()) : ofArtifact(program.artifact());
    }

    /** By the name of its jar. */
    private static String ofArtifact(String artifact) {
        return Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator, -1))
                .map(entry -> new File(entry).getName())
                .filter(jar -> jar.matches(artifact + "-\\d.*\\.jar"))
                .map(jar -> jar.substring(artifact.length() + 1, jar.length() - ".jar".length()))
                .findFirst()
                .orElse(UNKNOWN);
    }

    private static String ofPackage(String name) {
        try {
            Process process = new ProcessBuilder("dpkg-query", "-W", "-f=${Version}", name)
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
            String version = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
            return version.isEmpty() ? UNKNOWN : version;
        } catch (IOException e) {
            throw new UncheckedIOException("cannot ask for the version of " + name, e);
        }
    }
}
