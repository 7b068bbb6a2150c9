package io.github.shmkit.junit;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.shmkit.process.CommandHelper;
import io.github.shmkit.process.Exit;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** What helpers say is read, although no test asks for it. */
@ExtendWith(ShmExtension.class)
class OutputTests {
    private static final String CHATTY = "head -c 1000000 /dev/zero | tr '\\0' 'x'; head -c 1000000 /dev/zero >&2";

    @Test
    void aChattyHelperDoesNotBlock(ShmTestkit kit) {
        CommandHelper helper = kit.command("chatty", "/bin/sh", "-c", CHATTY).start();

        assertThat(helper.awaitExit(Duration.ofSeconds(30))).isEqualTo(Exit.code(0));
        assertThat(helper.stdout().total()).isEqualTo(1_000_000);
        assertThat(helper.stderr().total()).isEqualTo(1_000_000);
    }

    /** Control: a pipe holds 64 KiB. */
    @Test
    void whatNobodyReadsBlocks() throws IOException, InterruptedException {
        Process process = new ProcessBuilder("/bin/sh", "-c", CHATTY).start();
        try {
            assertThat(process.waitFor(300, TimeUnit.MILLISECONDS)).isFalse();
        } finally {
            process.descendants().forEach(ProcessHandle::destroyForcibly);
            process.destroyForcibly().waitFor();
        }
    }
}
