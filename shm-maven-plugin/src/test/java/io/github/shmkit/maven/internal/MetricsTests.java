package io.github.shmkit.maven.internal;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class MetricsTests {
    @Test
    void everyKindHasItsObjectsAndItsBytes() {
        assertThat(Metrics.of(SampleReport.report())).isEqualTo("""
                # TYPE shmkit_leaked_objects gauge
                # HELP shmkit_leaked_objects IPC objects that the last check found left behind
                shmkit_leaked_objects{kind="SYSV_SHM"} 1
                shmkit_leaked_objects{kind="SYSV_SEM"} 0
                shmkit_leaked_objects{kind="SYSV_MSG"} 0
                shmkit_leaked_objects{kind="POSIX_SHM"} 3
                shmkit_leaked_objects{kind="POSIX_SEM"} 1
                shmkit_leaked_objects{kind="POSIX_MQ"} 1
                shmkit_leaked_objects{kind="MMAP_FILE"} 0
                shmkit_leaked_objects{kind="DIRECTORY"} 0
                # TYPE shmkit_leaked_bytes gauge
                # UNIT shmkit_leaked_bytes bytes
                # HELP shmkit_leaked_bytes Memory that they hold
                shmkit_leaked_bytes{kind="SYSV_SHM"} 524288
                shmkit_leaked_bytes{kind="SYSV_SEM"} 0
                shmkit_leaked_bytes{kind="SYSV_MSG"} 0
                shmkit_leaked_bytes{kind="POSIX_SHM"} 20971520
                shmkit_leaked_bytes{kind="POSIX_SEM"} 32
                shmkit_leaked_bytes{kind="POSIX_MQ"} 80
                shmkit_leaked_bytes{kind="MMAP_FILE"} 0
                shmkit_leaked_bytes{kind="DIRECTORY"} 0
                # EOF
                """);
    }

    @Test
    void nothingIsZeroOfEveryKind() {
        assertThat(Metrics.of(new LeakReport("now", "", List.of(), List.of())).lines())
                .filteredOn(line -> !line.startsWith("#"))
                .hasSize(16)
                .allMatch(line -> line.endsWith(" 0"));
    }
}
