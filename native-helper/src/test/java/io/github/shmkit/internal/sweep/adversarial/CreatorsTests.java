package io.github.shmkit.internal.sweep.adversarial;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.shmkit.internal.ipc.IpcKind;
import io.github.shmkit.internal.sweep.RunningBuild;
import java.util.List;
import org.junit.jupiter.api.parallel.Isolated;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Who lives for a fifth of a second after he made something is named, though he let go of it at once. */
@Isolated
class CreatorsTests {
    private static final int CREATORS = 5;
    private static final String OWN_WORLD = "mkdir $new/shm $new/mqueue; mount -t tmpfs -o mode=1777 shm $new/shm; "
            + "mount -t mqueue mqueue $new/mqueue";

    @ParameterizedTest
    @EnumSource(names = {"SYSV_SHM", "POSIX_SHM", "POSIX_SEM", "POSIX_MQ"})
    void whoeverMadeItIsNamedAndItGoesAtTheBuildsEnd(IpcKind kind) throws Exception {
        Programs.assumeUnshare("--mount", "--ipc");
        if (kind == IpcKind.POSIX_MQ) {
            RunningBuild.assumeThatTheKernelTellsCreators(6, 8);
        } else if (!kind.isSysv()) {
            RunningBuild.assumeThatTheKernelTellsCreators(5, 17);
        }
        String creators =
                "for i in $(seq " + CREATORS + "); do " + Holder.program() + " let-go " + kind + " /made$i; done";
        try (RunningBuild build = RunningBuild.start(Programs.inOtherDev(OWN_WORLD), creators)) {
            List<String> said = build.tell("sweep");
            assertThat(said.stream().filter(line -> line.startsWith(kind + " ")))
                    .as(String.join("\n", said))
                    .hasSize(CREATORS)
                    .allMatch(line -> line.contains("DELETE R7_UNUSED process ")
                            && line.contains("/holder let-go " + kind)
                            && line.endsWith("[removed]"));
            assertThat(said).contains("finished true");
        }
    }
}
