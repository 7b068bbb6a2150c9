package io.github.shmkit.internal.helper;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.shmkit.SegmentAddress;
import io.github.shmkit.SegmentKind;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What {@code SegmentAddress.uri()} writes, {@code shmkit.h} and {@code java.net.URI} read. */
@Timeout(60)
class UriTests {
    @TempDir
    private static Path directory;

    private static Path program;

    @BeforeAll
    static void compile() throws Exception {
        program = CProgram.compile(directory, "uri_peer.c", "cc", "-std=c99");
    }

    private static String said(String uri) throws Exception {
        Process process = new ProcessBuilder(program.toString(), uri)
                .redirectErrorStream(true)
                .start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(said).isZero();
        return said.strip();
    }

    private static byte[] number(long value) {
        return ByteBuffer.allocate(Long.BYTES)
                .order(ByteOrder.nativeOrder())
                .putLong(value)
                .array();
    }

    @ParameterizedTest
    @ValueSource(strings = {"plain", "a b", "a?size=1", "a#b", "100%41", "größe", "a+b&c=d;e:f@g", "\"'<>[]\\^`{|}"})
    void filesOfAnyNameAreMapped(String name) throws Exception {
        Path file = Files.write(directory.resolve(name), number(42));

        String uri = new SegmentAddress.ByPath(SegmentKind.MMAP_FILE, file.toString(), Long.BYTES).uri();

        assertThat(uri).matches("[\\x21-\\x7e]+");
        assertThat(URI.create(uri).getPath()).isEqualTo(file.toString());
        assertThat(said(uri)).isEqualTo("42, closed by exec");
    }

    @ParameterizedTest
    @ValueSource(strings = {"plain", "a b", "a?b#c%20"})
    void posixObjectsOfAnyNameAreMapped(String name) throws Exception {
        Path file =
                Path.of("/dev/shm/shmkit-uri-test " + ProcessHandle.current().pid() + name);
        Files.write(file, number(7), StandardOpenOption.CREATE_NEW);
        try {
            assertThat(said(new SegmentAddress.ByPath(SegmentKind.POSIX_SHM, file.toString(), Long.BYTES).uri()))
                    .isEqualTo("7, closed by exec");
        } finally {
            Files.delete(file);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "file:/tmp/%4?size=8, Invalid argument",
        "file:/tmp/%zz?size=8, Invalid argument",
        "file:/tmp/%+1?size=8, Invalid argument",
        "file:/tmp/%00?size=8, Invalid argument",
        "file:/tmp/no%20such?size=8, No such file or directory",
    })
    void malformedEscapesAreRefused(String uri, String error) throws Exception {
        assertThat(said(uri)).isEqualTo(error);
    }

    @ParameterizedTest
    @CsvSource({"4080, File name too long", "4090, File name too long", "1000, File name too long"})
    void pathsBeyondTheLimitAreRefused(int length, String error) throws Exception {
        assertThat(said("file:/" + "x".repeat(length) + "?size=8")).isEqualTo(error);
        assertThat(said("posix:/" + "%41".repeat(length) + "?size=8")).isEqualTo(error);
    }
}
