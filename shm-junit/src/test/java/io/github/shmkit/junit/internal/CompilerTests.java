package io.github.shmkit.junit.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.shmkit.Segment;
import io.github.shmkit.ShmException;
import io.github.shmkit.junit.Shm;
import io.github.shmkit.junit.ShmExtension;
import io.github.shmkit.junit.ShmTestkit;
import io.github.shmkit.process.CommandHelper;
import io.github.shmkit.process.Exit;
import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

@ExtendWith(ShmExtension.class)
class CompilerTests {
    private static final String WRITER = """
            #include <shmkit.h>

            int main(void)
            {
                struct shmkit_segment ring;
                if (shmkit_map("ring", &ring) != 0)
                    return 1;
                *(volatile VALUE_TYPE *)ring.address = 42;
                return shmkit_reach("written");
            }
            """;

    @TempDir
    Path folder;

    @BeforeAll
    static void needsACompiler() {
        assumeTrue(
                Stream.of(System.getenv("PATH").split(File.pathSeparator, -1))
                        .anyMatch(place -> Files.isExecutable(Path.of(place, "cc"))),
                "cc is not installed, which compiles a program of this test (apt-get install gcc g++ libc6-dev)");
    }

    @Test
    void compilesWithTheHeader(@Shm(label = "ring") Segment ring, ShmTestkit kit) throws Exception {
        Path source = Files.writeString(folder.resolve("writer.c"), WRITER);

        Path program = kit.compile(source, "-DVALUE_TYPE=uint32_t", "-Wall", "-Werror");

        assertThat(program).startsWith(kit.artifacts()).hasFileName("writer").isExecutable();
        CommandHelper writer =
                kit.command("writer", program.toString()).attach(ring).start();
        assertThat(writer.awaitExit()).isEqualTo(Exit.code(0));
        assertThat(kit.checkpoints().count("written")).isEqualTo(1);
        assertThat(ring.getInt(0)).isEqualTo(42);
    }

    @Test
    void saysWhatTheCompilerSaid(ShmTestkit kit) throws Exception {
        Path source = Files.writeString(folder.resolve("writer.c"), WRITER);

        assertThatThrownBy(() -> kit.compile(source))
                .isInstanceOf(ShmException.class)
                .hasMessageContaining("writer.c failed:")
                .hasMessageContaining("VALUE_TYPE");
    }

    @Test
    void saysWhatIsMissing() throws Exception {
        Path source = Files.writeString(folder.resolve("writer.cpp"), WRITER);
        Compiler none = new Compiler(List.of("no-such-compiler"), "CXX");

        assertThatThrownBy(() -> none.compile(folder, source, List.of()))
                .isInstanceOf(ShmException.class)
                .hasMessage("cannot compile " + source + ": there is no program 'no-such-compiler'; install a compiler "
                        + "(apt-get install gcc g++ libc6-dev), or name one by the environment variable CXX");
        assertThatThrownBy(() -> none.compile(folder, folder.resolve("other.c"), List.of()))
                .isInstanceOf(ShmException.class)
                .hasMessage("there is no file " + folder.resolve("other.c") + " to compile");
        assertThatThrownBy(() -> none.compile(folder, Files.createFile(folder.resolve("writer")), List.of()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageEndingWith("is no source: its name has no ending like .c or .cpp");
    }

    @Test
    void takesTheLanguageFromTheName() {
        assertThat(Compiler.of(Path.of("a/b.c")).variable()).isEqualTo("CC");
        assertThat(Compiler.of(Path.of("a/b.cpp")).variable()).isEqualTo("CXX");
    }
}
