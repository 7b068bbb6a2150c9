package io.github.shmkit.internal.guard;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.shmkit.ShmException;
import io.github.shmkit.internal.guard.Actuator.Outcome;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Plans so long that a second process helps; nearly all steps are about files that are not there. */
class ActuatorTests {
    private static final int STEPS = 50_000;
    private static final int BETWEEN_FILES = 50;

    @TempDir
    Path shm;

    private Path quarantine;
    private int steps;

    @BeforeEach
    void makeDirectory() throws Exception {
        assumeTrue(Runtime.getRuntime().availableProcessors() > 1, "with one processor there is one actuator");
        quarantine = Files.createDirectory(
                shm.resolve("d"), PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    }

    private static String base64(String name) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(name.getBytes(StandardCharsets.US_ASCII));
    }

    private Path file(int index) {
        return shm.resolve("object." + index);
    }

    private boolean isFile(int index) {
        return index % BETWEEN_FILES == 0;
    }

    /** Enough steps for two processes: the first is held until the second has come. */
    private List<ProcessHandle> feed(Actuator actuator) throws Exception {
        ProcessHandle first =
                await().until(this::processes, all -> all.size() == 1).get(0);
        signal("STOP", first);
        for (; steps < STEPS; steps++) {
            if (isFile(steps)) {
                Files.createFile(file(steps));
            }
            actuator.add("S " + steps + " " + base64("object." + steps) + " 0 0 0 " + base64("q." + steps) + " 0");
        }
        List<ProcessHandle> both = await().until(this::processes, all -> all.size() == 2);
        signal("CONT", first);
        return both;
    }

    private static void signal(String name, ProcessHandle process) throws Exception {
        assertThat(new ProcessBuilder("kill", "-" + name, Long.toString(process.pid()))
                        .start()
                        .waitFor())
                .isZero();
    }

    private List<ProcessHandle> processes() {
        return ProcessHandle.current()
                .children()
                .filter(child -> {
                    List<String> arguments = List.of(child.info().arguments().orElse(new String[0]));
                    return arguments.contains("act") && arguments.contains(quarantine.toString());
                })
                .toList();
    }

    @Test
    void twoCarryOutEachStepOnce() throws Exception {
        Map<Integer, Outcome> outcomes = new HashMap<>();
        List<ProcessHandle> processes;
        try (Actuator actuator = Actuator.start(quarantine.toString(), () -> {})) {
            processes = feed(actuator);
            actuator.finish((index, result) -> assertThat(outcomes.put(index, result.outcome()))
                    .as("twice")
                    .isNull());
        }

        assertThat(outcomes).hasSize(steps);
        outcomes.forEach((index, outcome) ->
                assertThat(outcome).as("step %d", index).isEqualTo(isFile(index) ? Outcome.DELETED : Outcome.GONE));
        assertThat(shm).isDirectoryNotContaining(path -> !path.equals(quarantine));
        assertThat(processes).noneMatch(ProcessHandle::isAlive);
    }

    /** The other one goes on with what was there before, and what neither came to is as it was. */
    @Test
    void theEndOfOneIsToldWithWhatWasDone() throws Exception {
        Map<Integer, Outcome> outcomes = new HashMap<>();
        try (Actuator actuator = Actuator.start(quarantine.toString(), () -> {})) {
            List<ProcessHandle> processes = feed(actuator);
            signal("KILL", processes.get(1));
            assertThatThrownBy(() -> actuator.finish((index, result) -> outcomes.put(index, result.outcome())))
                    .isInstanceOf(ShmException.class)
                    .hasMessageMatching("the native actuator was killed by SIGKILL after \\d+ of " + steps
                            + " steps; what it had not reached is untouched");
            assertThat(processes).noneMatch(ProcessHandle::isAlive);
        }

        assertThat(outcomes).hasSizeBetween(1, steps);
        outcomes.forEach((index, outcome) -> {
            if (isFile(index)) {
                assertThat(outcome).isEqualTo(Outcome.DELETED);
                assertThat(file(index)).doesNotExist();
            }
        });
    }
}
