package scenario;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.io.Writer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Properties;
import org.junit.jupiter.api.Test;

/**
 * Tests code that has never heard of us, which makes objects, lives a moment, and forgets them: a script, the program that
 * the user property {@code leaky.program} names, or, where that is "java", Java code in this JVM.
 */
class LeakyTest {
    private static final String SCRIPT = """
            use strict;
            my $name = "/dev/shm/leaky." . $$;
            open(my $file, '>', $name) or die $!;
            syswrite($file, "x" x 8192);
            my $id = shmget(0, 4096, 0600 | 01000);
            defined($id) or die $!;
            select(undef, undef, undef, 0.5);
            print "$$ $id\\n";
            """;
    private static final int SIZE = 8192;
    private static final int MOMENT_MILLIS = 500;

    @Test
    void forgetsItsObjects() throws Exception {
        String program = System.getProperty("leaky.program", "");
        switch (program) {
            case "" -> leave(run("perl", "-e", SCRIPT), 2);
            case "java" -> leave(forgetFile() + " -1", 1);
            default -> leave(run("sh", "-c", "exec " + program), 2);
        }
    }

    /** What it prints: its pid, and the id of a segment. */
    private static String run(String... command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).trim();
        assertEquals(0, process.waitFor(), said);
        return said;
    }

    private static long forgetFile() throws IOException, InterruptedException {
        long pid = ProcessHandle.current().pid();
        Path file = Path.of("/dev/shm/leaky." + pid);
        try (FileChannel channel = FileChannel.open(
                file, StandardOpenOption.CREATE_NEW, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            channel.map(FileChannel.MapMode.READ_WRITE, 0, SIZE).putLong(0, 42);
        }
        Thread.sleep(MOMENT_MILLIS);
        return pid;
    }

    private static void leave(String said, int made) throws IOException {
        Properties evidence = new Properties();
        evidence.setProperty("secret", String.valueOf(System.getenv("SHMKIT_SESSION")));
        evidence.setProperty("pid", said.split(" ")[0]);
        evidence.setProperty("shmid", said.split(" ")[1]);
        evidence.setProperty("made", Integer.toString(made));
        evidence.setProperty("seen", Integer.toString(made));
        Path unfinished = Path.of("target/evidence");
        try (Writer out = Files.newBufferedWriter(unfinished)) {
            evidence.store(out, null);
        }
        Files.move(unfinished, Path.of("target/evidence.properties"), StandardCopyOption.REPLACE_EXISTING);
    }
}
