package io.github.shmkit.field;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.shmkit.junit.CrashPoint;
import io.github.shmkit.junit.EachCrashPoint;
import io.github.shmkit.junit.ShmTestkit;
import io.github.shmkit.process.JvmHelper;
import java.io.File;
import java.io.IOException;
import java.nio.file.Path;
import net.openhft.chronicle.map.ChronicleMap;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Tag("slow")
@Timeout(60)
@Program(name = "Chronicle Map", artifact = "chronicle-map")
class ChronicleMapTests {
    private static String put(String file, String value) throws IOException {
        try (ChronicleMap<Integer, String> map = ChronicleMap.of(Integer.class, String.class)
                .entries(8)
                .averageValueSize(8)
                .actualSegments(1)
                .createPersistedTo(new File(file))) {
            return String.valueOf(map.put(1, value));
        }
    }

    @EachCrashPoint
    @Asked(
            operation = "ChronicleMap.put, of a key that is there",
            question = "Can another JVM put, and does it find the old value or the new one?",
            answer =
                    "Not while the dead one holds the segment's lock: the next one gets an InterProcessDeadLockException.",
            points = 10,
            wrong = 6)
    void put(CrashPoint at, ShmTestkit kit, @TempDir Path folder) {
        String file = folder.resolve("map").toString();
        JvmHelper writer = at.start(kit.jvm("writer"), Path.of(file));
        writer.call(context -> put(file, "old"));

        at.arm(writer, () -> writer.call(context -> put(file, "new")));

        String previous = at.othersGoOn(
                kit.jvm("next writer").systemProperty("net.openhft.chronicle.map.lockTimeoutSeconds", "1"),
                context -> put(file, "next"));
        assertThat(previous).isIn("old", "new");
    }
}
