package io.github.shmkit.internal.os;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.DataInputStream;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The peer is this process too, by the paths that another one would be given. */
class PipePairTests {
    private static final int PATIENCE_MILLIS = 10_000;

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    /** A FileInputStream's own methods for that would ask for its length. */
    private static byte[] read(InputStream in, int length) throws IOException {
        byte[] bytes = new byte[length];
        new DataInputStream(in).readFully(bytes);
        return bytes;
    }

    @Test
    void whatOneWritesTheOtherReads() throws IOException {
        try (PipePair pipes = new PipePair();
                InputStream in = new FileInputStream(pipes.peerReads());
                OutputStream out = new FileOutputStream(pipes.peerWrites())) {
            pipes.closePeersEnds();

            assertThat(pipes.write(bytes("question"), 0, 0)).isEqualTo(8);
            assertThat(read(in, 8)).isEqualTo(bytes("question"));
            assertThat(pipes.write(bytes("question"), 5, 0)).isEqualTo(3);
            assertThat(read(in, 3)).isEqualTo(bytes("ion"));
            out.write(bytes("answer"));
            byte[] answer = new byte[100];
            assertThat(pipes.read(answer, PATIENCE_MILLIS)).isEqualTo(6);
            assertThat(Arrays.copyOf(answer, 6)).isEqualTo(bytes("answer"));
        }
    }

    @Test
    void nothingBlocksHereWhereThePeerDoesNothing() throws IOException {
        try (PipePair pipes = new PipePair();
                InputStream in = new FileInputStream(pipes.peerReads());
                OutputStream out = new FileOutputStream(pipes.peerWrites())) {
            pipes.closePeersEnds();
            byte[] much = new byte[1 << 20];
            int taken = 0;
            for (int more = pipes.write(much, 0, 0); more > 0; more = pipes.write(much, taken, 0)) {
                taken += more;
            }

            assertThat(taken).as("bytes that the pipe took").isBetween(1, much.length - 1);
            assertThat(pipes.write(much, taken, 1)).isZero();
            assertThat(read(in, taken)).hasSize(taken);
            assertThat(pipes.write(much, taken, 0)).isPositive();
            assertThat(pipes.read(new byte[1], 1)).as("nothing came").isZero();
            out.write('x');
            assertThat(pipes.read(new byte[1], PATIENCE_MILLIS)).isEqualTo(1);
        }
    }

    @Test
    void theEndOfOneIsSeenByTheOther() throws IOException {
        try (PipePair pipes = new PipePair()) {
            try (InputStream in = new FileInputStream(pipes.peerReads());
                    OutputStream out = new FileOutputStream(pipes.peerWrites())) {
                assertThat(in).isNotNull();
                assertThat(out).isNotNull();
                pipes.closePeersEnds();
            }
            assertThat(pipes.read(new byte[1], PATIENCE_MILLIS)).isEqualTo(-1);
            assertThatThrownBy(() -> pipes.write(new byte[1], 0, PATIENCE_MILLIS))
                    .isInstanceOf(OsException.class)
                    .hasMessageContaining("EPIPE");
        }
        PipePair pipes = new PipePair();
        try (InputStream in = new FileInputStream(pipes.peerReads())) {
            pipes.close();
            assertThat(in.read()).isEqualTo(-1);
        }
        assertThatThrownBy(() -> pipes.read(new byte[1], 0)).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> pipes.write(new byte[1], 0, 0)).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void noOtherUserCanOpenThem() throws Exception {
        Stranger.assumePossible();
        List<String> nobody = Stranger.command();
        try (PipePair pipes = new PipePair()) {
            Path reads = Path.of(pipes.peerReads());
            Path writes = Path.of(pipes.peerWrites());
            assertThat(run(List.of(), "test", "-r", reads.toString()))
                    .as("the control: this user")
                    .isZero();
            assertThat(run(nobody, "sh", "-c", "exec < " + reads)).isNotZero();
            assertThat(run(nobody, "sh", "-c", "exec > " + writes)).isNotZero();
            assertThat(run(List.of(), "sh", "-c", "exec > " + writes))
                    .as("the control: this user")
                    .isZero();
        }
    }

    private static int run(List<String> prefix, String... command) throws Exception {
        List<String> all = new ArrayList<>(prefix);
        all.addAll(List.of(command));
        return new ProcessBuilder(all)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start()
                .waitFor();
    }
}
