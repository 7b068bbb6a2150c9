package io.github.shmkit.internal.sweep.adversarial;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.github.shmkit.internal.os.Os;
import io.github.shmkit.internal.os.ProcFs;
import io.github.shmkit.internal.session.KernelView;
import io.github.shmkit.internal.session.LedgerContents;
import io.github.shmkit.internal.session.LedgerContents.Events;
import io.github.shmkit.internal.session.LedgerContents.Maker;
import io.github.shmkit.internal.session.LedgerContents.Observation;
import io.github.shmkit.internal.session.LedgerContents.Source;
import io.github.shmkit.internal.sweep.RunningBuild;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Isolated;

/** What the ledger of a build says of makers, however short their lives, and of others who do the same beside it. */
@Isolated
@ExtendWith(PrivateShm.class)
class ObserverTests {
    private static final List<String> KINDS =
            List.of("SYSV_SHM", "POSIX_SHM", "POSIX_SEM", "POSIX_MQ", "DEEP", "MOVED");
    private static final List<String> LIVES = List.of("fork", "exec", "daemon", "user", "pidns");
    /** Of each kind and life; with those of the outsider no more queues than any user may have. */
    private static final int COUNT = 20;

    private static final int NOBODY = 65534;
    private static final int FLOODERS = 4;
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    /** More than the kernel keeps of events that are not read, fs.fanotify.max_queued_events. */
    private static final int TOO_MANY = 20_000;

    @BeforeEach
    void onlyWhereTheKernelTells() throws Exception {
        RunningBuild.assumeThatTheKernelTellsCreators(6, 8);
        Programs.assumeOtherUser(NOBODY);
        // In the mounts of the test's own; a container has often none.
        if (Files.readAllLines(Path.of("/proc/thread-self/mounts")).stream()
                .noneMatch(mount -> mount.contains(" /dev/mqueue mqueue "))) {
            Os.mountQueues(Files.createDirectories(Path.of("/dev/mqueue")).toString());
        }
    }

    private static LedgerContents ledger(RunningBuild build) {
        try {
            return LedgerContents.parse(
                    Files.readAllBytes(KernelView.privateDirOf(build.session()).resolve(build.session() + ".jrnl")));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (LedgerContents.UnreadableException e) {
            throw new AssertionError(e);
        }
    }

    /** The makers that the ledger has proof of, by what they made, a segment's id or a name. */
    private static Map<String, Long> proved(RunningBuild build) {
        Map<String, Long> makers = new HashMap<>();
        for (Observation seen : ledger(build).observations()) {
            if (seen.proof() == Maker.DESCENDANT) {
                makers.put(key(seen), (long) seen.pid());
            }
        }
        return makers;
    }

    private static String key(Observation seen) {
        return seen.kind().isSysv()
                ? Integer.toString(((io.github.shmkit.internal.ipc.Identity.OfSysv) seen.identity()).id())
                : seen.name().text();
    }

    /** Each that was made, as makers.c prints them, and the pid of its maker. */
    private static Map<String, Long> made(String printed) {
        return printed.lines()
                .map(line -> line.split(" "))
                .collect(Collectors.toMap(words -> words[0], words -> Long.parseLong(words[1])));
    }

    /** Makers of each kind and life, in turn. */
    private static String makers(String program, String prefix) {
        return KINDS.stream()
                .flatMap(kind -> LIVES.stream()
                        .map(life -> String.join(
                                " ", program, kind, life, Integer.toString(COUNT), prefix + kind + life + "-")))
                .collect(Collectors.joining("; "));
    }

    private static Process sh(String script) throws IOException {
        return new ProcessBuilder("sh", "-c", script)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
    }

    private static String output(Process process) throws Exception {
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).isZero();
        return output;
    }

    @Test
    void makersThatLiveForAMomentAreNamed(@TempDir Path folder) throws Exception {
        String program = Programs.compiled("makers");
        Path printed = folder.resolve("made");
        Path began = folder.resolve("began");
        Process outsider = sh("until [ -e " + began + " ]; do sleep 0.01; done; " + makers(program, "out-"));
        try (RunningBuild build =
                RunningBuild.start(List.of(), ": > " + began + "; { " + makers(program, "in-") + "; } > " + printed)) {
            Map<String, Long> others = made(output(outsider));
            Map<String, Long> own = made(Files.readString(printed));
            try {
                assertThat(own).hasSize(KINDS.size() * LIVES.size() * COUNT);
                assertThat(others).as("the control").hasSameSizeAs(own);
                assertThat(ledger(build).watch().orElseThrow().processes()).isEqualTo(Source.KERNEL);

                await().atMost(PATIENCE).until(() -> proved(build).keySet().containsAll(own.keySet()));

                Map<String, Long> makers = proved(build);
                assertThat(makers).doesNotContainKeys(others.keySet().toArray(String[]::new));
                assertThat(own)
                        .allSatisfy((what, pid) -> assertThat(makers.get(what))
                                .matches(named -> named.equals(pid) || what.contains("pidns") || isNumber(what)));
                assertThat(ledger(build).lost()).isEmpty();
            } finally {
                build.tell("sweep");
                remove(own.keySet());
                remove(others.keySet());
            }
        }
    }

    private static boolean isNumber(String text) {
        return text.chars().allMatch(Character::isDigit);
    }

