package io.github.shmkit.maven.internal;

import static io.github.shmkit.maven.internal.Findings.SESSION;
import static io.github.shmkit.maven.internal.Findings.observed;
import static io.github.shmkit.maven.internal.Findings.posix;
import static io.github.shmkit.maven.internal.Findings.sysv;
import static io.github.shmkit.maven.internal.Findings.with;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.shmkit.internal.ipc.IpcKind;
import io.github.shmkit.internal.sweep.Claim.Proof;
import io.github.shmkit.internal.sweep.SweepReport.Finding;
import io.github.shmkit.internal.sweep.Verdict.Decision;
import io.github.shmkit.internal.sweep.Verdict.Rule;
import java.util.List;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class AlikeTests {
    private static List<String> lines(int count, IntFunction<Finding> finding) {
        List<Item> items = IntStream.range(0, count)
                .mapToObj(i -> Item.of(finding.apply(i), false, true, false, "", Remedies.NONE))
                .toList();
        return Alike.group(items).stream().flatMap(a -> a.lines().stream()).toList();
    }

    private static Finding queue(int id) {
        return with(sysv(IpcKind.SYSV_MSG, id, 0, 10), SESSION, new Proof.New(), Decision.SUSPECT, Rule.R7_UNUSED);
    }

    @Test
    void fewHaveALineEach() {
        assertThat(lines(3, AlikeTests::queue)).hasSize(3).allMatch(line -> line.contains("Remedy: mvn shm:clean"));
    }

    @Test
    void idsOfManyAreRuns() {
        assertThat(lines(1000, i -> queue(i < 500 ? i : i + 7)))
                .containsExactly(
                        "possibly leaked 1000 SYSV_MSG (9.8 KiB) with the ids 0 to 499, 507 to 1006, made by unknown as user 0;"
                                + " proof: none, but it is new",
                        "  They stay: so it is. Remedy: mvn shm:clean -Dshm.claim=msg:id:0, when it has rested for ten"
                                + " minutes; the same for each of the others");
    }

    @Test
    void namesOfManyAreAllTold() {
        List<String> lines = lines(40, i -> observed(posix("ring-" + i, 4096), SESSION, 7, "fio"));

        assertThat(lines).hasSize(4);
        assertThat(lines.get(0))
                .isEqualTo("possibly leaked 40 POSIX_SHM (160.0 KiB), made by fio, process 7 as user 0; proof: the"
                        + " kernel names that process, which descends from the build:");
        assertThat(String.join(", ", lines))
                .contains(IntStream.range(0, 40)
                        .mapToObj(i -> "/dev/shm/ring-" + i + " (4.0 KiB)")
                        .toList());
    }

    @Test
    void ofAnotherMakerIsNotAlike() {
        assertThat(lines(16, i -> observed(posix("ring-" + i, 1), SESSION, i, "fio")))
                .hasSize(16);
    }
}
