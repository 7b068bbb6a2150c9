package io.github.shmkit.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Properties;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The goals, called without a project after a build of which everything was killed. */
class GoalsIT {
    @Test
    void doctorNeedsNoProject(@TempDir Path nowhere) throws Exception {
        Mvn doctor = Mvn.run(nowhere, Mvn.GOAL + "doctor", "-Dshm.format=json");

        assertThat(doctor.exitCode()).isZero();
        assertThat(doctor.log())
                .containsPattern("Who creates an object: level [RUS]: ")
                .containsPattern("System V segments: \\d+ of \\d+ \\(kernel\\.shmmni\\)")
                .containsPattern("/dev/shm: .* used of ");
        assertThat(nowhere.resolve("target/shmkit/doctor.json"))
                .content()
                .contains("\"level\"", "\"shmmni\"", "\"creators\"");
    }

    @Test
    void attributionThatIsRequiredAndNotPossibleFailsWithTheRemedy(@TempDir Path nowhere) throws Exception {
        Mvn without = Mvn.runBy(
                List.of("setpriv", "--bounding-set=-sys_admin", "--inh-caps=-sys_admin"),
                nowhere,
                Mvn.GOAL + "exec",
                "-Dshm.attribute=always",
                "-Dshm.command=true");
        assertThat(without.exitCode()).isEqualTo(1);
        assertThat(without.log())
                .contains("shm.attribute=always is not possible here: ")
                .contains("CAP_SYS_ADMIN");

        Mvn never = Mvn.run(
                nowhere,
                Mvn.GOAL + "exec",
                "-Dshm.attribute=never",
                "-Dshm.command=sh -c 'echo data > /dev/shm/unattributed-"
                        + ProcessHandle.current().pid() + "'");
        Path file = Path.of("/dev/shm/unattributed-" + ProcessHandle.current().pid());
        assertThat(file).exists();
        Files.delete(file);
        assertThat(never.log()).contains("possibly leaked POSIX_SHM " + file);
    }

    @Test
    void listAndClean(@TempDir Path nowhere) throws Exception {
        Properties evidence;
        try (Mvn killed = Mvn.start(Mvn.project("all-killed"), "surefire:test")) {
            evidence = killed.evidence();
            assertThat(killed.exitCode()).isEqualTo(137);
        }
        String session = evidence.getProperty("session");
        String owner = session + ".1";

        // The control: without us, everything stays.
        Mvn skipping = Mvn.run(Mvn.project("all-killed"), "-Dshm.skip", "validate");
        assertThat(skipping.exitCode()).isZero();
        assertThat(objects(evidence)).isEqualTo(3);

        Mvn list = Mvn.run(nowhere, Mvn.GOAL + "list");
        assertThat(list.exitCode()).isZero();
        assertThat(list.log())
                .containsPattern("KIND +SIZE +ADDRESS +SESSION +VERDICT +RULE +REASON\n")
                .containsPattern(
                        "MMAP_FILE +4\\.0 KiB +/\\S+/shmkit\\." + owner + "\\.[0-9a-f]{16} +" + owner + " +DELETE ")
                .containsPattern(
                        "POSIX_SHM +4\\.0 KiB +/dev/shm/shmkit\\." + owner + "\\.[0-9a-f]{16} +" + owner + " +DELETE ")
                .containsPattern("SYSV_SHM +4\\.0 KiB +id " + evidence.getProperty("shmid") + " key 0x[0-9a-f]{8} +"
                        + owner + " +DELETE +R7_UNUSED +session " + owner + " is dead and left it\n");
        assertThat(objects(evidence)).isEqualTo(3);

        Mvn dryRun = Mvn.run(nowhere, Mvn.GOAL + "clean", "-Dshm.dryRun");
        assertThat(dryRun.exitCode()).isZero();
        assertThat(dryRun.log())
                .contains("would remove SYSV_SHM id " + evidence.getProperty("shmid"))
                .contains("3 objects would be removed");
        assertThat(objects(evidence)).isEqualTo(3);

        Mvn wrong = Mvn.run(nowhere, Mvn.GOAL + "clean", "-Dshm.kinds=sysv_shm,shared");
        assertThat(wrong.exitCode()).isEqualTo(1);
        assertThat(wrong.log())
                .contains("shm.kinds: 'shared' is not a kind of IPC object; give one or more of SYSV_SHM");
        assertThat(objects(evidence)).isEqualTo(3);

        Mvn greedy = Mvn.run(nowhere, Mvn.GOAL + "clean", "-Dshm.claim=psm_1,*");
        assertThat(greedy.exitCode()).isEqualTo(1);
        assertThat(greedy.log()).contains("shm.claim: '*' would claim everybody's objects; a claim needs a name");
        assertThat(objects(evidence)).isEqualTo(3);

        Mvn narrowed = Mvn.run(nowhere, Mvn.GOAL + "clean", "-Dshm.includes=nothing.*");
        assertThat(narrowed.exitCode()).isZero();
        assertThat(narrowed.log()).contains("0 objects removed");
        assertThat(objects(evidence)).isEqualTo(3);

        Mvn slow = Mvn.run(nowhere, Mvn.GOAL + "clean", "-Dshmkit.helper.path=" + slowHelper(nowhere));
        assertThat(slow.exitCode()).isEqualTo(1);
        assertThat(slow.log())
                .containsPattern(
                        "still at work, for 2 s: looked at \\d+ objects \\(the kernel lists \\d+\\), removed 0 of 3")
                .containsPattern(
                        "still at work, for 7 s: looked at \\d+ objects \\(the kernel lists \\d+\\), removed [123] of 3")
                .contains("0 objects removed", "whether a process uses it could not be determined");
        assertThat(objects(evidence)).isEqualTo(3);

        Mvn oneKind = Mvn.run(nowhere, Mvn.GOAL + "clean", "-Dshm.kinds=sysv-shm");
        assertThat(oneKind.exitCode()).isZero();
        assertThat(oneKind.log()).contains("1 object removed");
        assertThat(objects(evidence)).isEqualTo(2);

        Mvn clean = Mvn.run(nowhere, Mvn.GOAL + "clean");
        assertThat(clean.exitCode()).isZero();
        assertThat(clean.log())
                .contains("removed POSIX_SHM /dev/shm/shmkit." + owner + ".")
                .contains("2 objects removed");
        assertThat(Machine.filesWith(session)).isEmpty();
        assertThat(objects(evidence)).isZero();
    }

