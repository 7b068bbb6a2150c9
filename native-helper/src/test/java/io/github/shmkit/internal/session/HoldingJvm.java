package io.github.shmkit.internal.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Another JVM that holds a segment of every kind, see {@link SegmentHolder}. */
public record HoldingJvm(Process process, String session, long supervisor, int shmid, long daemon)
        implements AutoCloseable {
    public static HoldingJvm start(String... args) throws IOException {
        return start(Map.of(), args);
    }

    /** With these variables besides ours. */
    public static HoldingJvm start(Map<String, String> environment, String... args) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                System.getProperty("java.class.path"),
                SegmentHolder.class.getName()));
        command.addAll(List.of(args));
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.environment().remove(SessionSecret.VARIABLE);
        builder.environment().putAll(environment);
        Process process = builder.redirectError(ProcessBuilder.Redirect.INHERIT).start();
        BufferedReader out = process.inputReader(StandardCharsets.UTF_8);
        String[] told = out.readLine().split(" ", -1);
        return new HoldingJvm(
                process, told[0], Long.parseLong(told[1]), Integer.parseInt(told[2]), Long.parseLong(told[3]));
    }

    /** Whether any of its objects exists. */
    public boolean hasObjects() {
        return KernelView.sysvExists(shmid)
                || !KernelView.shmFiles("shmkit." + session).isEmpty()
                || !KernelView.mappedFiles(session).isEmpty();
    }

    /** Whether any object, lock, ledger or socket of its session exists. */
    public boolean hasFiles() {
        return !KernelView.shmFiles(session).isEmpty();
    }

    /** Nobody is left who would clean at once. */
    public void killWithItsSupervisor() throws InterruptedException {
        ProcessHandle guard = ProcessHandle.of(supervisor).orElseThrow();
        guard.destroyForcibly();
        await().until(() -> !guard.isAlive());
        process.destroyForcibly().waitFor();
    }

    /** Removes what is left with the ordinary tools. */
    public void cleanByHand() throws Exception {
        run("ipcrm -m " + shmid);
        removeFilesByHand();
    }

    /** The same, where no System V segment is left. */
    public void removeFilesByHand() throws Exception {
        run("rm -f /dev/shm/shmkit." + session + ".* /dev/shm/.shmkit-*/" + session + ".*");
        run("rm -f " + System.getProperty("java.io.tmpdir") + "/shmkit-*/shmkit." + session + ".*");
    }

    private static void run(String command) throws Exception {
        assertThat(new ProcessBuilder("sh", "-c", command).start().waitFor()).isZero();
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }
}
