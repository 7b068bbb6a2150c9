package io.github.shmkit.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a build leaves and nobody may remove: each of it is reported, with the remedy, and the remedy helps. */
class WhatStaysIT {
    private static final String TAG = "leaky.stays." + ProcessHandle.current().pid();
    private static final String FILE = "/dev/shm/" + TAG;

    @TempDir
    private Path nowhere;

    @Test
    void objectsWithoutAttributionAreReportedWithRemedy() throws Exception {
        Mvn exec = Mvn.run(nowhere, Mvn.GOAL + "exec", "-Dshm.command=ipcmk -Q; ipcmk -S 1; ipcmk -M 10");
        Matcher made = Pattern.compile("(?m)^(Message queue|Semaphore|Shared memory) id: (\\d+)$")
                .matcher(exec.log());
        int count = 0;
        while (made.find()) {
            count++;
            String kind = made.group(1).startsWith("M")
                    ? "SYSV_MSG"
                    : made.group(1).startsWith("Se") ? "SYSV_SEM" : "SYSV_SHM";
            String id = made.group(2);
            assertThat(exec.log())
                    .containsPattern("shmkit: (possibly leaked|removed \\d+ objects? \\(.*) ?" + kind)
                    .as("what was seen to be created is removed; of the others the remedy is told");
            Matcher remedy = Pattern.compile(
                            "possibly leaked " + kind + " id " + id + " .*Remedy: mvn shm:clean (-Dshm.claim=\\S+),")
                    .matcher(exec.log());
            if (remedy.find()) {
                Mvn clean = Mvn.run(nowhere, Mvn.GOAL + "clean", remedy.group(1), "-Dshm.minAge=0s");
                assertThat(clean.log()).contains("removed " + kind + " id " + id + " ", "1 object removed");
            }
        }

        assertThat(count).isEqualTo(3);
        boolean proved = exec.log().contains("This build left IPC objects behind");
        assertThat(exec.exitCode()).as("only what is proved counts").isEqualTo(proved ? 1 : 0);
        assertThat(exec.log()).doesNotContain("nothing is left behind");
        assertThat(nowhere.resolve("target/shmkit/leaks.json")).content().contains("\"possible\": true");
    }

    @Test
    void daemonThatKeepsObjectIsNamed() throws Exception {
        String daemon = "perl -e 'open(F, qq(>" + FILE + ")); syswrite(F, qq(x) x 8192); print qq(PID $$\\n);"
                + " close(STDOUT); close(STDERR); sleep 600' & sleep 1";
        Mvn exec = Mvn.run(nowhere, Mvn.GOAL + "exec", "-Dshm.command=" + daemon);
        Matcher pid = Pattern.compile("(?m)^PID (\\d+)$").matcher(exec.log());
        assertThat(pid.find()).as(exec.log()).isTrue();
        ProcessHandle process = ProcessHandle.of(Long.parseLong(pid.group(1))).orElseThrow();
        String remedy = "emedy: end perl (" + process.pid() + ")";
        try {
            assertThat(exec.exitCode()).isEqualTo(1);
            assertThat(exec.log())
                    .contains("leaked POSIX_SHM " + FILE + " (8.0 KiB), made by perl, process " + process.pid())
                    .contains(remedy)
                    .contains("The lines above say what ends each of them")
                    .doesNotContain("Run 'mvn shm:clean'");
            assertThat(nowhere.resolve("target/shmkit/leaks.json"))
                    .content()
                    .contains("\"action\": \"end perl (" + process.pid() + ")\"");

            Mvn early = Mvn.run(nowhere, Mvn.GOAL + "clean");
            assertThat(early.log()).contains("0 objects removed").contains(remedy);
            assertThat(Path.of(FILE)).hasSize(8192);
        } finally {
            process.destroyForcibly();
            process.onExit().get(10, TimeUnit.SECONDS);
        }
        Mvn late = Mvn.run(nowhere, Mvn.GOAL + "clean");
        assertThat(late.log()).contains("removed POSIX_SHM " + FILE);
        assertThat(Path.of(FILE)).doesNotExist();
    }

    /** As the last ps of a test JVM: it has the session's token, and ends a moment after what was to be run. */
    @Test
    void processThatEndsSoonKeepsNothing() throws Exception {
        String script =
                "perl -e 'open(F, qq(>" + FILE + ".soon)); syswrite(F, 1); sleep 1'; sleep 1 > /dev/null 2>&1 &";
        Mvn exec = Mvn.run(nowhere, Mvn.GOAL + "exec", "-Dshm.command=" + script);

        assertThat(Path.of(FILE + ".soon")).doesNotExist();
        assertThat(exec.log())
                .contains("leaked POSIX_SHM " + FILE + ".soon (1 B), made by perl")
                .contains("which were removed at its end")
                .doesNotContain("It stays");
    }

    /** They live for a millisecond: some of them are seen to create their file, and some are not. */
    @Test
    void eachFileOfShortLivedProgramsIsAccountedFor() throws Exception {
        String script = "for i in $(seq 20); do sh -c \"echo > " + FILE + ".$i.\"; done";
        try {
            Mvn exec = Mvn.run(nowhere, Mvn.GOAL + "exec", "-Dshm.command=" + script);

            for (int i = 1; i <= 20; i++) {
                String file = FILE + "." + i + ".";
                boolean there = Files.exists(Path.of(file));
                assertThat(exec.log()).contains((there ? "possibly leaked" : "leaked") + " POSIX_SHM " + file + " ");
            }
        } finally {
            for (int i = 1; i <= 20; i++) {
                Files.deleteIfExists(Path.of(FILE + "." + i + "."));
            }
        }
    }

