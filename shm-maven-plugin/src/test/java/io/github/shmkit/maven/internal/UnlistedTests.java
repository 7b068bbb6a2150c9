package io.github.shmkit.maven.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** With real files, directories and processes. */
class UnlistedTests {
    private final Path directory =
            Path.of("/dev/shm", "shmkit-unlisted-" + ProcessHandle.current().pid());
    private final Instant began = Instant.now();

    @AfterEach
    void removeDirectory() throws Exception {
        Files.deleteIfExists(directory.resolve("below/file"));
        Files.deleteIfExists(directory.resolve("below"));
        Files.deleteIfExists(directory);
    }

    @Test
    void showsDirectoriesBelowShm() throws Exception {
        Files.createDirectories(directory.resolve("below"));
        assertThat(Unlisted.all(false)).noneMatch(line -> line.contains(directory.toString()));
        Files.write(directory.resolve("below/file"), new byte[1 << 20]);

        assertThat(Unlisted.all(false))
                .contains("1.0 MiB in 1 file below " + directory + ", a directory of user " + BaselineFile.uid()
                        + ". Remedy, if it is yours: mvn shm:clean -Dshm.claim='" + directory.getFileName() + "*'");
    }

    @Test
    void advisesNobodyToRemoveDirectoriesOfOthers() throws Exception {
        assumeTrue(BaselineFile.uid() == 0, "needs root");
        Files.createDirectories(directory.resolve("below"));
        Files.write(directory.resolve("below/file"), new byte[1 << 20]);
        Files.setAttribute(directory, "unix:uid", 65534);

        assertThat(Unlisted.all(false))
                .contains("1.0 MiB in 1 file below " + directory + ", a directory of user 65534. It is for that user to"
                        + " remove");
    }

    @Test
    void aProcessThatHoldsUpWhoeverLooksEndsTheLook() throws Exception {
        CountDownLatch end = new CountDownLatch(1);
        Unlisted.Holding holding = Unlisted.held(
                pid -> {
                    try {
                        end.await();
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                    }
                    return false;
                },
                Duration.ofMillis(10));
        end.countDown();

        assertThat(holding.notes()).singleElement().asString().startsWith("not all processes could be looked at");
        assertThat(Unlisted.held(pid -> false).notes()).isEmpty();
    }

    @Test
    void showsWhoHoldsFilesWithoutName() throws Exception {
        Process holder = new ProcessBuilder(
                        "sh",
                        "-c",
                        "exec 3>\"$1\"; rm \"$1\"; head -c 300000 /dev/zero >&3; exec perl -e '$| = 1; print 1; sleep 600' 2>&1",
                        "sh",
                        directory.toString())
                .start();
        String held = "in /dev/shm without a name, held by perl (" + holder.pid() + "). Remedy: end perl ("
                + holder.pid() + ")";
        try {
            assertThat(holder.getInputStream().read()).isEqualTo('1');

            assertThat(Unlisted.all(false)).anyMatch(line -> line.equals("296.0 KiB " + held));
            assertThat(Unlisted.since(began)).anyMatch(line -> line.endsWith(held));
            assertThat(Unlisted.since(Instant.now().plusSeconds(60))).noneMatch(line -> line.endsWith(held));
        } finally {
            holder.destroyForcibly().waitFor();
        }
        assertThat(Unlisted.all(false)).noneMatch(line -> line.endsWith(held));
    }

    @Test
    void showsWhoHoldsWhatIsMappedOnly() throws Exception {
        Process holder = new ProcessBuilder("python3", "-c", """
                        import mmap, os, sys, time
                        for make in (lambda: os.memfd_create('x'), lambda: os.open(sys.argv[1], os.O_CREAT | os.O_RDWR)):
                            fd = make()
                            os.ftruncate(fd, 1 << 20)
                            m = mmap.mmap(fd, 1 << 20)
                            m[:] = b'x' * (1 << 20)
                            os.close(fd)
                            globals().setdefault('kept', []).append(m)
                        os.unlink(sys.argv[1])
                        print(flush=True)
                        time.sleep(600)
                        """, directory.toString()).start();
        try {
            assumeTrue(
                    holder.getInputStream().read() == '\n' && BaselineFile.uid() == 0,
                    "needs root, to look at mapped files, and python3");

            Set<Long> pids = new HashSet<>(Set.of(holder.pid()));
            holder.descendants().forEach(process -> pids.add(process.pid()));
            assertThat(Unlisted.lines(Unlisted.held(pids::contains).files()))
                    .anyMatch(line -> line.startsWith("1.0 MiB in memfds, held by python3"))
                    .anyMatch(line -> line.startsWith("1.0 MiB in /dev/shm without a name, held by python3"));
        } finally {
            holder.descendants().forEach(ProcessHandle::destroyForcibly);
            holder.destroyForcibly().waitFor();
        }
    }
}
