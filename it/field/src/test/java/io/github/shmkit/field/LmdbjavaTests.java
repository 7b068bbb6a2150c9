package io.github.shmkit.field;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.shmkit.junit.CrashPoint;
import io.github.shmkit.junit.EachCrashPoint;
import io.github.shmkit.junit.ShmTestkit;
import io.github.shmkit.process.JvmHelper;
import java.io.File;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.lmdbjava.Dbi;
import org.lmdbjava.DbiFlags;
import org.lmdbjava.Env;

@Tag("slow")
@Timeout(60)
@Program(name = "lmdbjava", artifact = "lmdbjava")
class LmdbjavaTests {
    /** The number of entries. */
    private static long put(String folder, int key) {
        try (Env<ByteBuffer> env = Env.create().setMapSize(1 << 20).setMaxDbs(1).open(new File(folder))) {
            Dbi<ByteBuffer> db = env.openDbi("db", DbiFlags.MDB_CREATE);
            db.put(ByteBuffer.allocateDirect(4).putInt(0, key), ByteBuffer.allocateDirect(8));
            try (var reading = env.txnRead()) {
                return db.stat(reading).entries;
            }
        }
    }

    @EachCrashPoint
    @Asked(
            operation = "Env opened, Dbi.put",
            question = "Can another JVM write after one died writing?",
            answer = "Yes: LMDB's mutex is robust.",
            points = 38)
    void put(CrashPoint at, ShmTestkit kit, @TempDir Path folder) {
        String env = folder.toString();
        JvmHelper writer = at.start(kit.jvm("writer"), folder.resolve("lock.mdb"));
        writer.call(context -> put(env, 1));

        at.arm(writer, () -> writer.call(context -> put(env, 2)));

        long entries = at.othersGoOn(kit.jvm("next writer"), context -> put(env, 3));
        assertThat(entries).isIn(2L, 3L);
    }
}