    @Test
    void listsOtherPeoplesObjectsWhateverTheirNames(@TempDir Path nowhere) throws Exception {
        Path program = Path.of(System.getProperty("shmkit.it.bystander"));
        try (Bystander bystander = Bystander.start(program, nowhere.resolve("files"))) {
            Mvn list = Mvn.run(nowhere, Mvn.GOAL + "list", "-Dshm.all");

            assertThat(list.exitCode()).isZero();
            assertThat(list.log())
                    .contains("/dev/shm/bystander." + bystander.pid()
                            + "\\x0a::stop-commands::x\\x1b[2J#\\x23[error]\\xff  ")
                    .doesNotContain("##[error]", "\n::stop-commands::", "\u001b[2J")
                    .containsPattern(
                            "POSIX_SEM +32 B +/dev/shm/sem\\.bystander\\." + bystander.pid() + "\\.0 +- +FOREIGN")
                    .containsPattern(
                            "POSIX_SHM +4.0 KiB of 8.0 KiB +/dev/shm/shmkit\\.bystander\\d{13}\\.1\\.0 .* SUSPECT ");

            Mvn clean = Mvn.run(nowhere, Mvn.GOAL + "clean");

            assertThat(clean.exitCode()).isZero();
            assertThat(clean.log()).contains("0 objects removed").doesNotContain("removed POSIX_SHM");
            assertThat(bystander.look()).isEqualTo("UNTOUCHED " + bystander.objects());
        }
    }

    @Test
    void doNothingWhereShmkitDoesNotWork(@TempDir Path nowhere) throws Exception {
        Mvn list = Mvn.run(nowhere, Mvn.GOAL + "list", "-Dos.name=Plan9");

        assertThat(list.exitCode()).isZero();
        assertThat(list.log()).contains("shmkit works on Linux on x86-64 and aarch64, and this is Plan9 on ");
    }

    /** An actuator that takes three seconds for each object, and cannot tell whether it is used. */
    private static Path slowHelper(Path folder) throws IOException {
        Path program = Files.writeString(folder.resolve("slow-helper"), """
                #!/bin/sh
                i=0
                while read -r step; do
                  sleep 3
                  echo "$i UNKNOWN 0"
                  i=$((i + 1))
                done
                """);
        assertThat(program.toFile().setExecutable(true)).isTrue();
        return program;
    }

    private static int objects(Properties evidence) {
        return Machine.filesWith("shmkit." + evidence.getProperty("session")).size()
                + Machine.sysvOf(
                                Long.parseLong(evidence.getProperty("pid")),
                                Integer.parseInt(evidence.getProperty("shmid")))
                        .size();
    }
}
