package io.github.shmkit.maven.internal;

import static io.github.shmkit.maven.internal.Findings.OTHER;
import static io.github.shmkit.maven.internal.Findings.SESSION;
import static io.github.shmkit.maven.internal.Findings.dead;
import static io.github.shmkit.maven.internal.Findings.posix;
import static io.github.shmkit.maven.internal.Findings.sysv;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.shmkit.internal.ipc.Identity;
import io.github.shmkit.internal.ipc.IpcKind;
import io.github.shmkit.internal.ipc.IpcObject;
import io.github.shmkit.internal.os.RawName;
import io.github.shmkit.internal.sweep.SweepReport.Finding;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class OrderTests {
    private static List<String> sorted(Order order, Finding... findings) {
        return Stream.of(findings)
                .sorted(order.comparator())
                .map(finding -> Printable.address(finding.object()))
                .toList();
    }

    private static Finding made(String name, Identity identity) {
        IpcKind kind = identity instanceof Identity.OfSysv ? IpcKind.SYSV_SHM : IpcKind.POSIX_SHM;
        return dead(new IpcObject(kind, RawName.of(name), identity, 1, 0, 0600, 0, 0, 0, -1, true), SESSION);
    }

    @Test
    void theLargestComesFirstAndEqualOnesByName() {
        assertThat(sorted(
                        Order.SIZE,
                        dead(posix("b", 1), SESSION),
                        dead(posix("a", 1), SESSION),
                        dead(posix("c", 2), SESSION)))
                .containsExactly("/dev/shm/c", "/dev/shm/a", "/dev/shm/b");
    }

    @Test
    void equalOnesWithoutANameFollowTheirIds() {
        assertThat(sorted(
                        Order.KIND,
                        dead(sysv(IpcKind.SYSV_SHM, 2, 7, 1), SESSION),
                        dead(sysv(IpcKind.SYSV_SHM, 1, 7, 1), SESSION)))
                .containsExactly("id 1 key 0x00000007", "id 2 key 0x00000007");
    }

    @Test
    void theOldestComesFirstWhereFilesTellNanosAndTheOthersSeconds() {
        assertThat(sorted(
                        Order.MADE,
                        made("late", new Identity.OfFile(1, 1, 3_000_000_001L)),
                        made("", new Identity.OfSysv(7, 1, 0, 3)),
                        made("early", new Identity.OfFile(1, 2, 2_999_999_999L))))
                .containsExactly("/dev/shm/early", "id 7 key 0x00000001", "/dev/shm/late");
    }

    @Test
    void sessionsStandTogether() {
        assertThat(sorted(
                        Order.SESSION,
                        dead(posix("a", 1), OTHER + ".1"),
                        dead(posix("b", 9), SESSION + ".2"),
                        dead(posix("c", 1), SESSION + ".1")))
                .containsExactly("/dev/shm/c", "/dev/shm/b", "/dev/shm/a");
    }

    @ParameterizedTest
    @CsvSource({"size, SIZE", "' Name', NAME", "KIND, KIND", "made, MADE", "session, SESSION", "'', SIZE", "' ', SIZE"})
    void isNamedInAnyCaseAndBySizeOtherwise(String name, Order order) throws Exception {
        assertThat(Order.parse(name)).isEqualTo(order);
    }

    @Test
    void whatIsNoOrderIsRefused() {
        assertThatThrownBy(() -> Order.parse("age"))
                .isInstanceOf(BadInputException.class)
                .hasMessage("shm.sort: 'age' is no order; give size, name, kind, made or session");
    }
}
