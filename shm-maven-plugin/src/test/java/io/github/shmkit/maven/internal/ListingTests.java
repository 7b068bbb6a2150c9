package io.github.shmkit.maven.internal;

import static io.github.shmkit.maven.internal.Findings.OTHER;
import static io.github.shmkit.maven.internal.Findings.SESSION;
import static io.github.shmkit.maven.internal.Findings.dead;
import static io.github.shmkit.maven.internal.Findings.live;
import static io.github.shmkit.maven.internal.Findings.posix;
import static io.github.shmkit.maven.internal.Findings.report;
import static io.github.shmkit.maven.internal.Findings.sysv;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.shmkit.internal.ipc.IpcKind;
import io.github.shmkit.internal.os.RawName;
import io.github.shmkit.internal.sweep.SweepReport;
import java.util.List;
import org.junit.jupiter.api.Test;

class ListingTests {
    @Test
    void isATableWithTheLargestFirst() {
        assertThat(Listing.of(report(
                        dead(sysv(IpcKind.SYSV_SHM, 7, 0xbeef, 4096), SESSION + ".1"),
                        live(posix("shmkit." + OTHER + ".12.3", 3 << 20), OTHER + ".12"))))
                .containsExactly(
                        "KIND       SIZE     ADDRESS                                      SESSION                    VERDICT  RULE             REASON",
                        "POSIX_SHM  3.0 MiB  /dev/shm/shmkit.abcdefghijklmnopqrstuv.12.3  abcdefghijklmnopqrstuv.12  LIVE     R5_SESSION_DEAD  session abcdefghijklmnopqrstuv.12 is running",
                        "SYSV_SHM   4.0 KiB  id 7 key 0x0000beef                          0123456789012345678901.1   DELETE   R7_UNUSED        session 0123456789012345678901.1 is dead and left it",
                        "2 objects, 3.0 MiB; 1 would be removed by shm:clean");
    }

    @Test
    void saysThatThereIsNothingAndWhatCouldNotBeSeen() {
        assertThat(Listing.of(new SweepReport(List.of(), 0, List.of("/dev/mqueue:\nno such file"), true)))
                .containsExactly("note: /dev/mqueue:\\x0ano such file", "There is nothing.");
    }

    @Test
    void hostileNamesStayInTheirCell() {
        RawName name = RawName.of(
                "x\n[INFO] BUILD SUCCESS\u001b[2J##[error]".getBytes(java.nio.charset.StandardCharsets.UTF_8));

        assertThat(Listing.of(report(dead(Findings.file(IpcKind.POSIX_SEM, name, 32), SESSION + ".1"))))
                .hasSize(3)
                .element(1)
                .asString()
                .startsWith("POSIX_SEM  32 B  /dev/shm/x\\x0a[INFO] BUILD SUCCESS\\x1b[2J#\\x23[error]  " + SESSION);
    }

    @Test
    void namesTheOwner() {
        assertThat(Owner.of(dead(posix("psm_0", 1), ""))).isEqualTo(Owner.NONE).hasToString("-");
        assertThat(Owner.of(dead(posix("psm_0", 1), SESSION + ".4")))
                .isEqualTo(new Owner(SESSION, "4"))
                .hasToString(SESSION + ".4");
        assertThat(Owner.of(dead(posix("psm_0", 1), SESSION)))
                .isEqualTo(new Owner(SESSION, ""))
                .hasToString(SESSION);
    }
}
