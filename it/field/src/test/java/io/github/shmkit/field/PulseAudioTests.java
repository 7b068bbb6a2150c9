package io.github.shmkit.field;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.shmkit.Signal;
import io.github.shmkit.field.Program.Needs;
import io.github.shmkit.junit.ShmTestkit;
import io.github.shmkit.process.CommandHelper;
import io.github.shmkit.process.ExitPredicate;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Tag("slow")
@Timeout(60)
@Program(
        name = "PulseAudio",
        debian = "pulseaudio",
        needs = {@Needs(file = "pulseaudio", debian = "pulseaudio"), @Needs(file = "pacat", debian = "pulseaudio-utils")
        })
class PulseAudioTests {
    @TempDir
    private Path folder;

    private CommandHelper.Builder pulse(ShmTestkit kit, String helper, String... command) throws IOException {
        Path posix = Files.writeString(folder.resolve("pulse.conf"), "enable-memfd=no\n");
        return kit.command(helper, command)
                .env("HOME", folder.toString())
                .env("XDG_RUNTIME_DIR", folder.toString())
                .env("PULSE_CLIENTCONFIG", posix.toString())
                .env("PULSE_SERVER", "unix:" + folder.resolve("socket"));
    }

    private static long segments() throws IOException {
        try (Stream<Path> files = Files.list(Path.of("/dev/shm"))) {
            return files.filter(file -> file.getFileName().toString().startsWith("pulse-shm-"))
                    .count();
        }
    }

    @Test
    @Asked(
            operation = "a client killed while it plays from POSIX shared memory",
            question = "Does the server serve others, and is the dead client's segment removed?",
            answer = "Yes, but not before the next client starts, which looks for what the dead have left.",
            points = 1)
    void killedClient(ShmTestkit kit) throws IOException {
        String socket = "module-native-protocol-unix auth-anonymous=1 socket=" + folder.resolve("socket");
        pulse(kit, "server", "pulseaudio", "-n", "--exit-idle-time=-1", "-L", "module-null-sink", "-L", socket)
                .start();
        kit.await("server").until(() -> Files.exists(folder.resolve("socket")));
        CommandHelper player = pulse(kit, "player", "pacat", "/dev/zero").start();
        kit.await("plays").until(() -> segments() > 0);
        player.expectExit(ExitPredicate.killedBy(Signal.SIGKILL));
        player.kill();
        assertThat(segments()).isPositive();

        Programs.run(pulse(kit, "next client", "pactl", "info"));
        assertThat(segments()).isZero();
    }
}
