package io.github.shmkit.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;

import io.github.shmkit.Segment;
import io.github.shmkit.Signal;
import io.github.shmkit.junit.Shm;
import io.github.shmkit.junit.ShmTestkit;
import io.github.shmkit.process.NativeHelper;
import io.github.shmkit.script.Script;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.testkit.engine.EngineTestKit;

/** The README shows what a failed test prints; this runs that test. */
class ReadmeTests {
    private static final Path OUTPUT = Path.of("src/test/resources/readme/failure.txt");

    /** A writer that dies after the data and before the flag. */
    static class RingCase {
        // tag::failing[]
        @Test
        void readerSeesTheFlag(@Shm(size = 64, label = "ring") Segment ring, ShmTestkit kit) {
            NativeHelper writer = kit.nativeHelper("writer").attach(ring).start();
            writer.run(Script.of(b -> b.putLong(8, 42).die(Signal.SIGSEGV)));

            kit.await("the flag").untilLong(ring, 0, 1);
        }
        // end::failing[]
    }

    @Test
    void showsWhatAFailedTestPrints() throws IOException {
        Throwable failure =
                EngineTestKit.engine("junit-jupiter")
                        .selectors(selectClass(RingCase.class))
                        .execute()
                        .testEvents()
                        .failed()
                        .stream()
                        .flatMap(event -> event.getRequiredPayload(TestExecutionResult.class).getThrowable().stream())
                        .findFirst()
                        .orElseThrow();

        String output = Stream.concat(
                        Stream.of(failure.getClass().getSimpleName() + ": " + failure.getMessage()),
                        Arrays.stream(failure.getSuppressed()).map(also -> String.valueOf(also.getMessage())))
                .flatMap(String::lines)
                .map(ReadmeTests::withoutWhatVaries)
                .collect(Collectors.joining("\n", "", "\n"));

        if (System.getProperty("guide.renew") != null) {
            Files.writeString(OUTPUT, output);
        }
        assertThat(output).isEqualTo(Files.readString(OUTPUT));
    }

    private static String withoutWhatVaries(String line) {
        return line.replaceAll("pid \\d+", "pid 4711")
                .replaceAll("\\d{4}-\\d\\d-\\d\\dT[\\d:.]+Z", "12:00:00.123Z")
                .replaceAll("shmkit\\.[\\w-]+\\.\\w+\\.\\w+", "shmkit.…")
                .replaceAll("\\d+\\.\\d+ (m?s)\\b", "0.1 $1")
                .replaceAll("0x[0-9a-f]{5,}", "0x7f…")
                .replaceAll("/\\S+/artifacts/", "target/shmkit/artifacts/");
    }
}
