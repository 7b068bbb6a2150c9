package io.github.shmkit.maven.internal;

import static io.github.shmkit.maven.internal.Findings.SESSION;
import static io.github.shmkit.maven.internal.Findings.acted;
import static io.github.shmkit.maven.internal.Findings.dead;
import static io.github.shmkit.maven.internal.Findings.live;
import static io.github.shmkit.maven.internal.Findings.observed;
import static io.github.shmkit.maven.internal.Findings.posix;
import static io.github.shmkit.maven.internal.Findings.recorded;
import static io.github.shmkit.maven.internal.Findings.sysv;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.shmkit.internal.guard.Actuator.Outcome;
import io.github.shmkit.internal.ipc.Identity;
import io.github.shmkit.internal.ipc.IpcKind;
import io.github.shmkit.internal.ipc.IpcObject;
import io.github.shmkit.internal.os.RawName;
import io.github.shmkit.internal.sweep.SweepReport.Finding;
import io.github.shmkit.maven.internal.Item.Fate;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ItemTests {
    private static final String NOON = "2026-01-01T12:00:00Z";
    private static final long NOON_SECONDS = 1767268800;

    private static Item item(Finding finding) {
        return Item.of(finding, true, false, "");
    }

    private static IpcObject made(IpcKind kind, Identity identity) {
        return new IpcObject(kind, RawName.of("a"), identity, 1, 0, 0600, NOON_SECONDS, 4711, 4712, 0, true);
    }

    @ParameterizedTest
    @CsvSource({
        "/usr/bin/perl -e x, perl",
        "perl, perl",
        "./a.out, a.out",
        "'', ''",
        "' /bin/sh -c x ', sh",
        "a/b /c/d, b",
    })
    void aProgramIsNamedWithoutFolderAndArguments(String command, String program) {
        assertThat(item(observed(posix("x", 1), SESSION, 77, command)).creator())
                .isEqualTo(program);
    }

    @Test
    void argumentsAreForThoseWhoAskForThem() {
        Finding finding = observed(posix("x", 1), SESSION, 77, "perl --password=x");

        assertThat(item(finding).reason())
                .isEqualTo("process 77 of session " + SESSION + " made it and nobody uses it");
        assertThat(Item.of(finding, true, true, "").reason()).contains("process 77 (perl --password=x) of");
        assertThat(Item.of(finding, true, true, "").creator()).isEqualTo("perl --password=x");
    }

    @Test
    void theMakerIsNamedAsFarAsHeIsKnown() {
        assertThat(item(observed(posix("x", 1), SESSION, 77, "perl")).maker()).isEqualTo("perl, process 77");
        assertThat(item(observed(posix("x", 1), SESSION, 77, "")).maker()).isEqualTo("process 77");
        assertThat(item(recorded(posix("x", 1), SESSION + ".2")).maker()).isEqualTo("test JVM 2");
        assertThat(item(dead(posix("x", 1), SESSION)).maker()).isEqualTo("unknown");
        assertThat(Item.of(dead(posix("x", 1), SESSION + ".2"), true, false, "surefire:test of a")
                        .maker())
                .isEqualTo("test JVM 2, during surefire:test of a");
    }

    @Test
    void whatIsTheSameInEachBuildHasNoPid() {
        assertThat(item(observed(posix("x", 1), SESSION, 77, "perl")).creatorInBuild())
                .isEqualTo("perl");
        assertThat(item(dead(posix("x", 1), SESSION)).creatorInBuild()).isEqualTo("unknown");
        assertThat(Item.of(dead(posix("x", 1), SESSION), true, false, "exec of a")
                        .creatorInBuild())
                .isEqualTo("unknown, during exec of a");
    }

    @Test
    void ofASegmentTheKernelTellsWhoMadeIt() {
        Identity identity = new Identity.OfSysv(1, 2, 0, NOON_SECONDS);

        assertThat(item(dead(made(IpcKind.SYSV_SHM, identity), SESSION)).process())
                .isEqualTo("process 4711");
        assertThat(item(dead(made(IpcKind.SYSV_MSG, identity), SESSION)).process())
                .isEqualTo("unknown");
    }

    @Test
    void timesAreThoseOfTheWorld() {
        Item file = item(dead(
                made(IpcKind.POSIX_SHM, new Identity.OfFile(1, 2, NOON_SECONDS * 1_000_000_000 + 208_999_999)),
                SESSION));

        assertThat(file.made()).isEqualTo("2026-01-01T12:00:00.208Z");
        assertThat(file.touched()).isEqualTo(NOON);
        assertThat(item(dead(made(IpcKind.SYSV_SHM, new Identity.OfSysv(1, 2, 0, NOON_SECONDS)), SESSION))
                        .made())
                .isEqualTo(NOON);
    }

    @Test
    void aTimeThatIsNotKnownIsEmpty() {
        assertThat(item(dead(made(IpcKind.POSIX_SHM, new Identity.OfFile(1, 2, 0)), SESSION))
                        .made())
                .isEmpty();
        assertThat(item(dead(made(IpcKind.SYSV_SHM, new Identity.OfSysv(1, 2, 0, 0)), SESSION))
                        .made())
                .isEmpty();
    }

    @Test
    void onlyAFileHasTheBytesOfAName() {
        assertThat(item(dead(posix("psm", 1), SESSION)).nameBase64()).isEqualTo("cHNt");
        assertThat(item(dead(made(IpcKind.SYSV_SHM, new Identity.OfSysv(1, 2, 0, 0)), SESSION))
                        .nameBase64())
                .isEmpty();
    }

    @Test
    void semaphoresHaveNoBytes() {
        Item set = item(dead(sysv(IpcKind.SYSV_SEM, 1, 2, 3), SESSION));

        assertThat(set.hasBytes()).isFalse();
        assertThat(set.bytes()).isZero();
        assertThat(set.sizeText()).isEqualTo("3 semaphores");
        assertThat(item(dead(sysv(IpcKind.SYSV_SEM, 1, 2, 1), SESSION)).sizeText())
                .isEqualTo("1 semaphore");
        assertThat(item(dead(posix("a", 2048), SESSION)).bytes()).isEqualTo(2048);
        assertThat(item(dead(posix("a", 2048), SESSION)).sizeText()).isEqualTo("2.0 KiB");
    }

    @Test
    void theFateTellsWhatBecameOfIt() {
        Finding finding = dead(posix("a", 1), SESSION + ".1");

        assertThat(item(acted(finding, Outcome.DELETED, 0)).fate()).isEqualTo(Fate.REMOVED);
        assertThat(item(acted(finding, Outcome.GONE, 0)).fate()).isEqualTo(Fate.REMOVED);
        assertThat(item(acted(finding, Outcome.BUSY, 0)).fate()).isEqualTo(Fate.STAYS);
        assertThat(item(finding).fate()).isEqualTo(Fate.LEAKED);
        assertThat(Item.of(live(posix("a", 1), SESSION), false, false, "").fate())
                .isEqualTo(Fate.KEPT);
        assertThat(Fate.values())
                .extracting(Fate::text)
                .containsExactly("removed", "could not be removed", "left behind", "may be left behind", "kept");
    }

    @Test
    void theOwnerIsTheSessionAndItsTestJvm() {
        assertThat(item(dead(posix("a", 1), SESSION + ".12")).owner()).isEqualTo(SESSION + ".12");
        assertThat(item(dead(posix("a", 1), SESSION)).owner()).isEqualTo(SESSION);
        assertThat(item(dead(posix("a", 1), "")).owner()).isEqualTo("-");
    }

    @Test
    void comesBackFromItsFileAsItWas() {
        Item item = Item.of(
                acted(observed(posix("a\n", 1), SESSION, 77, "perl"), Outcome.DENIED, 13), true, false, "exec of a");

        assertThat(Item.of(Json.read(Json.write(item.toMap())))).isEqualTo(item);
    }

    @Test
    void aFileThatLacksSomethingIsRefusedWithItsName() {
        Map<String, Object> map =
                new HashMap<>(item(dead(posix("a", 1), SESSION)).toMap());
        map.remove("rule");

        assertThatThrownBy(() -> Item.of((Object) map))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("no rule of the right type");
    }
}
