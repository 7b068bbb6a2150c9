package io.github.shmkit.field;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.shmkit.field.Program.Needs;
import io.github.shmkit.junit.CrashPoint;
import io.github.shmkit.junit.EachCrashPoint;
import io.github.shmkit.junit.ShmTestkit;
import io.github.shmkit.process.CommandHelper;
import io.github.shmkit.process.ExitPredicate;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
@Program(
        name = "LMDB",
        debian = "lmdb-utils",
        needs = {@Needs(file = "mdb_load", debian = "lmdb-utils"), @Needs(file = "mdb_stat", debian = "lmdb-utils")})
class LmdbTests {
    private static Path dump(Path folder, String key) throws Exception {
        return Files.writeString(
                folder.resolve("dump-" + key),
                "VERSION=3\nformat=print\ntype=btree\nmapsize=1048576\nHEADER=END\n " + key + "\n value\nDATA=END\n");
    }

    @EachCrashPoint
    @Asked(
            operation = "mdb_load",
            question = "Can another process write after one died in a transaction?",
            answer = "Yes: its mutex is robust.",
            points = 22)
    void load(CrashPoint at, ShmTestkit kit, @TempDir Path folder) throws Exception {
        String env = Files.createDirectory(folder.resolve("env")).toString();
        Programs.run(kit.command("creator", "mdb_load", "-f", dump(folder, "a").toString(), env));

        at.runAndCrash(
                kit.command("writer", "mdb_load", "-f", dump(folder, "b").toString(), env), Path.of(env, "lock.mdb"));

        at.othersGoOn(
                kit.command("next writer", "mdb_load", "-f", dump(folder, "c").toString(), env));
        assertThat(Programs.run(kit.command("reader", "mdb_stat", env))).containsPattern("Entries: [23]\n");
    }

    @Tag("slow")
    @EachCrashPoint
    @Asked(
            operation = "mdb_stat, which takes a slot of the table of readers",
            question = "Is the slot of a dead reader free for others?",
            answer = "Yes, once another process looks for dead readers.",
            points = 26)
    void stat(CrashPoint at, ShmTestkit kit, @TempDir Path folder) throws Exception {
        String env = Files.createDirectory(folder.resolve("env")).toString();
        Programs.run(kit.command("creator", "mdb_load", "-f", dump(folder, "a").toString(), env));

        at.runAndCrash(kit.command("reader", "mdb_stat", "-a", env), Path.of(env, "lock.mdb"));

        at.othersGoOn(kit.command("writer", "mdb_load", "-f", dump(folder, "b").toString(), env));
        CommandHelper checker = kit.command("checker", "mdb_stat", "-rr", env).start();
        checker.expectExit(ExitPredicate.any()); // it returns 1 for a table without readers
        checker.awaitExit();
        assertThat(checker.stdout().text()).endsWith("(no active readers)\n");
    }
}
