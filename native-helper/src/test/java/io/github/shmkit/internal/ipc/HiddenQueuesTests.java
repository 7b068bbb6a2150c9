package io.github.shmkit.internal.ipc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.shmkit.internal.os.Os;
import java.io.File;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HiddenQueuesTests {
    /** In mounts that are gone with the shell: mounts the queues on $1, and does $2 with $1/$3. */
    private static final String SCRIPT = "mount -t mqueue none \"$1\" && $2 \"$1/$3\"";

    private final String name = "shmkit-hidden-" + ProcessHandle.current().pid();

    @TempDir
    private Path folder;

    @BeforeEach
    void isRoot() throws Exception {
        assumeTrue(Os.euid() == 0 && inOwnMounts("test -d") == 0, "needs root, to mount the queues");
    }

    private int inOwnMounts(String action) throws Exception {
        String file = action.equals("test -d") ? "" : name;
        return new ProcessBuilder("unshare", "-m", "sh", "-c", SCRIPT, "sh", folder.toString(), action, file)
                .inheritIO()
                .start()
                .waitFor();
    }

    @Test
    void showsQueuesToOneThreadOnly() throws Exception {
        assertThat(inOwnMounts("touch")).isZero();
        List<String> seen = new ArrayList<>();
        try {
            Optional<String> refused = HiddenQueues.show(directory -> seen.addAll(List.of(new File(directory).list())));

            assertThat(refused).isEmpty();
            assertThat(seen).contains(name);
            assertThat(Path.of("/dev/shm", name)).doesNotExist();
        } finally {
            assertThat(inOwnMounts("rm")).isZero();
        }
        List<String> control = new ArrayList<>();
        assertThat(HiddenQueues.show(directory -> control.addAll(List.of(new File(directory).list()))))
                .isEmpty();
        assertThat(control).doesNotContain(name);
    }
}
