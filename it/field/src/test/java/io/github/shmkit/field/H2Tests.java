package io.github.shmkit.field;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.shmkit.junit.CrashPoint;
import io.github.shmkit.junit.EachCrashPoint;
import io.github.shmkit.junit.ShmTestkit;
import io.github.shmkit.process.JvmHelper;
import java.nio.file.Path;
import java.util.List;
import org.h2.mvstore.MVMap;
import org.h2.mvstore.MVStore;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Tag("slow")
@Timeout(60)
@Program(name = "H2 MVStore", artifact = "h2")
class H2Tests {
    /** Adds one, and returns all. */
    private static List<Integer> add(String file, int key) {
        MVStore store =
                new MVStore.Builder().fileName(file).autoCommitDisabled().open();
        MVMap<Integer, String> map = store.openMap("map");
        map.put(key, "value");
        store.commit();
        List<Integer> keys = List.copyOf(map.keySet());
        store.closeImmediately();
        return keys;
    }

    @EachCrashPoint
    @Asked(
            operation = "MVStore.commit into a mapped file",
            question = "Can another JVM open the store, and is what was committed before there?",
            answer = "Yes.",
            points = 22)
    void commit(CrashPoint at, ShmTestkit kit, @TempDir Path folder) {
        String file = "nioMapped:" + folder.resolve("store.mv.db");
        JvmHelper writer = at.start(kit.jvm("writer"), folder.resolve("store.mv.db"));
        writer.call(context -> add(file, 1));

        at.arm(writer, () -> writer.call(context -> add(file, 2)));

        List<Integer> keys = at.othersGoOn(kit.jvm("next writer"), context -> add(file, 3));
        assertThat(keys).isIn(List.of(1, 3), List.of(1, 2, 3));
    }
}
