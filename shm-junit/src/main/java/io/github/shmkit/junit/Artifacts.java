package io.github.shmkit.junit;

import io.github.shmkit.junit.internal.ArtifactFolder;
import io.github.shmkit.junit.internal.ProcessTree;
import io.github.shmkit.junit.internal.Run;
import io.github.shmkit.junit.internal.Settings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.ExtensionContext;

/** Where one test leaves what is for reports. */
final class Artifacts {
    private static final Pattern INVOCATION = Pattern.compile("\\[[a-z-]*(?:invocation|iteration):#(\\d+)]");
    private static final Path PLACE = Path.of("shmkit", "artifacts");
    /** Beside the folders of its tests, none of which can have this name in Java. */
    private static final String OF_THE_CLASS = "class";

    private Artifacts() {}

    /** Like {@code target/shmkit/artifacts/com.example.RingTest/wraps[3]}; it is not created yet. */
    static ArtifactFolder of(ExtensionContext context, Run run, Settings settings) {
        Path own = Path.of(context.getTestClass().map(Class::getName).orElse("run"));
        if (context.getTestClass().isPresent()) {
            own = own.resolve(context.getTestMethod().isPresent() ? test(context) : OF_THE_CLASS);
        }
        Optional<Path> chosen = settings.artifactsDir().map(Path::of);
        if (chosen.isPresent()) {
            return new ArtifactFolder(run.artifacts(), chosen.get(), own);
        }
        Optional<Path> output = output(Path.of(""));
        return output.isPresent()
                ? new ArtifactFolder(run.artifacts(), output.get(), PLACE.resolve(own))
                : new ArtifactFolder(
                        run.artifacts(),
                        Path.of(System.getProperty("java.io.tmpdir", "/tmp")),
                        Path.of("shmkit-" + ProcessTree.euid(), "artifacts").resolve(own));
    }

    private static String test(ExtensionContext context) {
        StringBuilder name = new StringBuilder(context.getRequiredTestMethod().getName());
        Matcher invocation = INVOCATION.matcher(context.getUniqueId());
        while (invocation.find()) {
            name.append('[').append(invocation.group(1)).append(']');
        }
        return name.toString();
    }

    /** The build's folder for what it makes, if whoever owns the project, or this user, made it. */
    private static Optional<Path> output(Path project) {
        return Stream.of("target", "build")
                .map(project::resolve)
                .filter(Files::isDirectory)
                .filter(output -> isTrusted(output, project.toAbsolutePath()))
                .findFirst();
    }

    private static boolean isTrusted(Path output, Path project) {
        try {
            Object owner = Files.getAttribute(output, "unix:uid");
            return owner.equals(ProcessTree.euid()) || owner.equals(Files.getAttribute(project, "unix:uid"));
        } catch (IOException e) {
            return false; // it is gone: as if it had never been there
        }
    }
}
