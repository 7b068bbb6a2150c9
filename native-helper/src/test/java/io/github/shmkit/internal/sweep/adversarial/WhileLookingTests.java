package io.github.shmkit.internal.sweep.adversarial;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.github.shmkit.internal.os.FileStatus;
import io.github.shmkit.internal.os.Os;
import io.github.shmkit.internal.os.ProcFs;
import io.github.shmkit.internal.os.RawName;
import io.github.shmkit.internal.session.ForgedSession;
import io.github.shmkit.internal.session.ForgedSession.Made;
import io.github.shmkit.internal.session.KernelView;
import io.github.shmkit.internal.sweep.Removal;
import io.github.shmkit.internal.sweep.SweepPolicy;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A sweep removes while it still looks, but only where nothing that it has yet to see can matter. */
@ExtendWith(PrivateShm.class)
class WhileLookingTests {
    private static final Path SHM = Path.of("/dev/shm");
    /** More than the plan holds back before it hands it over. */
    private static final int MANY = 300;

    private static List<Made> leaveMany(ForgedSession session) throws IOException {
        List<Made> made = new ArrayList<>();
        for (int i = 0; i < MANY; i++) {
            made.add(session.newShm());
        }
        return made;
    }

    @Test
    void whatOnlyLedgersNameGoesWhileTheRestIsLookedAt() throws Exception {
        try (ForgedSession session = ForgedSession.dead()) {
            List<Made> made = leaveMany(session);
            int[] lookedAt = new int[1];
            Removal.run(SweepPolicy.standard().withOnly(object -> {
                if (++lookedAt[0] == MANY) {
                    await("the first of them is gone before the last was judged")
                            .until(() -> !made.stream().allMatch(Made::exists));
                }
                return true;
            }));
            assertThat(lookedAt[0]).isEqualTo(MANY);
            assertThat(made).noneMatch(Made::exists);
        }
    }

    /**
     * A record each that makes verdicts depend on more than the ledgers: what was seen (class B, looked at twice), what is
     * new (class C), what can only be found by its key or in a list.
     */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "seen",
                "B E POSIX_SHM",
                "I 1 SYSV_SHM 5eed0007 4096",
                "I 1 SYSV_SEM 5eed0007 1 1",
                "I 1 POSIX_MQ L25vbmU 0"
            })
    void elsewhereNothingGoesBeforeEverythingWasLookedAt(String record) throws Exception {
        Path seen = Files.writeString(SHM.resolve("seen"), "by a watchdog");
        try (ForgedSession session = ForgedSession.dead();
                ForgedSession other = ForgedSession.withHeader(WhileLookingTests::asYoungAsUs)) {
            List<Made> made = leaveMany(session);
            if (record.equals("seen")) {
                other.record("B E POSIX_SHM");
            }
            other.record(record.equals("seen") ? observation(seen) : record);
            int[] lookedAt = new int[1];
            Removal.run(SweepPolicy.standard().withOnly(object -> {
                lookedAt[0]++;
                assertThat(KernelView.shmFiles(session.id()).stream().filter(name -> name.startsWith("shmkit.")))
                        .hasSize(MANY);
                return true;
            }));
            assertThat(lookedAt[0]).isGreaterThanOrEqualTo(MANY);
            assertThat(made).as("the control: in the end they do go").noneMatch(Made::exists);
            assertThat(Files.exists(seen)).isEqualTo(!record.equals("seen"));
        }
    }

    /** So that of processes that cannot be looked at, and may be the session's, there are none. */
    private static void asYoungAsUs(String[] header) {
        header[ForgedSession.START_TIME] =
                Long.toString(ProcFs.startTime(ProcessHandle.current().pid()).orElseThrow());
    }

    private static String observation(Path file) {
        byte[] path = file.toString().getBytes(StandardCharsets.UTF_8);
        FileStatus status = Os.lstatat(Os.AT_FDCWD, path).orElseThrow();
        return "O F POSIX_SHM " + RawName.of(file.getFileName().toString()).base64() + " " + status.device() + " "
                + status.inode() + " " + status.btimeNanos() + " " + Os.euid() + " " + status.size() + " 4711 1 D -";
    }
}
