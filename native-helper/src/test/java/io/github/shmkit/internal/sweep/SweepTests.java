package io.github.shmkit.internal.sweep;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.shmkit.internal.guard.Actuator;
import io.github.shmkit.internal.session.HoldingJvm;
import io.github.shmkit.internal.session.KernelView;
import io.github.shmkit.internal.sweep.Verdict.Decision;
import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Isolated;

/** Real leftovers of real JVMs; only the objects of the test's own session count. */
@Isolated
class SweepTests {
    private static List<SweepReport.Finding> of(HoldingJvm jvm, SweepReport report) {
        return report.findings().stream()
                .filter(f -> f.object().name().text().contains(jvm.session())
                        || f.object().address().startsWith("id " + jvm.shmid() + " "))
                .toList();
    }

    @Test
    void whatAKilledJvmAndItsKilledSupervisorLeftIsRemoved() throws Exception {
        try (HoldingJvm jvm = HoldingJvm.start()) {
            jvm.killWithItsSupervisor();
            assertThat(jvm.hasObjects()).isTrue();

            SweepReport report = Removal.run(SweepPolicy.standard());

            assertThat(of(jvm, report)).hasSize(3).allMatch(SweepReport.Finding::isRemoved);
            assertThat(jvm.hasObjects()).isFalse();
            assertThat(jvm.hasFiles()).isFalse();
            assertThat(of(jvm, Removal.run(SweepPolicy.standard()))).isEmpty();
        }
    }

    @Test
    void aLivingJvmKeepsEverything() throws Exception {
        try (HoldingJvm jvm = HoldingJvm.start()) {
            int files = KernelView.shmFiles(jvm.session()).size();
            Removal.run(SweepPolicy.standard());
            assertThat(KernelView.shmFiles(jvm.session())).hasSize(files);
            assertThat(KernelView.sysvExists(jvm.shmid())).isTrue();
        }
    }

    @Test
    void aStoppedJvmKeepsEverything() throws Exception {
        try (HoldingJvm jvm = HoldingJvm.start()) {
            signal("STOP", jvm.process().pid());
            signal("STOP", jvm.supervisor());
            Removal.run(SweepPolicy.standard());
            assertThat(jvm.hasObjects()).isTrue();
            signal("CONT", jvm.supervisor());
        }
    }

    @Test
    void aDryRunTellsAndTouchesNothing() throws Exception {
        try (HoldingJvm jvm = HoldingJvm.start()) {
            jvm.killWithItsSupervisor();
            int files = KernelView.shmFiles(jvm.session()).size();

            SweepReport report = Survey.report(SweepPolicy.standard());

            assertThat(of(jvm, report))
                    .hasSize(3)
                    .allMatch(f -> f.verdict().decision() == Decision.DELETE
                            && f.result().isEmpty());
            assertThat(KernelView.shmFiles(jvm.session())).hasSize(files);
            assertThat(KernelView.sysvExists(jvm.shmid())).isTrue();
            Removal.run(SweepPolicy.standard());
        }
    }

    @Test
    void whatAnotherProcessHasOpenStaysUntilItLetsGo() throws Exception {
        try (HoldingJvm jvm = HoldingJvm.start()) {
            Path object = posixObject(jvm);
            ProcessBuilder builder = new ProcessBuilder("sleep", "600");
            builder.environment().remove("SHMKIT_SESSION");
            Process holder = builder.redirectInput(object.toFile()).start();
            try {
                jvm.killWithItsSupervisor();
                SweepReport report = Removal.run(SweepPolicy.standard());
                assertThat(of(jvm, report))
                        .filteredOn(SweepReport.Finding::isKept)
                        .singleElement()
                        .satisfies(f ->
                                assertThat(f.result().orElseThrow().outcome()).isEqualTo(Actuator.Outcome.BUSY));
                assertThat(object).exists();
            } finally {
                holder.destroyForcibly().waitFor();
            }
            Removal.run(SweepPolicy.standard());
            assertThat(object).doesNotExist();
            assertThat(jvm.hasFiles()).isFalse();
        }
    }

