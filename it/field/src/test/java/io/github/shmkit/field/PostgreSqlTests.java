package io.github.shmkit.field;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.shmkit.field.Program.Needs;
import io.github.shmkit.junit.ShmTestkit;
import io.github.shmkit.process.CommandHelper;
import io.github.shmkit.process.ExitPredicate;
import io.github.shmkit.process.Readiness;
import java.io.IOException;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Tag("slow")
@Timeout(60)
@Program(
        name = "PostgreSQL",
        debian = "postgresql-15",
        needs = {
            @Needs(file = "/usr/lib/postgresql/15/bin/postgres", debian = "postgresql-15"),
            @Needs(file = "runuser", debian = "util-linux")
        })
class PostgreSqlTests {
    @TempDir
    private Path folder;

    private CommandHelper.Builder postgres(ShmTestkit kit, String helper, String program, String... arguments) {
        return kit.command(
                helper,
                Stream.concat(
                                Stream.of("runuser", "-u", "postgres", "--", "/usr/lib/postgresql/15/bin/" + program),
                                Stream.of(arguments))
                        .toArray(String[]::new));
    }

    private CommandHelper.Builder psql(ShmTestkit kit, String helper, String... arguments) {
        return postgres(
                kit,
                helper,
                "psql",
                Stream.concat(Stream.of("-h", folder.toString(), "-At", "postgres"), Stream.of(arguments))
                        .toArray(String[]::new));
    }

    @Test
    @Asked(
            operation = "a backend killed with its rows not committed",
            question = "Does the server go on for others, with what was committed and nothing else?",
            answer = "Yes: it ends all backends, and begins anew with new shared memory.",
            points = 1)
    void killedBackend(ShmTestkit kit) throws IOException {
        Programs.run(kit.command("chown", "chown", "postgres", folder.toString()));
        String data = folder.resolve("data").toString();
        Programs.run(postgres(kit, "initdb", "initdb", "-D", data, "-A", "trust", "--no-sync"));
        postgres(kit, "server", "postgres", "-D", data, "-k", folder.toString(), "-c", "listen_addresses=")
                .readyWhen(Readiness.line("database system is ready"))
                .start();
        Programs.run(psql(kit, "creator", "-c", "create table t as select 1 as a"));
        CommandHelper writer = psql(kit, "writer").pipedInput().start();
        writer.stdin().println("begin; insert into t values (2); select 'pid ' || pg_backend_pid();");
        String pid = writer.awaitLine("pid ").substring("pid ".length());
        writer.expectExit(ExitPredicate.any());

        Programs.run(kit.command("killer", "kill", "-9", pid));

        writer.stdin().close();
        writer.awaitExit();
        kit.await("begins anew").until(() -> {
            CommandHelper ready = postgres(kit, "ready", "pg_isready", "-h", folder.toString())
                    .start();
            ready.expectExit(ExitPredicate.any());
            return ready.awaitExit().isSuccess();
        });
        assertThat(Programs.run(psql(kit, "reader", "-c", "select a from t"))).isEqualTo("1\n");
    }
}
