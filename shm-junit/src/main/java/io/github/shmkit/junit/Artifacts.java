package io.github.shmkit.junit;

import io.github.shmkit.junit.internal.Settings;
import io.github.shmkit.junit.internal.TestSession;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.ExtensionContext;

/** The folder of what one test leaves for reports. */
final class Artifacts {
    private static final Pattern INVOCATION = Pattern.compile("\\[[a-z-]*(?:invocation|iteration):#(\\d+)]");
    private static final Path PLACE = Path.of("shmkit", "artifacts");

    private Artifacts() {}

    /** Like {@code target/shmkit/artifacts/com.example.RingTest/wraps[3]}; it is not made yet. */
    static Path of(ExtensionContext context, Settings settings) {
        Path folder = ofClass(context, settings);
        if (context.getTestMethod().isPresent()) {
            StringBuilder name =
                    new StringBuilder(context.getRequiredTestMethod().getName());
            Matcher invocation = INVOCATION.matcher(context.getUniqueId());
            while (invocation.find()) {
                name.append('[').append(invocation.group(1)).append(']');
            }
            folder = folder.resolve(name.toString());
        }
        return folder.toAbsolutePath();
    }

    private static Path ofClass(ExtensionContext context, Settings settings) {
        Path all = settings.artifactsDir().map(Path::of).orElseGet(Artifacts::usual);
        return all.resolve(context.getTestClass().map(Class::getName).orElse("run"));
    }

    private static Path usual() {
        for (String output : List.of("target", "build")) {
            if (new File(output).isDirectory()) {
                return Path.of(output).resolve(PLACE);
            }
        }
        return Path.of(System.getProperty("java.io.tmpdir", "/tmp")).resolve(PLACE);
    }

    static Path make(Path folder) {
        try {
            return Files.createDirectories(folder);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot make the folder for artifacts " + folder, e);
        }
    }

    /** Takes away what a test put there that did not fail; another test JVM of the build may do so with the same folder. */
    static void discard(ExtensionContext context, TestSession session) {
        // Nearly always there is nothing, which this finds at the least cost.
        if (ofClass(context, session.settings()).toFile().exists()) {
            discard(session.artifacts());
        }
    }

    static void discard(Path folder) {
        try (Stream<Path> tree = Files.walk(folder)) {
            for (Path path : tree.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(path);
            }
        } catch (NoSuchFileException | DirectoryNotEmptyException e) {
            // it is gone, or somebody else's again
        } catch (UncheckedIOException e) {
            if (!(e.getCause() instanceof NoSuchFileException)) {
                throw e;
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot remove the artifacts of a test that passed, " + folder, e);
        }
    }
}
