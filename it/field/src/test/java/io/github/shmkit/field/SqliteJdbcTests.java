package io.github.shmkit.field;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.shmkit.junit.CrashPoint;
import io.github.shmkit.junit.EachCrashPoint;
import io.github.shmkit.junit.ShmTestkit;
import io.github.shmkit.process.JvmHelper;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Tag("slow")
@Timeout(60)
@Program(name = "SQLite by xerial's JDBC driver", artifact = "sqlite-jdbc")
class SqliteJdbcTests {
    /** What the last statement returns. */
    private static String execute(String url, String... statements) throws SQLException {
        try (Connection connection = DriverManager.getConnection(url);
                Statement statement = connection.createStatement()) {
            String result = "";
            for (String sql : statements) {
                if (statement.execute(sql)) {
                    ResultSet rows = statement.getResultSet();
                    result = rows.next() ? rows.getString(1) : "";
                }
            }
            return result;
        }
    }

    @EachCrashPoint
    @Asked(
            operation = "two inserts in a transaction, in WAL mode",
            question = "Does another JVM see both rows or none, and can it write?",
            answer = "Yes: both or none, and it can.",
            points = 45)
    void insert(CrashPoint at, ShmTestkit kit, @TempDir Path folder) throws SQLException {
        String url = "jdbc:sqlite:" + folder.resolve("db") + "?busy_timeout=1000";
        execute(url, "pragma journal_mode=wal", "create table t(a)");
        JvmHelper writer = at.start(kit.jvm("writer"), folder.resolve("db-shm"));
        writer.call(context -> execute("jdbc:sqlite::memory:", "create table t(a)"));

        at.arm(
                writer,
                () -> writer.call(context -> execute(
                        url, "begin immediate", "insert into t values(1)", "insert into t values(1)", "commit")));

        assertThat(execute(url, "insert into t values(0)", "select sum(a) from t"))
                .isIn("0", "2");
        assertThat(execute(url, "pragma integrity_check")).isEqualTo("ok");
    }
}
