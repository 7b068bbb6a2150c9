package io.github.shmkit.field;

import io.github.shmkit.field.Program.Needs;
import io.github.shmkit.junit.CrashPoint;
import io.github.shmkit.junit.EachCrashPoint;
import io.github.shmkit.junit.ShmTestkit;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Tag("slow")
@Timeout(60)
@Program(
        name = "Berkeley DB",
        debian = "libdb5.3-dev",
        needs = @Needs(file = "/usr/include/db.h", debian = "libdb5.3-dev"))
class BerkeleyDbTests {
    @TempDir
    private static Path folder;

    private static String program;

    @BeforeAll
    static void compile() throws Exception {
        program = Programs.compile(folder, "berkeley_db.c", "-ldb");
    }

    @EachCrashPoint(max = 200)
    @Asked(
            operation = "opening and DB->put in a shared environment, its first 200 stores",
            question = "Can another process use the environment without recovery?",
            answer =
                    "No: its mutexes know no dead owner; the manual wants the environment recovered before anybody else uses it.",
            points = 200,
            stuck = 182,
            report = "https://docs.oracle.com/cd/E17076_05/html/programmer_reference/transapp_fail.html")
    void put(CrashPoint at, ShmTestkit kit, @TempDir Path env) {
        Programs.run(kit.command("creator", program, env.toString(), "zero"));

        at.runAndCrash(
                kit.command("writer", program, env.toString(), "one"),
                env.resolve("__db.001"),
                env.resolve("__db.002"),
                env.resolve("__db.003"));

        at.othersGoOn(kit.command("next writer", program, env.toString(), "two"));
    }
}
