package io.github.shmkit.internal.trace;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Timeout(60)
class SymbolsTests {
    private static final String SOURCE = """
            namespace ring { template <typename T> struct queue { void push(T value); T last; }; }
            template <typename T> __attribute__((noinline)) void ring::queue<T>::push(T value)
            {
                last = value;
            }
            ring::queue<int> one;
            extern "C" void plain() { one.push(1); }
            int main() { plain(); }
            """;

    @TempDir
    private Path folder;

    private Path compile(String... options) throws IOException, InterruptedException {
        Path source = Files.writeString(folder.resolve("ring.cpp"), SOURCE);
        Path program = folder.resolve("ring");
        Process process = new ProcessBuilder(Stream.concat(
                                Stream.of("g++", source.toString(), "-o", program.toString()), Arrays.stream(options))
                        .toList())
                .redirectErrorStream(true)
                .start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(said).isZero();
        return program;
    }

    /** Every function begins where the symbol table says, which here is looked for byte by byte. */
    private static Stream<String> names(Path program) throws IOException {
        Symbols symbols = Symbols.of(program);
        return Stream.iterate(0L, offset -> offset < 0x2000, offset -> offset + 1)
                .map(symbols::name)
                .flatMap(java.util.Optional::stream)
                .distinct();
    }

    @Test
    void namesTheFunctionWhereThereAreNoLines() throws Exception {
        Path program = compile();
        Symbols symbols = Symbols.of(program);
        symbols.look(Stream.iterate(0L, offset -> offset < 0x2000, offset -> offset + 1)
                .toList());
        assertThat(names(program)).contains("main", "plain", "ring::queue::push");
    }

    @Test
    void namesTheLineWhereThereIsOne() throws Exception {
        assumeTrue(Files.isExecutable(Path.of("/usr/bin/addr2line")), "binutils is not installed");
        Path program = compile("-g");
        Symbols symbols = Symbols.of(program);
        symbols.look(Stream.iterate(0L, offset -> offset < 0x2000, offset -> offset + 1)
                .toList());
        assertThat(names(program)).contains("plain, ring.cpp:7", "ring::queue::push, ring.cpp:4");
    }

    @Test
    void hasNoNamesOfWhatIsNoProgram() throws Exception {
        Path text = Files.writeString(
                folder.resolve("text"), "\177ELF and so on, longer than the head of one would be, no?");
        assertThat(Symbols.of(text).name(4)).isEmpty();
        assertThat(Symbols.of(folder.resolve("missing")).name(4)).isEmpty();
        byte[] cut = Arrays.copyOf(Files.readAllBytes(compile()), 3000);
        assertThat(Symbols.of(Files.write(folder.resolve("cut"), cut)).name(0x1139))
                .isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "a::b<c<d>, (e)>::f(g<h>) const | a::b::f",
                "plain | plain",
                "a::operator<(b const&) | a::operator<(b const&)"
            })
    void leavesOutWhatMakesNamesLong(String name, String brief) {
        assertThat(Symbols.brief(name)).isEqualTo(brief);
    }
}
