package io.github.shmkit.internal.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.shmkit.ShmException;
import io.github.shmkit.internal.os.Errno;
import io.github.shmkit.internal.os.Os;
import io.github.shmkit.internal.os.OsException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class PrivateDirTests {
    /** The end of the last session in it takes the directory away; whoever is about to begin one must not fail of it. */
    @Test
    void whatGoesBeforeTheFirstFileIsInItIsMadeAgain() {
        List<String> paths = new ArrayList<>();
        String name = SessionId.random() + ".lock";
        int lock = PrivateDir.enter("try it", SessionId.random(), dir -> {
            paths.add(dir.path());
            if (paths.size() < 40) {
                throw new OsException("open", name, Errno.ENOENT);
            }
            int fd = dir.takeLock(name);
            assertThat(dir.takeLock(name)).as("it is taken now").isNegative();
            assertThat(Path.of(dir.path(), name)).exists();
            Os.unlinkat(dir.fd(), name);
            dir.removeIfEmpty();
            dir.close();
            return fd;
        });
        Os.close(lock);
        assertThat(paths).hasSize(40).allMatch(path -> path.startsWith("/dev/shm/.shmkit-"));
    }

    @Test
    void anotherErrorIsTheCallersAtOnce() {
        List<Integer> tries = new ArrayList<>();
        assertThatThrownBy(() -> PrivateDir.enter("try it", SessionId.random(), dir -> {
                    tries.add(dir.fd());
                    throw new OsException("open", "it", Errno.ENOSPC);
                }))
                .isInstanceOf(ShmException.class)
                .hasMessageMatching(
                        "cannot try it in /dev/shm/.shmkit-\\S+: open\\(it\\): ENOSPC .*; /dev/shm must be writable and "
                                + "not be full \\(`df /dev/shm`\\)");
        assertThat(tries).hasSize(1);
    }
}
