package scenario;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Properties;
import org.junit.jupiter.api.Test;

/** Tests code that has never heard of us: a script that makes objects, lives a moment, and forgets them. */
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

    @Test
    void forgetsItsObjects() throws Exception {
        Process perl = new ProcessBuilder("perl", "-e", SCRIPT)
                .redirectErrorStream(true)
                .start();
        String said = new String(perl.getInputStream().readAllBytes(), StandardCharsets.UTF_8).trim();
        assertEquals(0, perl.waitFor(), said);

        Properties evidence = new Properties();
        evidence.setProperty("session", String.valueOf(System.getenv("SHMKIT_SESSION")));
        evidence.setProperty("pid", said.split(" ")[0]);
        evidence.setProperty("shmid", said.split(" ")[1]);
        evidence.setProperty("made", "2");
        evidence.setProperty("seen", "2");
        Path unfinished = Path.of("target/evidence");
        try (Writer out = Files.newBufferedWriter(unfinished)) {
            evidence.store(out, null);
        }
        Files.move(unfinished, Path.of("target/evidence.properties"), StandardCopyOption.REPLACE_EXISTING);
    }
}