    @Test
    void queuesAreSeenWhereTheyAreNotMounted() throws Exception {
        assumeTrue(run("unshare", "-m", "umount", "/dev/mqueue") == 0, "needs root, and queues at /dev/mqueue");
        Path queue = Path.of("/dev/mqueue", TAG);
        List<String> unmounted = List.of(
                "unshare", "-m", "sh", "-c", "while umount /dev/mqueue 2> /dev/null; do :; done; exec \"$@\"", "sh");
        String create = "mkdir m && mount -t mqueue none m && touch m/" + TAG + " && umount m";
        try {
            Mvn exec = Mvn.runBy(unmounted, nowhere, Mvn.GOAL + "exec", "-Dshm.command=" + create);
            assertThat(exec.log())
                    .contains("removed 1 object (80 B: POSIX_MQ)")
                    .contains("leaked POSIX_MQ " + queue + " (80 B), made by touch, process ");
            assertThat(queue).doesNotExist();

            List<String> powerless = List.of(
                    "unshare",
                    "-m",
                    "sh",
                    "-c",
                    "while umount /dev/mqueue 2> /dev/null; do :; done; exec setpriv --bounding-set=-all --inh-caps=-all \"$@\"",
                    "sh");
            Mvn blind = Mvn.runBy(powerless, nowhere, Mvn.GOAL + "exec", "-Dshm.command=true");
            assertThat(blind.log())
                    .contains("not looked at: message queues cannot be listed: nothing is mounted at /dev/mqueue")
                    .contains("nothing is left behind of what could be looked at");
        } finally {
            Files.deleteIfExists(queue);
        }
        Mvn control = Mvn.runBy(unmounted, nowhere, Mvn.GOAL + "exec", "-Dshm.command=true");
        assertThat(control.log()).doesNotContain(TAG, "not looked at");
    }

    @Test
    void directoriesGoAndNamelessMemoryIsReported() throws Exception {
        String script = "mkdir -p " + FILE + "/below; head -c 100000 /dev/zero > " + FILE + "/below/file;"
                + " perl -e 'open(F, qq(>" + FILE + ".x)); unlink(qq(" + FILE + ".x)); syswrite(F, qq(x) x 300000);"
                + " print qq(PID $$\\n); close(STDOUT); close(STDERR); sleep 600' & sleep 1";
        Mvn exec = Mvn.run(nowhere, Mvn.GOAL + "exec", "-Dshm.command=" + script);
        Matcher pid = Pattern.compile("(?m)^PID (\\d+)$").matcher(exec.log());
        assertThat(pid.find()).as(exec.log()).isTrue();
        ProcessHandle process = ProcessHandle.of(Long.parseLong(pid.group(1))).orElseThrow();
        try {
            String nameless = "296.0 KiB in /dev/shm without a name, held by perl (" + process.pid()
                    + "). Remedy: end perl (" + process.pid() + ")";
            assertThat(exec.log())
                    .contains("leaked POSIX_SHM " + FILE + "/below/file (97.7 KiB)")
                    .contains("leaked DIRECTORY " + FILE + " (1 entry)")
                    .contains("possibly left: " + nameless)
                    .doesNotContain("nothing is left behind\n");
            Mvn list = Mvn.run(nowhere, Mvn.GOAL + "list");
            assertThat(list.log()).contains(nameless);
        } finally {
            process.destroyForcibly();
            process.onExit().get(10, TimeUnit.SECONDS);
            Files.deleteIfExists(Path.of(FILE, "below", "file"));
            Files.deleteIfExists(Path.of(FILE, "below"));
            Files.deleteIfExists(Path.of(FILE));
        }
        Mvn control = Mvn.run(nowhere, Mvn.GOAL + "list");
        assertThat(control.log()).doesNotContain(FILE, "held by perl (" + process.pid() + ")");
    }

    @Test
    void objectThatTheBuildMadeAsAnotherUserGoes() throws Exception {
        List<String> stranger = List.of("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups");
        assumeTrue(run("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "true") == 0, "needs root");
        String create = String.join(" ", stranger) + " sh -c 'head -c 100000 /dev/zero > " + FILE + "'";
        try {
            Mvn exec = Mvn.run(nowhere, Mvn.GOAL + "exec", "-Dshm.command=" + create);

            assertThat(exec.log())
                    .containsPattern("leaked POSIX_SHM " + FILE + " \\(97\\.7 KiB\\), made by .* as user 65534 at ")
                    .doesNotContain("nothing is left behind");
            assertThat(Path.of(FILE)).doesNotExist();
        } finally {
            Files.deleteIfExists(Path.of(FILE));
        }
    }

    @Test
    void aBuildThatBeganAmongVeryManyObjectsIsNotSilent() throws Exception {
        Path crowd = Path.of("/dev/shm");
        try {
            for (int i = 0; i <= 20_000; i++) {
                Files.createFile(crowd.resolve(TAG + "-" + i));
            }
            Mvn exec = Mvn.run(nowhere, Mvn.GOAL + "exec", "-Dshm.command=ipcmk -S 1");
            Matcher made = Pattern.compile("(?m)^Semaphore id: (\\d+)$").matcher(exec.log());
            assertThat(made.find()).as(exec.log()).isTrue();
            assertThat(run("ipcrm", "-s", made.group(1))).isZero();

            assertThat(exec.log())
                    .containsAnyOf(
                            "not looked at: this build has no list of the objects",
                            "possibly leaked SYSV_SEM id " + made.group(1))
                    .doesNotContain("nothing is left behind\n");
        } finally {
            for (int i = 0; i <= 20_000; i++) {
                Files.deleteIfExists(crowd.resolve(TAG + "-" + i));
            }
        }
    }

    private static int run(String... command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        return process.waitFor();
    }
}
