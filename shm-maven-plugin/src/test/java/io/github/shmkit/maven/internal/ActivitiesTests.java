package io.github.shmkit.maven.internal;

import static io.github.shmkit.maven.internal.Findings.SESSION;
import static io.github.shmkit.maven.internal.Findings.recorded;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.shmkit.internal.ipc.Identity;
import io.github.shmkit.internal.ipc.IpcKind;
import io.github.shmkit.internal.ipc.IpcObject;
import io.github.shmkit.internal.os.RawName;
import io.github.shmkit.internal.sweep.SweepReport.Finding;
import org.junit.jupiter.api.Test;

class ActivitiesTests {
    private final Activities activities = new Activities();

    @Test
    void tellWhatRanWhenAnObjectWasMade() {
        activities.begin("tests of a", 5_000);
        activities.end("tests of a", 7_000);
        activities.begin("tests of b", 6_500);

        assertThat(activities.at(made(new Identity.OfFile(1, 1, 4_000_000_000L))))
                .isEmpty();
        assertThat(activities.at(made(new Identity.OfFile(1, 1, 6_000_000_000L))))
                .isEqualTo("tests of a");
        assertThat(activities.at(made(new Identity.OfSysv(1, 1, 0, 6)))).isEqualTo("tests of a or tests of b");
        assertThat(activities.at(made(new Identity.OfSysv(1, 1, 0, 9)))).isEqualTo("tests of b");
        assertThat(activities.at(made(new Identity.OfFile(1, 1, 0)))).isEmpty();
    }

    private static Finding made(Identity identity) {
        IpcKind kind = identity instanceof Identity.OfFile ? IpcKind.POSIX_SHM : IpcKind.SYSV_SHM;
        return recorded(new IpcObject(kind, RawName.of("a"), identity, 1, 0, 0600, 0, 0, 0, 0, true), SESSION);
    }
}
