package io.github.shmkit.programs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;

import io.github.shmkit.junit.CrashPoint;
import io.github.shmkit.junit.EachCrashPoint;
import io.github.shmkit.junit.EachCrashPoint.Points;
import io.github.shmkit.junit.ShmTestkit;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.testkit.engine.EngineTestKit;
import org.junit.platform.testkit.engine.Event;

/** The README shows a crash sweep of Boost's message queue; this runs it. */
@Timeout(120)
class ReadmeTests {
    private static final Path OUTPUT = Path.of("src/test/resources/readme/sweep.txt");
    private static final String NAME =
            "shmkit-readme-" + ProcessHandle.current().pid();

    @TempDir
    private static Path folder;

    private static String program;

    @BeforeAll
    static void compile() throws Exception {
        program = Programs.compile(
                        folder,
                        "g++",
                        "message_queue.cpp",
                        "boost/interprocess/ipc/message_queue.hpp",
                        "-g",
                        "-lrt",
                        "-pthread")
                .toString();
    }

    static class QueueCase {
        @AfterEach
        void remove() throws IOException {
            Files.deleteIfExists(Path.of("/dev/shm", NAME));
        }

        // tag::sweep[]
        @EachCrashPoint(points = Points.STORES)
        void othersSurviveADeadSender(CrashPoint at, ShmTestkit kit) {
            Programs.run(kit.command("creator", program, NAME, "create"));

            at.runAndCrash(kit.command("sender", program, NAME, "send", "a message"), Path.of("/dev/shm", NAME));

            at.othersGoOn(kit.command("next sender", program, NAME, "send", "another one"));
        }
        // end::sweep[]
    }

    @Test
    void showsWhatACrashSweepFinds() throws IOException {
        List<Event> invocations = EngineTestKit.engine("junit-jupiter")
                .selectors(selectClass(QueueCase.class))
                .execute()
                .testEvents()
                .finished()
                .list();
        String first = invocations.stream()
                .map(ReadmeTests::failure)
                .flatMap(Optional::stream)
                .findFirst()
                .orElseThrow();
        String output =
                invocations.stream().map(ReadmeTests::line).collect(Collectors.joining("\n")) + "\n\n" + first + "\n";

        if (System.getProperty("guide.renew") != null) {
            Files.writeString(OUTPUT, output);
        }
        assertThat(withoutVersions(output)).isEqualTo(withoutVersions(Files.readString(OUTPUT)));
    }

    private static String line(Event event) {
        return (failure(event).isPresent() ? "✘ " : "✔ ")
                + withoutWhatVaries(event.getTestDescriptor().getDisplayName());
    }

    private static Optional<String> failure(Event event) {
        return event.getRequiredPayload(TestExecutionResult.class)
                .getThrowable()
                .map(thrown -> withoutWhatVaries(String.valueOf(thrown.getMessage())));
    }

    /** The name of the queue, pids, and the mutex's owner, which is a thread's id. */
    private static String withoutWhatVaries(String text) {
        return text.replace(NAME, "queue")
                .replaceAll("pid \\d+", "pid 4711")
                .replaceAll("(queue\\+0x38: )0+→[0-9a-f]+", "$10→…")
                .replaceAll("(queue\\+0x38: )[0-9a-f]+→0+", "$1…→0");
    }

    /** Addresses in programs and libraries, and lines of Boost's headers, are those of one version of each. */
    private static String withoutVersions(String text) {
        return text.replaceAll("\\+0x[0-9a-f]{4,}", "+0x…").replaceAll("hpp:\\d+", "hpp:…");
    }
}
