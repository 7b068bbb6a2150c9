package io.github.shmkit.field;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.shmkit.field.Program.Needs;
import io.github.shmkit.junit.CrashPoint;
import io.github.shmkit.junit.EachCrashPoint;
import io.github.shmkit.junit.ShmTestkit;
import io.github.shmkit.process.CommandHelper;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Tag("slow")
@Timeout(60)
@Program(name = "SQLite", debian = "sqlite3", needs = @Needs(file = "sqlite3", debian = "sqlite3"))
class SqliteTests {
    private static CommandHelper.Builder sqlite(ShmTestkit kit, String helper, Path db, String sql) {
        return kit.command(helper, "sqlite3", "-cmd", ".timeout 1000", db.toString(), sql);
    }

    @EachCrashPoint
    @Asked(
            operation = "insert, in WAL mode",
            question = "Is the database whole, and can another process write?",
            answer = "Yes: the index of the log is built anew where it does not agree with itself.",
            points = 54)
    void insert(CrashPoint at, ShmTestkit kit, @TempDir Path folder) {
        Path db = folder.resolve("db");
        Programs.run(
                sqlite(kit, "creator", db, "pragma journal_mode=wal; create table t(a); insert into t values(1);"));

        at.runAndCrash(sqlite(kit, "writer", db, "insert into t values(2);"), folder.resolve("db-shm"));

        String check = "insert into t values(3); pragma integrity_check; select sum(a) from t;";
        assertThat(Programs.run(sqlite(kit, "next writer", db, check))).isIn("ok\n4\n", "ok\n6\n");
    }

    @EachCrashPoint
    @Asked(
            operation = "pragma wal_checkpoint(truncate)",
            question = "Is the database whole after a checkpoint that was not finished?",
            answer = "Yes.",
            points = 30)
    void checkpoint(CrashPoint at, ShmTestkit kit, @TempDir Path folder) {
        Path db = folder.resolve("db");
        CommandHelper keeper =
                kit.command("keeper", "sqlite3", db.toString()).pipedInput().start();
        keeper.stdin().println("pragma journal_mode=wal; create table t(a); insert into t values(1); select 'up';");
        keeper.awaitLine("up");

        at.runAndCrash(sqlite(kit, "checkpointer", db, "pragma wal_checkpoint(truncate);"), folder.resolve("db-shm"));

        String check = "insert into t values(3); pragma integrity_check; select sum(a) from t;";
        assertThat(Programs.run(sqlite(kit, "next writer", db, check))).isEqualTo("ok\n4\n");
    }
}