    /** Files go with their file system. */
    private static void remove(Set<String> made) throws IOException {
        for (String what : made) {
            Files.deleteIfExists(Path.of("/dev/mqueue", what));
            if (isNumber(what)) {
                Kernel.removeSegment(Integer.parseInt(what));
            }
        }
    }

    @Test
    void whatOthersMadeIsNotTheBuildsThoughItOpensIt(@TempDir Path folder) throws Exception {
        Path go = folder.resolve("go");
        Path done = folder.resolve("done");
        Path old = Files.writeString(Path.of("/dev/shm/old"), "older than the build");
        Process outsider = sh("until [ -e " + go + " ]; do sleep 0.01; done; echo lock > /dev/shm/lock; mv " + old
                + " /dev/shm/renamed; : > " + done);
        String command = ": > /dev/shm/own; : > /dev/shm/private; : > " + go + "; until [ -e " + done
                + " ]; do sleep 0.01; done; exec 3< /dev/shm/lock 4< /dev/shm/renamed; ln /dev/shm/lock /dev/shm/link; "
                + "cat /dev/shm/private; setsid env -i sleep 60 > /dev/null 3<&- 4<&- & sleep 0.5";
        try (RunningBuild build = RunningBuild.start(List.of(), command)) {
            output(outsider);
            await("the control")
                    .atMost(PATIENCE)
                    .until(() -> proved(build).keySet().containsAll(Set.of("own", "private")));
            assertThat(Files.readAllBytes(Path.of("/dev/shm/own"))).isEmpty();

            await("another process that opens a file of the build")
                    .atMost(PATIENCE)
                    .until(() -> ledger(build).uses().stream()
                            .anyMatch(use -> use.name().text().equals("own")
                                    && use.pid() == ProcessHandle.current().pid()));
            assertThat(ledger(build).uses())
                    .as("its own processes are not among those who use it")
                    .noneMatch(use -> use.name().text().equals("private"));
            LedgerContents.Member sleeper = await("a process without the token, whose parent is gone")
                    .atMost(PATIENCE)
                    .until(
                            () -> ledger(build).members().stream()
                                    .filter(member -> member.command().contains("sleep 60"))
                                    .findFirst()
                                    .orElse(null),
                            member -> member != null);
            assertThat(ProcFs.startTime(sleeper.pid())).hasValue(sleeper.startTime());
            assertThat(proved(build)).doesNotContainKeys("lock", "link", "renamed", "old");
            build.tell("sweep");
            assertThat(Path.of("/dev/shm/lock")).hasContent("lock");
            assertThat(Path.of("/dev/shm/renamed")).hasContent("older than the build");
            ProcessHandle.of(sleeper.pid()).ifPresent(ProcessHandle::destroyForcibly);
        }
    }

    @Test
    @SuppressWarnings("try") // the build ends in the middle
    void aFloodOfAnotherUsersFilesHidesNothing() throws Exception {
        List<Process> flood = new ArrayList<>();
        try {
            for (int i = 0; i < FLOODERS; i++) {
                flood.add(new ProcessBuilder(
                                Programs.asUser(
                                        NOBODY,
                                        "perl",
                                        "-e",
                                        "while (1) { open(F, '>', \"/dev/shm/flood$$\"); close(F); unlink(\"/dev/shm/flood$$\") }"))
                        .start());
            }
            String command = "for i in $(seq " + COUNT + "); do sh -c \": > /dev/shm/left$i\"; done";
            try (RunningBuild build = RunningBuild.start(List.of(), command)) {
                await().atMost(PATIENCE)
                        .until(() -> proved(build).size() == COUNT
                                || ledger(build).lost().contains(Events.FILES));
                assertThat(proved(build).keySet()).allMatch(name -> name.startsWith("left"));
                ProcessHandle watchdog = ProcessHandle.of(build.watchdog()).orElseThrow();
                build.close();
                await("the watchdog sees its build die").atMost(PATIENCE).until(() -> !watchdog.isAlive());
                assertThat(flood).as("the control").allMatch(Process::isAlive);
            }
        } finally {
            flood.forEach(Process::destroyForcibly);
            for (Process process : flood) {
                process.waitFor();
            }
        }
    }

    @Test
    void eventsThatWereLostAreNotedAndNothingIsInvented() throws Exception {
        try (RunningBuild build = RunningBuild.start(List.of(), ": > /dev/shm/before")) {
            await().atMost(PATIENCE).until(() -> proved(build).containsKey("before"));
            assertThat(ledger(build).lost()).as("the control").isEmpty();
            Programs.run("kill", "-STOP", Long.toString(build.watchdog()));
            Programs.run(
                    "perl",
                    "-e",
                    "for (1.." + TOO_MANY + ") { open(F, '>', \"/dev/shm/f$_\"); close(F); unlink(\"/dev/shm/f$_\") }");
            Files.writeString(Path.of("/dev/shm/after"), "an outsider's");
            Programs.run("kill", "-CONT", Long.toString(build.watchdog()));

            await().atMost(PATIENCE).until(() -> ledger(build).lost().contains(Events.FILES));
            assertThat(proved(build)).containsOnlyKeys("before");
            build.tell("sweep");
            assertThat(Path.of("/dev/shm/after")).exists();
        }
    }
}
