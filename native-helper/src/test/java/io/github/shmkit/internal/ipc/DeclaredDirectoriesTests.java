package io.github.shmkit.internal.ipc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.shmkit.internal.os.RawName;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DeclaredDirectoriesTests {
    private static final Path FOLDER = Path.of("/home/me/project");

    @ParameterizedTest
    @CsvSource({
        "target/ring, /home/me/project/target/ring",
        "./target//ring/, /home/me/project/target/ring",
        "/var/tmp/app-*, /var/tmp/app-*",
        "' /opt/app/?', /opt/app/?",
    })
    void isAbsolute(String text, String pattern) {
        assertThat(DeclaredDirectories.parse(text, FOLDER)).isEqualTo(pattern);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                " ",
                "/",
                "/tmp",
                "/*",
                "/*/*",
                "/var/tmp",
                "/var/tmp/",
                "/dev/shm",
                "/dev/shm/a",
                "/proc/1",
                "/sys/a"
            })
    void placesOfOthersAreRefused(String text) {
        assertThatThrownBy(() -> DeclaredDirectories.parse(text, FOLDER))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("'" + text + "'")
                .hasMessageContaining("give a directory");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"target/**/ring", "target/[ab]", "target/{a,b}", "target/a\\b", "../ring", "target/../../ring"})
    void otherWildcardsAndWaysUpAreRefused(String text) {
        assertThatThrownBy(() -> DeclaredDirectories.parse(text, FOLDER))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("'" + text + "' has ");
    }

    @Test
    void containsFilesBelowAtAnyDepth() {
        DeclaredDirectories declared = new DeclaredDirectories(List.of("/a/b-*", "/c/d.e"));
        for (String in : List.of("/a/b-/x", "/a/b-1/x/y", "/c/d.e/f")) {
            assertThat(declared.contain(RawName.of(in))).as(in).isTrue();
        }
        for (String out : List.of("/a/b-1", "/a/x/b-1/y", "/a/b/x", "/c/dxe/f", "/z/a/b-1/x")) {
            assertThat(declared.contain(RawName.of(out))).as(out).isFalse();
        }
    }

    @Test
    void listsFilesAndFollowsNoLinks(@TempDir Path folder) throws Exception {
        Path real = folder.toRealPath();
        Path inside = Files.writeString(
                Files.createDirectories(real.resolve("app-1/deep")).resolve("file"), "x");
        Path outside = Files.writeString(
                Files.createDirectories(real.resolve("outside")).resolve("file"), "x");
        Files.createSymbolicLink(real.resolve("app-1/link"), outside);
        Files.createSymbolicLink(real.resolve("app-2"), outside.getParent());
        List<String> found = new ArrayList<>();
        List<String> gaps = new ArrayList<>();

        new DeclaredDirectories(List.of(real + "/app-*"))
                .scan(object -> found.add(object.name().text()), gaps::add);

        assertThat(found).containsExactly(inside.toString());
        assertThat(gaps).isEmpty();
    }
}
