package io.github.shmkit.internal.helper;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.shmkit.internal.helper.JvmArguments.Parent;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

class JvmArgumentsTests {
    private static final List<String> OURS = List.of(
            "--enable-native-access=ALL-UNNAMED",
            "-XX:ErrorFile=/tmp/hs_err_%p.log",
            "-XX:+UseSerialGC",
            "-XX:TieredStopAtLevel=1",
            "-Xshare:auto",
            "-XX:-UsePerfData");

    private static List<String> of(JvmArguments arguments, String... options) {
        return arguments.of(new Parent(List.of(options), "", "", ""), Path.of("/tmp"), "");
    }

    @Test
    void leavesAwayWhatTwoJvmsMustNotShare() {
        assertThat(of(
                        JvmArguments.PLAIN,
                        "-javaagent:/x/jacoco.jar=destfile=y",
                        "-agentlib:jdwp=transport=dt_socket",
                        "-agentpath:/x.so",
                        "-Xrunjdwp:x",
                        "-Xdebug",
                        "-Xmx4g",
                        "-Xms1g",
                        "-Xmn1g",
                        "-XX:MaxHeapSize=1g",
                        "-XX:MaxRAMPercentage=70",
                        "-XX:InitialRAMPercentage=70",
                        "-XX:+UseG1GC",
                        "-XX:-UseParallelGC",
                        "-XX:ErrorFile=/x",
                        "-XX:SharedArchiveFile=/x",
                        "-XX:StartFlightRecordingFile=1",
                        "-Xlog:gc:file=gc.log",
                        "-Xloggc:gc.log",
                        "-Xshare:off",
                        "-Dcom.sun.management.jmxremote.port=1",
                        "--module-path=/m"))
                .isEqualTo(OURS);
    }

    @Test
    void keepsTheRest() {
        assertThat(of(
                        JvmArguments.PLAIN,
                        "-ea",
                        "-Dx=y",
                        "-Xss2m",
                        "--add-opens=java.base/java.nio=ALL-UNNAMED",
                        "--add-exports=a/b=c",
                        "--add-modules=jdk.incubator.vector",
                        "--enable-preview"))
                .startsWith(
                        "-ea",
                        "-Dx=y",
                        "-Xss2m",
                        "--add-opens=java.base/java.nio=ALL-UNNAMED",
                        "--add-exports=a/b=c",
                        "--add-modules=jdk.incubator.vector",
                        "--enable-preview")
                .endsWith("-Xshare:auto", "-XX:-UsePerfData");
    }

    @Test
    void inheritsAgentsWhenAskedButNeverTheDebugger() {
        assertThat(of(new JvmArguments(true, false, List.of()), "-javaagent:/x/jacoco.jar", "-agentlib:jdwp=x"))
                .startsWith("-javaagent:/x/jacoco.jar", OURS.get(0))
                .doesNotContain("-agentlib:jdwp=x");
    }

    @Test
    void usersOptionsComeLast() {
        assertThat(of(new JvmArguments(false, true, List.of("-Xmx64m"))))
                .endsWith("-agentlib:jdwp=transport=dt_socket,server=y,suspend=y,address=localhost:0", "-Xmx64m");
    }

    @Test
    void thisJvmIsTheParent() {
        assertThat(Parent.current().classPath()).isEqualTo(System.getProperty("java.class.path"));
    }

    @Test
    void takesModulesAndNativeAccessOver() {
        assertThat(JvmArguments.PLAIN.of(
                        new Parent(List.of("--enable-native-access=com.sun.jna"), "/a:/b", "/m1:/m2", "my.app/my.Main"),
                        Path.of("/e"),
                        "io.github.shmkit"))
                .containsSubsequence("--enable-native-access=com.sun.jna,ALL-UNNAMED", "--module-path=/m1:/m2")
                .containsSubsequence("--add-modules=my.app", "--add-modules=io.github.shmkit", "-cp", "/a:/b");
    }

    @Test
    void argumentFileKeepsEveryCharacter() {
        assertThat(JvmArguments.file(List.of("-Dx=a b", "C:\\y \"z\"")))
                .isEqualTo("\"-Dx=a b\"\n\"C:\\\\y \\\"z\\\"\"\n");
    }
}
