package io.github.shmkit.guide;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.codehaus.groovy.control.CompilationFailedException;
import org.codehaus.groovy.control.CompilationUnit;
import org.codehaus.groovy.control.Phases;
import org.junit.jupiter.api.Test;
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
        return new Yaml(new SafeConstructor(new LoaderOptions())).load(Sources.text(FOLDER + file));
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

    private static void isCommand(String command) throws IOException, InterruptedException {
        assertThat(Commands.unknown(command)).isEmpty();
        Process shell = new ProcessBuilder("sh", "-n", "-c", command)
                .redirectErrorStream(true)
                .start();
        String said = new String(shell.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(shell.waitFor()).as(command + ": " + said).isZero();
    }
}
