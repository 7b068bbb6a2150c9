package io.github.shmkit.field;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.shmkit.Segment;
import io.github.shmkit.SegmentAddress;
import io.github.shmkit.SegmentKind;
import io.github.shmkit.field.Program.Needs;
import io.github.shmkit.junit.CrashPoint;
import io.github.shmkit.junit.EachCrashPoint;
import io.github.shmkit.junit.Shm;
import io.github.shmkit.junit.ShmTestkit;
import io.github.shmkit.process.CommandHelper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Tag("slow")
@Timeout(60)
@Program(
        name = "X server, MIT-SHM",
        debian = "xvfb",
        needs = {
            @Needs(file = "Xvfb", debian = "xvfb"),
            @Needs(file = "/usr/include/X11/extensions/XShm.h", debian = "libxext-dev")
        })
class XvfbTests {
    @TempDir
    private static Path folder;

    private static String program;

    @BeforeAll
    static void compile() throws Exception {
        program = Programs.compile(folder, "mit_shm.c", "-lX11", "-lXext");
    }

    @EachCrashPoint
    @Asked(
            operation = "XShmPutImage, each pixel stored into an image shared with the server",
            question = "Does the server draw for others, and detach from the dead client's segment?",
            answer = "Yes.",
            points = 17)
    void draw(CrashPoint at, @Shm(kind = SegmentKind.SYSV_SHM, size = 64) Segment image, ShmTestkit kit) {
        CommandHelper server = kit.command("server", "Xvfb", "-displayfd", "1", "-nolisten", "tcp", "-noreset")
                .start();
        kit.await("display").until(() -> server.stdout().text().endsWith("\n"));
        String display = ":" + server.stdout().text().strip();
        at.runAndCrash(kit.command("client", program, display, "{shmid}").attach(image));

        at.othersGoOn(kit.command("next client", program, display, "{shmid}").attach(image));

        kit.await("detached").untilAsserted(() -> assertThat(attached(image)).isEqualTo(1));
    }

    private static long attached(Segment segment) throws IOException {
        String id = " " + ((SegmentAddress.BySysv) segment.address()).shmid() + " ";
        return Files.readAllLines(Path.of("/proc/sysvipc/shm")).stream()
                .filter(row -> row.contains(id))
                .mapToLong(row -> Long.parseLong(row.strip().split(" +", -1)[6]))
                .sum();
    }
}
