package io.github.shmkit.internal.sweep;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.github.shmkit.internal.os.Os;
import io.github.shmkit.internal.os.Stranger;
import io.github.shmkit.internal.session.SessionSecret;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

class CarriersTests {
    private final SessionSecret secret = SessionSecret.random();

    private List<Long> found() {
        return Carriers.find(Os.euid()).of(secret.id());
    }

    @Test
    void onlyTheSecretMakesACarrier() throws Exception {
        ProcessBuilder knowing = new ProcessBuilder("sleep", "60");
        knowing.environment().put(SessionSecret.VARIABLE, secret.text());
        ProcessBuilder guessing = new ProcessBuilder("sleep", "60");
        guessing.environment().put(SessionSecret.VARIABLE, secret.id().text());
        Process carrier = knowing.start();
        Process other = guessing.start();
        try {
            assertThat(found()).containsExactly(carrier.pid());
        } finally {
            carrier.destroyForcibly().waitFor();
            other.destroyForcibly().waitFor();
        }
    }

    @Test
    void noProcessThatAStrangerStartedIsACarrier(@TempDir Path folder) throws Exception {
        Stranger.assumePossible();
        Path setUserId = Stranger.setUserId(Path.of("/bin/sleep"), folder);
        Map<String, String> known = Map.of(SessionSecret.VARIABLE, secret.text());
        Process stranger = Stranger.start(known, "sleep", "60");
        Process asRoot = Stranger.start(known, setUserId.toString(), "60");
        try {
            Stranger.awaitSetUserId(asRoot);
            await().until(() -> Files.readString(Path.of("/proc", Long.toString(stranger.pid()), "comm"))
                    .equals("sleep\n"));
            assertThat(found()).isEmpty();
        } finally {
            stranger.destroyForcibly().waitFor();
            asRoot.destroyForcibly().waitFor();
        }
    }

    /** As one does that waits for a page from a file server; a FIFO that no process writes to stands for it. */
    @Test
    @Timeout(60)
    void anEnvironmentThatCannotBeReadInTimeIsUnknown(@TempDir Path proc) throws Exception {
        Path process = Files.createDirectory(proc.resolve("1000000"));
        Files.writeString(
                process.resolve("status"), "Name:\tstuck\nUid:\t%1$d\t%1$d\t%1$d\t%1$d\n".formatted(Os.euid()));
        Path environ = process.resolve("environ");
        assertThat(new ProcessBuilder("mkfifo", environ.toString()).start().waitFor())
                .isZero();

        Carriers carriers = Carriers.find(Os.euid(), proc, Duration.ofMillis(200));

        assertThat(carriers.unreadableSince(0)).isEqualTo(1);
        Files.newOutputStream(environ).close(); // lets the reader go
        Files.delete(environ);
        Files.writeString(environ, SessionSecret.VARIABLE + "=" + secret.text() + "\0");
        assertThat(Carriers.find(Os.euid(), proc, Duration.ofMinutes(1)))
                .as("the control: one that can be read")
                .isEqualTo(new Carriers(Map.of(secret.id(), List.of(1000000L)), List.of()));
    }
}
