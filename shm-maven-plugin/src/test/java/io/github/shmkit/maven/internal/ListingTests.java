package io.github.shmkit.maven.internal;

import static io.github.shmkit.maven.internal.Findings.OTHER;
import static io.github.shmkit.maven.internal.Findings.SESSION;
import static io.github.shmkit.maven.internal.Findings.dead;
import static io.github.shmkit.maven.internal.Findings.live;
import static io.github.shmkit.maven.internal.Findings.posix;
import static io.github.shmkit.maven.internal.Findings.report;
import static io.github.shmkit.maven.internal.Findings.sysv;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.shmkit.internal.ipc.IpcKind;
import io.github.shmkit.internal.os.RawName;
import io.github.shmkit.internal.sweep.Claim;
import io.github.shmkit.internal.sweep.SweepReport;
import io.github.shmkit.internal.sweep.Verdict.Decision;
import io.github.shmkit.internal.sweep.Verdict.Rule;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ListingTests {
    @Test
    void isATableWithTheLargestFirst() {
        assertThat(list(report(
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
        assertThat(list(new SweepReport(List.of(), 0, List.of("/dev/mqueue:\nno such file"), true)))
                .containsExactly("note: /dev/mqueue:\\x0ano such file", "No objects.");
    }

    @Test
    void hostileNamesStayInTheirCell() {
        RawName name = RawName.of(
                "x\n[INFO] BUILD SUCCESS\u001b[2J##[error]".getBytes(java.nio.charset.StandardCharsets.UTF_8));

        assertThat(list(report(dead(Findings.file(IpcKind.POSIX_SEM, name, 32), SESSION + ".1"))))
                .hasSize(3)
                .element(1)
                .asString()
                .startsWith("POSIX_SEM  32 B  /dev/shm/x\\x0a[INFO] BUILD SUCCESS\\x1b[2J#\\x23[error]  " + SESSION);
    }

    @Test
    void isSortedAsTheUserWants() throws Exception {
        SweepReport report = report(
                dead(posix("b", 10), SESSION + ".1"),
                dead(sysv(IpcKind.SYSV_SHM, 7, 0xbeef, 4096), OTHER + ".1"),
                dead(posix("a", 20), SESSION + ".2"));

        assertThat(column(report, "size", 1)).containsExactly("4.0 KiB", "20 B", "10 B");
        assertThat(column(report, "Name", 2)).containsExactly("/dev/shm/a", "/dev/shm/b", "id 7 key 0x0000beef");
        assertThat(column(report, "kind", 0)).containsExactly("SYSV_SHM", "POSIX_SHM", "POSIX_SHM");
        assertThat(column(report, "session", 3)).containsExactly(SESSION + ".1", SESSION + ".2", OTHER + ".1");
        assertThatThrownBy(() -> Order.parse("ag\ne"))
                .isInstanceOf(BadInputException.class)
                .hasMessage("shm.sort: 'ag\\x0ae' is no order; give size, name, kind, made or session");
    }

    private static List<String> column(SweepReport report, String order, int index) throws Exception {
        return Listing.of(report, Order.parse(order), false).stream()
                .skip(1)
                .limit(report.findings().size())
                .map(line -> line.split(" {2,}", -1)[index])
                .toList();
    }

    @Test
    void aTerminalSeesVerdictsInColours() {
        SweepReport report = report(dead(posix("a", 1), SESSION + ".1"), live(posix("b", 2), OTHER + ".1"));

        List<String> coloured = Listing.of(report, Order.SIZE, true);

        assertThat(coloured.get(0)).isEqualTo(list(report).get(0));
        assertThat(coloured.get(1)).contains("  \u001b[32mLIVE\u001b[m     R5");
        assertThat(coloured.get(2)).contains("  \u001b[31mDELETE\u001b[m   R7");
        assertThat(coloured.stream().map(line -> line.replaceAll("\u001b\\[\\d*m", "")))
                .containsExactlyElementsOf(list(report));
        assertThat(Terminal.isColoured(Map.of())).isTrue();
        assertThat(Terminal.isColoured(Map.of("NO_COLOR", ""))).isTrue();
        assertThat(Terminal.isColoured(Map.of("NO_COLOR", "1"))).isFalse();
    }

    @Test
    void saysWhatToDoNext() {
        assertThat(Listing.next(report(dead(posix("a", 1), SESSION + ".1")), true))
                .containsExactly("Next: 'mvn shm:clean' removes them, and with -Dshm.dryRun only says so.");
        assertThat(Listing.next(report(), false))
                .containsExactly("Objects not related to shmkit are hidden; use -Dshm.all to list them.");
        assertThat(Listing.next(
                        report(Findings.with(
                                posix("a", 1), "", new Claim.Proof.New(), Decision.SUSPECT, Rule.R4_EXCLUSIVE)),
                        true))
                .containsExactly("SUSPECT is never removed; if it is yours, -Dshm.claim=<name> lets shm:clean do it.");
    }

    private static List<String> list(SweepReport report) {
        return Listing.of(report, Order.SIZE, false);
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
