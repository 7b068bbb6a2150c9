package io.github.shmkit.internal.sweep.adversarial;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.reflect.Method;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.platform.commons.annotation.Testable;
import org.junit.platform.commons.support.AnnotationSupport;

/**
 * The table of what the sweep must withstand, each with at least one test here that has its number in its name, as
 * "case07" or "program12".
 */
class ProofTests {
    private static final List<String> CASES = List.of(
            "a pid that is another's now",
            "a creator alive in another pid namespace",
            "a reader in a pid namespace, where System V creators have pid 0",
            "a dead creator whose object another maps",
            "a descriptor that is only in flight",
            "a concurrent build of the same user",
            "two cleaners at once",
            "a cleaner killed between rename and unlink",
            "a creator killed between INTENT and COMMIT",
            "a stopped session",
            "a helper that hides its origin",
            "a process that nobody may look at; no leases",
            "links, FIFOs, sockets, directories, devices under our names",
            "a name that means another object by now",
            "an opener that races the delete",
            "hostile names",
            "huge pages",
            "objects of other users",
            "objects that vanish while looked at",
            "all System V ids taken",
            "a hundred thousand files",
            "a full /dev/shm",
            "a segment marked for destruction",
            "an attach count that counts no processes",
            "a parked segment",
            "another library that opens the lock file",
            "two sessions in one JVM",
            "a ledger that is damaged or of another world",
            "another /dev/shm than usual",
            "user namespaces",
            "memory without a name",
            "systemd-logind that removes our objects",
            "a lease that is broken",
            "a clock that was set",
            "negative and colliding keys",
            "a semaphore's temporary file, left by a crash in sem_open",
            "a sidecar in another pid namespace",
            "a file older than the build, renamed during it",
            "a file of another build that runs",
            "an IPC namespace with the number of a dead one",
            "a claim beside a running build",
            "a file that living processes open by turns",
            "a name or key that was there before the build",
            "a segment that a living process attaches by turns",
            "an id that is given out again",
            "a server of the build without its token",
            "a claimed number that other kinds have, too",
            "an object that the user excludes",
            "a file that a mount namespace has mounted",
            "sets and queues whose last user lives, or at which one waits",
            "files of a session of another IPC namespace",
            "names of 189 to 255 bytes",
            "another user's file in a user namespace without uids",
            "a /proc that hides processes",
            "a /dev/shm that is full when a build begins",
            "a hundred thousand objects before the build",
            "a clock that jumps",
            "one that only looks beside a cleaner",
            "a semaphore whose ledger is gone",
            "a mapped file whose ledger is gone",
            "a /dev/shm that is full while a build runs",
            "a watchdog that is killed");

    private static final List<String> PROGRAMS = List.of(
            "attached for each access only",
            "a creator that is gone while its work goes on",
            "removed already, and attached",
            "other names in maps than in the directory",
            "open, and not mapped",
            "semaphores and queues without a creator",
            "another owner than creator",
            "directories, sockets and databases in /dev/shm",
            "legitimate with no process at all",
            "zombies",
            "pids in names",
            "a thousand queues at once",
            "message queues that are not mounted",
            "unreadable processes",
            "the host's IPC seen from a pid namespace",
            "kernel.shm_rmid_forced is never set");

    /** In these something must stay, so that a cleaner that did nothing at all would pass them, were there no control. */
    private static final List<String> KEEP = List.of(
            "case02",
            "case03",
            "case04",
            "case05",
            "case06",
            "case10",
            "case11",
            "case12",
            "case13",
            "case14",
            "case15",
            "case16",
            "case18",
            "case24",
            "case25",
            "case26",
            "case28",
            "case30",
            "case31",
            "case33",
            "case35",
            "case37",
            "case38",
            "case39",
            "case40",
            "case41",
            "case42",
            "case43",
            "case44",
            "case45",
            "case46",
            "case47",
            "case48",
            "case49",
            "case50",
            "case51",
            "case53",
            "case54",
            "case55",
            "case56",
            "case57",
            "case58",
            "case59",
            "case60",
            "case61",
            "case62",
            "program01",
            "program02",
            "program04",
            "program05",
            "program06",
            "program07",
            "program08",
            "program09",
            "program11",
            "program12",
            "program13",
            "program14",
            "program15",
            "program16");

    /** How a test lets one loose that deletes: by {@link NaiveCleaners}, by a script, or by leaving out what protects. */
    private static final Pattern CONTROL =
            Pattern.compile("NaiveCleaners[.:]+(?!segment|exists)\\w+|\\bnaive\\b|(?i:\\bthe control\\b)");

    private static final Path SOURCES =
            Path.of("src/test/java", ProofTests.class.getPackageName().replace('.', '/'));

    private static final Pattern NUMBER = Pattern.compile("(case|program)(\\d\\d)_");

    @Test
    void eachCaseAndEachProgramHasATest() throws Exception {
        Map<String, List<String>> tests = tests();
        assertThat(without("case", CASES, tests)).isEmpty();
        assertThat(without("program", PROGRAMS, tests)).isEmpty();
        assertThat(tests.keySet()).as("numbers that the table knows").hasSize(CASES.size() + PROGRAMS.size());
    }

    @Test
    void eachThatMustKeepSomethingHasAControlThatDoesNot() throws Exception {
        Set<String> controlled = new TreeSet<>();
        try (DirectoryStream<Path> sources = Files.newDirectoryStream(SOURCES, "*Tests.java")) {
            for (Path source : sources) {
                // One for each method, with what is said above it.
                for (String method : Files.readString(source).split("\n    }\n", -1)) {
                    Matcher name = Pattern.compile("void (\\w+)\\(").matcher(method);
                    if (name.find() && CONTROL.matcher(method).find()) {
                        NUMBER.matcher(name.group(1)).results().forEach(n -> controlled.add(n.group(1) + n.group(2)));
                    }
                }
            }
        }
        assertThat(controlled).containsAll(KEEP);
    }

    private static List<String> without(String kind, List<String> titles, Map<String, List<String>> tests) {
        List<String> missing = new ArrayList<>();
        for (int i = 0; i < titles.size(); i++) {
            String number = String.format("%s%02d", kind, i + 1);
            if (!tests.containsKey(number)) {
                missing.add(number + ": " + titles.get(i));
            }
        }
        return missing;
    }

    /** Test methods of this package by the numbers in their names. */
    private static Map<String, List<String>> tests() throws IOException, ClassNotFoundException {
        Path folder =
                Path.of("target/test-classes", ProofTests.class.getPackageName().replace('.', '/'));
        Map<String, List<String>> tests = new HashMap<>();
        List<Path> classes;
        try (var files = Files.list(folder)) {
            classes = files.filter(file -> file.toString().endsWith("Tests.class"))
                    .toList();
        }
        for (Path file : classes) {
            String name = file.getFileName().toString().replace(".class", "");
            for (Method method : Class.forName(ProofTests.class.getPackageName() + "." + name)
                    .getDeclaredMethods()) {
                Matcher numbers = NUMBER.matcher(method.getName());
                while (AnnotationSupport.isAnnotated(method, Testable.class) && numbers.find()) {
                    tests.computeIfAbsent(numbers.group(1) + numbers.group(2), number -> new ArrayList<>())
                            .add(method.getName());
                }
            }
        }
        return tests;
    }
}
