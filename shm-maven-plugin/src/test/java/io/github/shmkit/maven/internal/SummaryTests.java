package io.github.shmkit.maven.internal;

import static io.github.shmkit.maven.internal.Findings.OTHER;
import static io.github.shmkit.maven.internal.Findings.SESSION;
import static io.github.shmkit.maven.internal.Findings.acted;
import static io.github.shmkit.maven.internal.Findings.dead;
import static io.github.shmkit.maven.internal.Findings.live;
import static io.github.shmkit.maven.internal.Findings.posix;
import static io.github.shmkit.maven.internal.Findings.report;
import static io.github.shmkit.maven.internal.Findings.sysv;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.shmkit.internal.guard.Actuator.Outcome;
import io.github.shmkit.internal.ipc.IpcKind;
import io.github.shmkit.internal.sweep.SweepReport;
import io.github.shmkit.internal.sweep.SweepReport.Finding;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SummaryTests {
    @Test
    void saysWhoLeftWhat() {
        SweepReport report = report(
                acted(dead(posix("a", 4096), SESSION + ".1"), Outcome.DELETED, 0),
                acted(dead(sysv(IpcKind.SYSV_SHM, 1, 2, 8192), SESSION + ".1"), Outcome.GONE, 0),
                acted(dead(sysv(IpcKind.SYSV_SEM, 1, 2, 3), OTHER + ".2"), Outcome.DELETED, 0),
                live(posix("b", 4096), OTHER + ".3"));

        assertThat(Summary.removed(report, SESSION))
                .containsExactly(
                        "removed 2 objects (12.0 KiB: POSIX_SHM, SYSV_SHM) that test JVM 1 of this build left",
                        "removed 1 object (0 B: SYSV_SEM) that test JVM 2 of session abcdefghijklmnopqrstuv, which is"
                                + " dead, left");
        assertThat(Summary.kept(report)).isEmpty();
    }

    @Test
    void staysShortWhenManyLeftSomething() {
        Finding[] findings = IntStream.rangeClosed(1, 9)
                .mapToObj(fork -> acted(dead(posix("a", 100), SESSION + "." + fork), Outcome.DELETED, 0))
                .toArray(Finding[]::new);

        assertThat(Summary.removed(report(findings), SESSION))
                .hasSize(5)
                .last()
                .isEqualTo("removed 5 objects (500 B: POSIX_SHM) that 5 more left");
    }

    @Test
    void countsProcesses() {
        assertThat(Summary.removed(new SweepReport(List.of(), 1, List.of(), true), SESSION))
                .containsExactly("ended 1 process that dead test JVMs left");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            BUSY     |  0 | a process uses it; remedy: end the process that uses it, which is another user's or another container's
            CHANGED  |  0 | it is another object by now; remedy: mvn shm:clean
            DENIED   | 13 | permission denied (errno 13); remedy: mvn shm:clean
            STRANDED |  0 | it was in use, and its name was taken while it was examined; remedy: mvn shm:clean
            UNKNOWN  | 22 | whether a process uses it could not be determined (errno 22); remedy: mvn shm:clean
            """)
    void saysWhatStaysAndWhy(Outcome outcome, int errno, String why) {
        assertThat(Summary.kept(report(acted(dead(posix("a\n", 1), SESSION + ".1"), outcome, errno))))
                .containsExactly("could not remove POSIX_SHM /dev/shm/a\\x0a: " + why);
    }

    @Test
    void saysWhoLeftItAsFarAsThatIsKnown() {
        assertThat(Summary.removed(
                        report(
                                acted(dead(posix("a", 1), ""), Outcome.DELETED, 0),
                                acted(dead(posix("b", 1), SESSION), Outcome.MARKED, 0),
                                acted(dead(posix("c", 1), OTHER), Outcome.DELETED, 0)),
                        SESSION))
                .containsExactly(
                        "removed 1 object (1 B: POSIX_SHM) that a dead test JVM left",
                        "removed 1 object (1 B: POSIX_SHM) that a program of this build left",
                        "removed 1 object (1 B: POSIX_SHM) that a program of session abcdefghijklmnopqrstuv, which is"
                                + " dead, left");
    }

    @Test
    void fourThatStayAreNamedAndTheOthersCounted() {
        Finding[] findings = IntStream.rangeClosed(1, 6)
                .mapToObj(i -> acted(dead(posix("a" + i, 1), SESSION + ".1"), Outcome.BUSY, 0))
                .toArray(Finding[]::new);

        assertThat(Summary.kept(report(findings)))
                .hasSize(5)
                .last()
                .isEqualTo("could not remove 2 more; shm:list shows them");
        assertThat(Summary.kept(report(Arrays.copyOf(findings, 4))))
                .hasSize(4)
                .last()
                .isEqualTo(
                        "could not remove POSIX_SHM /dev/shm/a4: a process uses it; remedy: end the process that uses it, which"
                                + " is another user's or another container's");
    }
}
