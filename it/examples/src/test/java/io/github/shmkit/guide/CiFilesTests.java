package io.github.shmkit.guide;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.codehaus.groovy.control.CompilationFailedException;
import org.codehaus.groovy.control.CompilationUnit;
import org.codehaus.groovy.control.Phases;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;

/** The guide's files for build servers can be read by them, and their commands by a shell and by Maven. */
class CiFilesTests {
    private static final String FOLDER = "it/examples/src/ci/";

    @Test
    void githubReadsIts() throws Exception {
        Map<?, ?> workflow = yaml("github.yml");
        // YAML 1.1 takes "on" for true
        assertThat(workflow.containsKey(true)).isTrue();
        Map<?, ?> job = (Map<?, ?>) ((Map<?, ?>) workflow.get("jobs")).get("verify");
        assertThat(job.get("runs-on")).isEqualTo("ubuntu-latest");

        List<String> commands = new ArrayList<>();
        for (Object step : (List<?>) job.get("steps")) {
            Map<?, ?> map = (Map<?, ?>) step;
            assertThat(map.containsKey("run") ^ map.containsKey("uses"))
                    .as(map.toString())
                    .isTrue();
            if (map.get("run") instanceof String command) {
                commands.add(command);
            }
        }
        assertThat(commands).hasSizeGreaterThan(3).allSatisfy(CiFilesTests::isCommand);
    }

    @Test
    void oursDoesWhatContributorsDo() throws Exception {
        Map<?, ?> workflow = read(".github/workflows/ci.yml");
        List<String> commands = new ArrayList<>();
        for (Object job : ((Map<?, ?>) workflow.get("jobs")).values()) {
            for (Object step : (List<?>) ((Map<?, ?>) job).get("steps")) {
                if (((Map<?, ?>) step).get("run") instanceof String command) {
                    commands.add(command);
                }
            }
        }
        assertThat(commands).contains(".ci/run", ".ci/reproducible").allSatisfy(CiFilesTests::isCommand);
    }

    @Test
    void ourScriptsHaveNoneOfTheUsualMistakes() throws Exception {
        assumeTrue(shellcheckIsInstalled(), "shellcheck is not installed");
        List<Path> scripts = Sources.files(file -> Files.isExecutable(file)
                && Sources.text(file).lines().findFirst().orElse("").matches("#!.*\\b(ba)?sh"));
        assertThat(scripts).hasSizeGreaterThan(3);
        for (Path script : scripts) {
            assertThat(said("shellcheck", script.toString())).isEmpty();
        }
    }

    @Test
    void aUsualMistakeIsSeen(@TempDir Path folder) throws Exception {
        assumeTrue(shellcheckIsInstalled(), "shellcheck is not installed");
        Path script = Files.writeString(folder.resolve("script"), "#!/bin/sh\nrm -rf $1/\n");
        assertThat(said("shellcheck", script.toString())).contains("SC2086");
    }

    @Test
    void gitlabReadsIts() throws Exception {
        Map<?, ?> job = (Map<?, ?>) yaml("gitlab-ci.yml").get("verify");
        assertThat(job.get("image")).isInstanceOf(String.class);

        List<String> commands = Stream.of("before_script", "script", "after_script")
                .flatMap(key -> ((List<?>) job.get(key)).stream())
                .map(String::valueOf)
                .toList();
        assertThat(commands).hasSize(3).allSatisfy(CiFilesTests::isCommand);
    }

    @Test
    void cronReadsIts() throws Exception {
        List<String> entries = Sources.text(FOLDER + "crontab")
                .lines()
                .filter(line -> !line.startsWith("#"))
                .toList();
        assertThat(entries).hasSize(1).allSatisfy(entry -> {
            assertThat(entry).matches("(?:[\\d*/,-]+ ){5}\\S.*").doesNotContain("%"); // which cron takes for a newline
            isCommand(entry.replaceFirst("(?:\\S+ ){5}", ""));
        });
    }

    @ParameterizedTest
    @ValueSource(strings = {"Jenkinsfile", "build.gradle"})
    void groovyReads(String file) throws Exception {
        parse(Sources.text(FOLDER + file));
        for (String command : quoted("sh '([^']+)'", Sources.text(FOLDER + file))) {
            isCommand(command);
        }
    }

    @Test
    void theControlsAreFound() {
        assertThatThrownBy(() -> parse("pipeline { agent any")).isInstanceOf(CompilationFailedException.class);
        assertThatThrownBy(() -> isCommand("mvn shm:wipe")).isInstanceOf(AssertionError.class);
        assertThatThrownBy(() -> isCommand("if mvn shm:clean; then")).isInstanceOf(AssertionError.class);
    }

    private static Map<?, ?> yaml(String file) {
        return read(FOLDER + file);
    }

    private static Map<?, ?> read(String file) {
        return new Yaml(new SafeConstructor(new LoaderOptions())).load(Sources.text(file));
    }

    private static void parse(String groovy) {
        CompilationUnit unit = new CompilationUnit();
        unit.addSource("guide.groovy", groovy);
        unit.compile(Phases.CONVERSION);
    }

    private static List<String> quoted(String regex, String text) {
        return Pattern.compile(regex)
                .matcher(text)
                .results()
                .map(match -> match.group(1))
                .toList();
    }

    private static boolean shellcheckIsInstalled() throws IOException, InterruptedException {
        return said("sh", "-c", "command -v shellcheck || :").endsWith("shellcheck\n");
    }

    private static void isCommand(String command) throws IOException, InterruptedException {
        assertThat(Commands.unknown(command)).isEmpty();
        assertThat(said("sh", "-n", "-c", command)).isEmpty();
    }

    private static String said(String... command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        int status = process.waitFor();
        return status == 0 || !said.isEmpty() ? said : command[0] + " ended with " + status;
    }
}
