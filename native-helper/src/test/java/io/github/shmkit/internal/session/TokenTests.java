package io.github.shmkit.internal.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.github.shmkit.internal.os.Compilers;
import io.github.shmkit.internal.os.Stranger;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What token.c makes of secrets, beside what Java makes of them. */
class TokenTests {
    private static final SessionSecret SECRET = SessionSecret.random();
    private static final String MINE = SessionSecret.VARIABLE + "=" + SECRET.text();

    @TempDir
    private static Path folder;

    private static Process peer;
    private static BufferedReader answers;

    @BeforeAll
    static void compile() throws Exception {
        Compilers.assumeInstalled("cc");
        Path program = folder.resolve("token-peer");
        Process cc = new ProcessBuilder(
                        "cc",
                        "-std=c11",
                        "-D_GNU_SOURCE",
                        "-O1",
                        "-Wall",
                        "-Wextra",
                        "-Werror",
                        "-fsanitize=address,undefined",
                        "-fno-sanitize-recover=all",
                        "-o",
                        program.toString(),
                        "src/test/c/token_peer.c",
                        "src/main/c/common/token.c",
                        "src/main/c/common/base64url.c",
                        "src/main/c/common/crc32.c",
                        "src/main/c/common/die.c",
                        "src/main/c/common/io.c",
                        "src/main/c/common/ledger.c",
                        "src/main/c/common/memory.c",
                        "src/main/c/common/procfs.c")
                .inheritIO()
                .start();
        assertThat(cc.waitFor()).isZero();
        peer = new ProcessBuilder(program.toString())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        answers = peer.inputReader(StandardCharsets.US_ASCII);
    }

    @AfterAll
    static void end() throws Exception {
        if (peer != null) {
            peer.getOutputStream().close();
            assertThat(peer.waitFor()).isZero();
        }
    }

    private static String ask(String line) throws IOException {
        peer.getOutputStream().write((line + "\n").getBytes(StandardCharsets.US_ASCII));
        peer.getOutputStream().flush();
        return String.valueOf(answers.readLine());
    }

    private static String hex(String text) {
        return HexFormat.of().formatHex(text.getBytes(StandardCharsets.UTF_8));
    }

    private static boolean belongs(String environment) throws IOException {
        return ask("belongs " + SECRET.id() + " " + hex(environment)).equals("1");
    }

    private static boolean carries(Process process) throws IOException {
        return ask("carries " + SECRET.id() + " " + process.pid()).equals("1");
    }

    // --- the hash ---

    /** Those of FIPS 180-4's examples, and that of nothing. */
    @ParameterizedTest
    @CsvSource({
        "'', e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "abc, ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
        "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq,"
                + " 248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1",
    })
    void hashesTheStandardsExamples(String text, String digest) throws Exception {
        assertThat(ask("sha256 " + hex(text))).isEqualTo(digest);
    }

    @Test
    void hashesAMillionBytes() throws Exception {
        assertThat(ask("sha256 " + hex("a".repeat(1_000_000))))
                .isEqualTo("cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
    }

    @Test
    void hashesEveryLengthAsJavaDoes() throws Exception {
        Random random = new Random(42);
        for (int length = 0; length <= 300; length++) {
            byte[] bytes = new byte[length];
            random.nextBytes(bytes);
            assertThat(ask("sha256 " + HexFormat.of().formatHex(bytes)))
                    .as("%d bytes", length)
                    .isEqualTo(HexFormat.of()
                            .formatHex(MessageDigest.getInstance("SHA-256").digest(bytes)));
        }
    }

    // --- environments ---

    @Test
    void findsTheSecretAmongVariables() throws Exception {
        assertThat(belongs(MINE + "\0")).isTrue();
        assertThat(belongs("A=b\0" + MINE + "\0C=d\0")).isTrue();
        assertThat(belongs("A=b\0C=d\0" + MINE + "\0")).isTrue();
        assertThat(belongs("SHMKIT_SESSION=" + SessionSecret.random().text() + "\0" + MINE + "\0"))
                .isTrue();
    }

    @Test
    void takesNothingElseForTheSecret() throws Exception {
        assertThat(belongs("")).isFalse();
        assertThat(belongs("SHMKIT_SESSION=" + SECRET.id() + "\0"))
                .as("the public id")
                .isFalse();
        assertThat(belongs("SHMKIT_SESSION=\0")).isFalse();
        assertThat(belongs("XSHMKIT_SESSION=" + SECRET.text() + "\0")).isFalse();
        assertThat(belongs(MINE + "A\0")).isFalse();
        assertThat(belongs(MINE)).as("cut off").isFalse();
        assertThat(belongs("SHMKIT_SESSION=" + SessionSecret.random().text() + "\0"))
                .isFalse();
    }

    // --- processes ---

    private static Process sleeping(ProcessBuilder builder) throws IOException {
        builder.environment().put(SessionSecret.VARIABLE, SECRET.text());
        return builder.start();
    }

    @Test
    void aProcessOfThisUserCarriesIt() throws Exception {
        Process mine = sleeping(new ProcessBuilder("sleep", "60"));
        Process other = new ProcessBuilder("env", SessionSecret.VARIABLE + "=" + SECRET.id(), "sleep", "60").start();
        try {
            assertThat(carries(mine)).isTrue();
            assertThat(carries(other)).as("who knows the id only").isFalse();
        } finally {
            other.destroyForcibly().waitFor();
            mine.destroyForcibly().waitFor();
        }
        assertThat(carries(mine)).as("a process that is gone").isFalse();
    }

    @Test
    void aStrangersProcessDoesNotWhateverItSays() throws Exception {
        Stranger.assumePossible();
        Process stranger = Stranger.start(Map.of(SessionSecret.VARIABLE, SECRET.text()), "sleep", "60");
        try {
            await().until(() -> Files.readString(Path.of("/proc", Long.toString(stranger.pid()), "comm"))
                    .equals("sleep\n")); // setpriv has the variable too
            assertThat(Files.readString(environ(stranger), StandardCharsets.ISO_8859_1))
                    .as("root could read it")
                    .contains(MINE);
            assertThat(carries(stranger)).isFalse();
        } finally {
            stranger.destroyForcibly().waitFor();
        }
    }

    @Test
    void norDoesASetUserIdProgramThatAStrangerStarted(@TempDir Path open) throws Exception {
        Stranger.assumePossible();
        Path program = Stranger.setUserId(Path.of("/bin/sleep"), open);
        Process stranger = Stranger.start(Map.of(SessionSecret.VARIABLE, SECRET.text()), program.toString(), "60");
        try {
            Stranger.awaitSetUserId(stranger);
            assertThat(carries(stranger)).isFalse();
        } finally {
            stranger.destroyForcibly().waitFor();
        }
    }

    private static Path environ(Process process) {
        return Path.of("/proc", Long.toString(process.pid()), "environ");
    }
}
