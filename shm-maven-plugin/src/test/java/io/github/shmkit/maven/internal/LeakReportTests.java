package io.github.shmkit.maven.internal;

import static io.github.shmkit.maven.internal.Findings.SESSION;
import static io.github.shmkit.maven.internal.Findings.acted;
import static io.github.shmkit.maven.internal.Findings.dead;
import static io.github.shmkit.maven.internal.Findings.posix;
import static io.github.shmkit.maven.internal.Findings.sysv;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.shmkit.internal.guard.Actuator.Outcome;
import io.github.shmkit.internal.ipc.IpcKind;
import io.github.shmkit.internal.ipc.IpcObject;
import java.util.List;
import org.junit.jupiter.api.Test;

class LeakReportTests {
    private static Item item(IpcObject object, boolean leak) {
        return Item.of(dead(object, SESSION), leak, false, "");
    }

    private static LeakReport report(Item... items) {
        return new LeakReport("2026-01-01T00:00:00Z", SESSION, List.of(items), List.of("a note"));
    }

    @Test
    void leaksComeFirstAndTheLargestFirstAmongThem() {
        LeakReport report = report(
                item(posix("huge", 1000), false),
                item(posix("b", 1), true),
                item(posix("a", 1), true),
                item(sysv(IpcKind.SYSV_SEM, 7, 1, 5000), true), // of no bytes
                item(posix("large", 100), true));

        assertThat(report.items())
                .extracting(Item::address)
                .containsExactly("/dev/shm/large", "/dev/shm/a", "/dev/shm/b", "id 7 key 0x00000001", "/dev/shm/huge");
        assertThat(report.leaks()).hasSize(4);
        assertThat(report.leakedBytes()).isEqualTo(102);
        assertThat(report.total()).isEqualTo("4 objects, 102 B");
    }

    @Test
    void equalOnesFollowTheirKind() {
        assertThat(report(item(sysv(IpcKind.SYSV_SHM, 1, 1, 1), true), item(posix("z", 1), true))
                        .items())
                .extracting(Item::kind)
                .containsExactly("POSIX_SHM", "SYSV_SHM");
    }

    @Test
    void whatWasRemovedIsNoLongerThere() {
        Item removed = Item.of(acted(dead(posix("a", 1), SESSION), Outcome.DELETED, 0), true, false, "");
        Item busy = Item.of(acted(dead(posix("b", 1), SESSION), Outcome.BUSY, 0), true, false, "");

        assertThat(report(removed, busy, item(posix("c", 1), false)).stillThere())
                .containsExactly(busy);
    }

    @Test
    void comesBackFromItsFileAsItWas() {
        LeakReport report = report(item(posix("a", 1), true), item(posix("b", 2), false));

        assertThat(LeakReport.ofJson(report.toJson())).isEqualTo(report);
        assertThat(report.toJson()).startsWith("""
                        {
                          "schema": 1,
                          "generator": "shm-maven-plugin",
                          "time": "2026-01-01T00:00:00Z",
                          "session": "%s",
                          "leaks": 1,
                          "leakedBytes": 1,
                          "objects": [
                        """.formatted(SESSION));
    }

    @Test
    void aFileOfAnotherReleaseIsRefused() {
        assertThatThrownBy(() -> LeakReport.ofJson("{\"schema\": 2}"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("schema is not 1");
    }

    @Test
    void whereNothingWasCheckedThereIsNoTime() {
        assertThat(LeakReport.ofNoCheck().isOfNoCheck()).isTrue();
        assertThat(report().isOfNoCheck()).isFalse();
    }
}
