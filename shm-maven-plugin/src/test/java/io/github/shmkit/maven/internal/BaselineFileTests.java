package io.github.shmkit.maven.internal;

import static io.github.shmkit.maven.internal.Findings.posix;
import static io.github.shmkit.maven.internal.Findings.sysv;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.shmkit.internal.ipc.Identity;
import io.github.shmkit.internal.ipc.IpcKind;
import io.github.shmkit.internal.ipc.IpcObject;
import io.github.shmkit.internal.os.RawName;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BaselineFileTests {
    @TempDir
    private Path folder;

    @Test
    void comesBackAsItWas() throws Exception {
        Path file = folder.resolve("a/before.json");
        BaselineFile baseline = BaselineFile.of(List.of(posix("a", 1), sysv(IpcKind.SYSV_SHM, 1, 2, 3)));

        baseline.write(file);

        assertThat(BaselineFile.read(file)).isEqualTo(baseline);
        assertThat(baseline.contains(sysv(IpcKind.SYSV_SHM, 1, 2, 99))).isTrue();
        assertThat(baseline.contains(sysv(IpcKind.SYSV_SEM, 1, 2, 3))).isFalse();
    }

    @Test
    void replacesLinkAndNotItsTarget() throws Exception {
        Path victim = Files.writeString(folder.resolve("victim"), "precious");
        Path file = Files.createSymbolicLink(folder.resolve("before.json"), victim);

        BaselineFile.of(List.of()).write(file);

        assertThat(victim).hasContent("precious");
        assertThat(Files.isSymbolicLink(file)).isFalse();
    }

    @Test
    void writesNewFileWhereStrangerPreparedOne() throws Exception {
        Stranger.assumePossible();
        Path file = Files.createFile(folder.resolve("before.json"));
        Files.setAttribute(file, "unix:uid", Stranger.UID);
        Stranger.mode(file, "rw-rw-rw-");

        BaselineFile.of(List.of(posix("a", 1))).write(file);

        assertThat(Files.getAttribute(file, "unix:uid")).isEqualTo((int) BaselineFile.uid());
        assertThat(BaselineFile.read(file).size()).isEqualTo(1);
    }

    @Test
    void thatStrangersCanChangeIsRefused() throws Exception {
        Path file = folder.resolve("before.json");
        BaselineFile.of(List.of(posix("a", 1))).write(file);
        Stranger.mode(file, "rw-rw-rw-");

        assertThatThrownBy(() -> BaselineFile.read(file))
                .isInstanceOf(BadInputException.class)
                .hasMessage("shm.baseline: " + file + " cannot be read: other users can write to " + file
                        + "; make a new one with shm:snapshot in a folder that only you can write to");
        Stranger.mode(file, "rw-r--r--");
        assertThat(BaselineFile.read(file).size()).isEqualTo(1);
    }

    @Test
    void inFolderOfStrangerIsRefused() throws Exception {
        Stranger.assumePossible();
        Path strangers = Stranger.folder(folder, "strangers");
        assertThatThrownBy(() -> BaselineFile.of(List.of()).write(strangers.resolve("before.json")))
                .hasMessageContaining("belongs to user 65534");

        Files.setAttribute(strangers, "unix:uid", 0);
        BaselineFile.of(List.of()).write(strangers.resolve("before.json"));
        Files.setAttribute(strangers, "unix:uid", Stranger.UID);
        assertThatThrownBy(() -> BaselineFile.read(strangers.resolve("before.json")))
                .isInstanceOf(BadInputException.class)
                .hasMessageContaining("belongs to user 65534");
    }

    @Test
    void ofAnotherBootIsRefused() throws Exception {
        Path file = folder.resolve("before.json");
        BaselineFile.of(List.of()).write(file);
        Files.writeString(file, Files.readString(file).replaceAll("\"boot\": \"[^\"]*\"", "\"boot\": \"x\""));

        assertThatThrownBy(() -> BaselineFile.read(file))
                .isInstanceOf(BadInputException.class)
                .hasMessage(
                        "shm.baseline: " + file + " is of another boot, host or container (boot differs); make a new"
                                + " one with shm:snapshot where it is checked");
    }

    @Test
    void saysInOneLineWhatIsWrong() throws Exception {
        assertThatThrownBy(() -> BaselineFile.read(folder.resolve("no\nne")))
                .isInstanceOf(BadInputException.class)
                .hasMessage(
                        "shm.baseline: " + folder
                                + "/no\\x0ane does not exist; make a new one with shm:snapshot before the step that is checked");
        for (String wrong :
                List.of("", "{", "[]", "{\"schema\": \"1\"}", "{\"schema\": 1}", "{\"schema\": 1} x", "{\"a\"")) {
            Path file = Files.writeString(folder.resolve("wrong"), wrong);
            assertThatThrownBy(() -> BaselineFile.read(file))
                    .isInstanceOf(BadInputException.class)
                    .hasMessageStartingWith("shm.baseline: " + file + " is no baseline: ");
        }
        Path newer = Files.writeString(folder.resolve("newer"), "{\"schema\": 2}");
        assertThatThrownBy(() -> BaselineFile.read(newer))
                .hasMessage("shm.baseline: " + newer + " is another release's; make a new one with shm:snapshot");
    }

    @Test
    void anotherFileOfTheSameNameIsNew() {
        BaselineFile baseline = BaselineFile.of(List.of(file(1, 2, 3), sysv(IpcKind.SYSV_SHM, 1, 2, 3)));

        assertThat(baseline.size()).isEqualTo(2);
        assertThat(baseline.contains(file(1, 2, 3))).isTrue();
        assertThat(baseline.contains(file(9, 2, 3))).isFalse();
        assertThat(baseline.contains(file(1, 9, 3))).isFalse();
        assertThat(baseline.contains(file(1, 2, 9))).isFalse();
        assertThat(baseline.contains(sysv(IpcKind.SYSV_SHM, 9, 2, 3))).isFalse();
    }

    private static IpcObject file(long device, long inode, long born) {
        return new IpcObject(
                IpcKind.POSIX_SHM,
                RawName.of("a"),
                new Identity.OfFile(device, inode, born),
                1,
                0,
                0600,
                0,
                0,
                0,
                -1,
                true);
    }

    @Test
    void thisUserIsTheOneWhoOwnsWhatHeMakes() throws Exception {
        assertThat(Files.getAttribute(Files.createFile(folder.resolve("mine")), "unix:uid"))
                .isEqualTo((int) BaselineFile.uid());
    }
}