    @Test
    void aNameThatNowMeansAnotherFileStays() throws Exception {
        try (HoldingJvm jvm = HoldingJvm.start()) {
            Path object = posixObject(jvm);
            jvm.killWithItsSupervisor();
            Files.delete(object);
            Files.writeString(object, "somebody else's", StandardOpenOption.CREATE_NEW);

            SweepReport report = Removal.run(SweepPolicy.standard());

            assertThat(of(jvm, report))
                    .filteredOn(f -> f.object().address().equals(object.toString()))
                    .singleElement()
                    .satisfies(f -> assertThat(f.verdict().decision()).isEqualTo(Decision.FOREIGN));
            assertThat(object).hasContent("somebody else's");
            Files.delete(object);
            Removal.run(SweepPolicy.standard());
            assertThat(jvm.hasFiles()).isFalse();
        }
    }

    @Test
    void aLinkWithOurNameIsNotFollowed() throws Exception {
        Path precious = Files.createTempFile("precious", ".txt");
        try (HoldingJvm jvm = HoldingJvm.start()) {
            Path object = posixObject(jvm);
            jvm.killWithItsSupervisor();
            Files.delete(object);
            Files.createSymbolicLink(object, precious);

            Removal.run(SweepPolicy.standard());

            assertThat(precious).exists();
            assertThat(object).isSymbolicLink();
            Files.delete(object);
            Removal.run(SweepPolicy.standard());
            assertThat(jvm.hasFiles()).isFalse();
        } finally {
            Files.delete(precious);
        }
    }

    @Test
    void whatACleanerThatWasKilledLeftInQuarantineIsRemoved() throws Exception {
        try (HoldingJvm jvm = HoldingJvm.start()) {
            Path object = posixObject(jvm);
            jvm.killWithItsSupervisor();
            String name = object.getFileName().toString();
            Path privateDir = privateDirOf(jvm);
            int number = name.lastIndexOf('.') + 1; // the holder's names are numbered as its objects are
            Path quarantined = privateDir.resolve(
                    "q." + name.substring("shmkit.".length(), number) + Long.parseLong(name.substring(number), 16));
            Files.move(object, quarantined);

            Removal.run(SweepPolicy.standard());

            assertThat(quarantined).doesNotExist();
            assertThat(jvm.hasFiles()).isFalse();
        }
    }

    @Test
    void aDamagedLedgerIsReportedAndNothingIsTouched() throws Exception {
        try (HoldingJvm jvm = HoldingJvm.start()) {
            jvm.killWithItsSupervisor();
            Path ledger = privateDirOf(jvm).resolve(jvm.session() + ".1.jrnl");
            byte[] bytes = Files.readAllBytes(ledger);
            byte[] damaged = bytes.clone();
            damaged[bytes.length / 2] ^= 1;
            Files.write(ledger, damaged);

            SweepReport report = Removal.run(SweepPolicy.standard());

            assertThat(report.notes()).anyMatch(n -> n.contains(jvm.session()) && n.contains("damaged"));
            assertThat(jvm.hasObjects()).isTrue();
            Files.write(ledger, bytes);
            Removal.run(SweepPolicy.standard());
            assertThat(jvm.hasObjects()).isFalse();
            assertThat(jvm.hasFiles()).isFalse();
        }
    }

    @Test
    void twoCleanersAtOnceRemoveEverythingOnce() throws Exception {
        try (HoldingJvm jvm = HoldingJvm.start()) {
            jvm.killWithItsSupervisor();
            List<SweepReport> reports = Stream.of(1, 2, 3, 4)
                    .parallel()
                    .map(i -> Removal.run(SweepPolicy.standard()))
                    .toList();
            assertThat(reports.stream()
                            .flatMap(r -> of(jvm, r).stream())
                            .filter(f -> f.result()
                                    .map(r -> r.outcome() == Actuator.Outcome.DELETED)
                                    .orElse(false)))
                    .hasSize(3);
            assertThat(jvm.hasObjects()).isFalse();
            assertThat(jvm.hasFiles()).isFalse();
        }
    }

    private static Path posixObject(HoldingJvm jvm) {
        return KernelView.shmFiles("shmkit." + jvm.session()).stream()
                .map(name -> Path.of("/dev/shm", name))
                .findFirst()
                .orElseThrow();
    }

    private static Path privateDirOf(HoldingJvm jvm) {
        File[] dirs = new File("/dev/shm").listFiles((parent, name) -> name.startsWith(".shmkit-"));
        return Stream.of(dirs)
                .map(File::toPath)
                .filter(d -> Files.exists(d.resolve(jvm.session() + ".1.lock")))
                .findFirst()
                .orElseThrow();
    }

    private static void signal(String name, long pid) throws Exception {
        assertThat(new ProcessBuilder("kill", "-" + name, Long.toString(pid))
                        .start()
                        .waitFor())
                .isZero();
    }
}
