package io.github.shmkit.field;

import io.github.shmkit.field.Program.Needs;
import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.platform.commons.support.AnnotationSupport;

/** Skips the tests of a {@link Program} that is not installed, and names the package to install. */
final class Installed implements ExecutionCondition {
    @Override
    public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
        if (!System.getProperty("os.arch").equals("amd64")) {
            return ConditionEvaluationResult.disabled("the tracer is for x86-64");
        }
        Optional<Program> program = AnnotationSupport.findAnnotation(context.getTestClass(), Program.class);
        String missing = program.stream()
                .flatMap(found -> Arrays.stream(found.needs()))
                .filter(needed -> !exists(needed.file()))
                .map(Needs::debian)
                .distinct()
                .collect(Collectors.joining(" "));
        return missing.isEmpty()
                ? ConditionEvaluationResult.enabled("all that it needs is there")
                : ConditionEvaluationResult.disabled(missing + " is not installed: apt-get install " + missing);
    }

    private static boolean exists(String file) {
        return file.startsWith("/")
                ? Files.exists(Path.of(file))
                : Stream.of(System.getenv("PATH").split(File.pathSeparator, -1))
                        .anyMatch(folder -> Files.isExecutable(Path.of(folder, file)));
    }
}
