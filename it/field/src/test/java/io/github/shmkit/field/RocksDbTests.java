package io.github.shmkit.field;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.shmkit.Signal;
import io.github.shmkit.junit.ShmTestkit;
import io.github.shmkit.process.ExitPredicate;
import io.github.shmkit.process.JvmHelper;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;

@Tag("slow")
@Timeout(60)
@Program(name = "RocksDB", artifact = "rocksdbjni")
class RocksDbTests {
    private static final byte[] KEY = "key".getBytes(StandardCharsets.US_ASCII);

    @Test
    @Asked(
            operation = "RocksDB.open, while another process has it open and after that one was killed",
            question = "Is it refused at first, and then opened with what was put?",
            answer = "Yes: the file LOCK is locked by the kernel.",
            points = 1)
    void lock(ShmTestkit kit, @TempDir Path folder) throws RocksDBException {
        String path = folder.toString();
        JvmHelper owner = kit.jvm("owner").start();
        owner.call(context -> {
            RocksDB db = RocksDB.open(path);
            db.put(KEY, KEY);
            return 0;
        });
        assertThatThrownBy(() -> RocksDB.open(path)).hasMessageContaining("lock");

        owner.expectExit(ExitPredicate.killedBy(Signal.SIGKILL));
        owner.kill();

        try (RocksDB db = RocksDB.open(path)) {
            assertThat(db.get(KEY)).isEqualTo(KEY);
        }
    }
}
