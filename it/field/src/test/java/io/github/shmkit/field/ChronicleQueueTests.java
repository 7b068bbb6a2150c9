package io.github.shmkit.field;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.shmkit.junit.CrashPoint;
import io.github.shmkit.junit.EachCrashPoint;
import io.github.shmkit.junit.ShmTestkit;
import io.github.shmkit.process.JvmHelper;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import net.openhft.chronicle.queue.ChronicleQueue;
import net.openhft.chronicle.queue.ExcerptTailer;
import net.openhft.chronicle.queue.rollcycles.TestRollCycles;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Tag("slow")
@Timeout(60)
@Program(name = "Chronicle Queue", artifact = "chronicle-queue")
class ChronicleQueueTests {
    /** What can be read, with a message appended before. */
    private static List<String> append(String folder, String text) {
        try (ChronicleQueue queue = ChronicleQueue.singleBuilder(folder)
                .rollCycle(TestRollCycles.TEST_DAILY)
                .timeProvider(() -> 0)
                .timeoutMS(500)
                .build()) {
            queue.createAppender().writeText(text);
            ExcerptTailer tailer = queue.createTailer();
            List<String> read = new ArrayList<>();
            for (String next = tailer.readText(); next != null; next = tailer.readText()) {
                read.add(next);
            }
            return read;
        }
    }

    @EachCrashPoint
    @Asked(
            operation = "ExcerptAppender.writeText",
            question = "Can another JVM append, and read all but the dead one's message?",
            answer = "Yes, at all of them.",
            points = 32)
    void append(CrashPoint at, ShmTestkit kit, @TempDir Path folder) {
        String queue = folder.toString();
        JvmHelper appender =
                at.start(kit.jvm("appender"), folder.resolve("metadata.cq4t"), folder.resolve("19700101T1.cq4"));
        appender.call(context -> append(queue, "a"));

        at.arm(appender, () -> appender.call(context -> append(queue, "b")));

        List<String> read = at.othersGoOn(kit.jvm("next appender"), context -> append(queue, "c"));
        assertThat(read).isIn(List.of("a", "c"), List.of("a", "b", "c"));
    }
}
