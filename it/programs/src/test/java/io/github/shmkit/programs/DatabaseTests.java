package io.github.shmkit.programs;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.shmkit.junit.CrashPoint;
import io.github.shmkit.junit.EachCrashPoint;
import io.github.shmkit.junit.ShmTestkit;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The control: two that withstand the death of a process at any of its stores. */
@Timeout(60)
class DatabaseTests {
    private static final String DUMP = """
            VERSION=3
            format=print
            type=btree
            mapsize=1048576
            db_pagesize=4096
            HEADER=END
             key
             value
            DATA=END
            """;

    @TempDir
    private static Path programs;

    private static Path survivor;

    @BeforeAll
    static void compile() throws Exception {
        Programs.requireInstalled("mdb_load");
        Programs.requireInstalled("sqlite3");
        survivor = Programs.compile(programs, "gcc", "lmdb_survivor.c", "lmdb.h", "-llmdb");
    }

    @EachCrashPoint
    void lmdbGoesOnWhereverAWriterDies(CrashPoint at, ShmTestkit kit, @TempDir Path folder) throws Exception {
        Path dump = Files.writeString(folder.resolve("dump"), DUMP);
        Path env = Files.createDirectory(folder.resolve("env"));

        at.runAndCrash(
                kit.command("writer", "mdb_load", "-f", dump.toString(), env.toString()), env.resolve("lock.mdb"));

        at.othersGoOn(kit.command("survivor", survivor.toString(), env.toString()));
    }

    @EachCrashPoint
    void sqliteGoesOnWhereverAWriterDies(CrashPoint at, ShmTestkit kit, @TempDir Path folder) {
        Path db = folder.resolve("t.db");
        Programs.run(kit.command(
                "creator",
                "sqlite3",
                db.toString(),
                "pragma journal_mode=wal; create table t(a); insert into t values(1);"));

        at.runAndCrash(
                kit.command("writer", "sqlite3", db.toString(), "insert into t values(2); insert into t values(3);"),
                folder.resolve("t.db-shm"));

        var check = kit.command(
                        "survivor",
                        "sqlite3",
                        "-cmd",
                        ".timeout 1000",
                        db.toString(),
                        "insert into t values(9); pragma integrity_check; select count(*) from t;")
                .start();
        assertThat(check.awaitExit().isSuccess()).isTrue();
        assertThat(check.stdout().lines().get(0)).isEqualTo("ok");
        assertThat(check.stdout().lines().get(1)).isIn("2", "3", "4");
    }
}
