package io.github.shmkit.maven.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class OwnFolderTests {
    private static final Path NAME = Path.of("file");

    @TempDir
    private Path folder;

    @Test
    void replacesAndReads() throws Exception {
        try (OwnFolder own = OwnFolder.create(folder.resolve("a/b"))) {
            own.replace(NAME, "old");
            own.replace(NAME, "new");

            assertThat(own.read(NAME)).asString(StandardCharsets.UTF_8).isEqualTo("new");
            assertThat(own.list("le")).containsExactly(NAME);
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(folder.resolve("a/b/file"))))
                    .startsWith("rw-")
                    .doesNotMatch(".{4}w.*|.{7}w.");
        }
        assertThat(folder.resolve("a/b").toFile().list()).containsExactly("file");
    }

    @Test
    void replacesLinkAndNotItsTarget() throws Exception {
        Path victim = Files.writeString(folder.resolve("victim"), "precious");
        Files.createSymbolicLink(folder.resolve(NAME), victim);

        try (OwnFolder own = OwnFolder.open(folder)) {
            own.replace(NAME, "report");
        }

        assertThat(victim).hasContent("precious");
        assertThat(folder.resolve(NAME)).hasContent("report").isRegularFile();
        assertThat(Files.isSymbolicLink(folder.resolve(NAME))).isFalse();
    }

    @Test
    void readsNoLinkFifoOrGiant() throws Exception {
        Files.createSymbolicLink(folder.resolve("link"), Files.writeString(folder.resolve("target"), "x"));
        assertThat(new ProcessBuilder("mkfifo", folder.resolve("fifo").toString())
                        .start()
                        .waitFor())
                .isZero();
        try (RandomAccessFile giant =
                new RandomAccessFile(folder.resolve("giant").toFile(), "rw")) {
            giant.setLength(OwnFolder.SIZE_MAX + 1L);
        }
        try (OwnFolder own = OwnFolder.open(folder)) {
            assertThatThrownBy(() -> own.read(Path.of("link"))).hasMessage(folder + "/link is not a regular file");
            assertThatThrownBy(() -> own.read(Path.of("fifo"))).hasMessage(folder + "/fifo is not a regular file");
            assertThatThrownBy(() -> own.read(Path.of("giant"))).hasMessage(folder + "/giant is larger than 64.0 MiB");
            assertThatThrownBy(() -> own.read(Path.of("none"))).isInstanceOf(NoSuchFileException.class);
        }
    }

    @Test
    void readsNoFileThatOthersWriteTo() throws Exception {
        Path file = Files.writeString(folder.resolve(NAME), "x");
        try (OwnFolder own = OwnFolder.open(folder)) {
            for (String open : new String[] {"rw-rw-r--", "rw-r--rw-"}) {
                Stranger.mode(file, open);
                assertThatThrownBy(() -> own.read(NAME)).hasMessage("other users can write to " + file);
            }
            Stranger.mode(file, "rw-r--r--");
            assertThat(own.read(NAME)).hasSize(1);
        }
    }

    @Test
    void readsNoFileOfStranger() throws Exception {
        Stranger.assumePossible();
        Path file = Files.writeString(folder.resolve(NAME), "x");
        Stranger.mode(file, "rw-r--r--");
        Files.setAttribute(file, "unix:uid", Stranger.UID);

        try (OwnFolder own = OwnFolder.open(folder)) {
            assertThatThrownBy(() -> own.read(NAME)).hasMessageStartingWith(file + " belongs to user ");
        }
    }

    @Test
    void refusesFolderOfStranger() throws Exception {
        Stranger.assumePossible();
        Path strangers = Stranger.folder(folder, "strangers");

        assertThatThrownBy(() -> OwnFolder.create(strangers))
                .isInstanceOf(IOException.class)
                .hasMessage("the folder " + strangers + " belongs to user 65534, who can exchange files in it");
        Files.setAttribute(strangers, "unix:uid", 0);
        OwnFolder.create(strangers).close();
    }

    @Test
    void refusesFolderOpenToAllUnlessSticky() throws Exception {
        Path open = Files.createDirectory(folder.resolve("open"));
        Stranger.mode(open, "rwxrwxrwx");

        assertThatThrownBy(() -> OwnFolder.create(open))
                .hasMessage("every user can write to the folder " + open + ", and can exchange files in it");
        Files.setAttribute(open, "unix:mode", 01777);
        OwnFolder.create(open).close();
    }

    /** In an open folder, this is what a swapper did with each report as soon as it appeared. */
    @Test
    void writesToTheFileItCreatedWhateverHasItsName() throws Exception {
        Path victim = Files.writeString(folder.resolve("victim"), "precious");
        Path reports = Files.createDirectory(folder.resolve("reports"));
        Thread swapper = new Thread(() -> swap(reports, victim));
        swapper.start();
        try (OwnFolder own = OwnFolder.open(reports)) {
            for (int i = 0; i < 2000; i++) {
                try {
                    own.replace(NAME, "report");
                } catch (NoSuchFileException e) {
                    // the swapper took it away
                }
            }
        } finally {
            swapper.interrupt();
            swapper.join();
        }

        assertThat(victim).hasContent("precious");
    }

    private static void swap(Path reports, Path victim) {
        while (!Thread.interrupted()) {
            String[] names = reports.toFile().list((dir, name) -> name.startsWith(".shmkit"));
            for (String name : names == null ? new String[0] : names) {
                Path unfinished = reports.resolve(name);
                try {
                    Path link = Files.createSymbolicLink(reports.resolve("link"), victim);
                    Files.move(link, unfinished, java.nio.file.StandardCopyOption.ATOMIC_MOVE);
                } catch (IOException e) {
                    reports.resolve("link").toFile().delete();
                }
            }
        }
    }
}
