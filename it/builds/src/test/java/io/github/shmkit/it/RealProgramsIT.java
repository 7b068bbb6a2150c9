package io.github.shmkit.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.abort;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.File;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Programs as Debian ships them leave what they are known to leave, in a build of root's and beside others that live: all that
 * is left is told, with its maker; what the kernel attributes is removed, and what stays has a reason and a remedy.
 *
 * <p>Each is a script of src/test/programs, whose first line names what has to be installed.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class RealProgramsIT {
    private static final Path SCRIPTS = Path.of("src/test/programs").toAbsolutePath();
    private static final String NEEDS = "# needs: ";
    private static final String TAG = "real-" + ProcessHandle.current().pid();
    private static final Duration END = Duration.ofMinutes(4);
    private static final Pattern IDS =
            Pattern.compile("leaked \\d+ (SYSV_[A-Z]+) \\([^)]*\\) with the ids ((?:\\d+(?: to \\d+)?(?:, )?)+).*");

    private final List<Process> outsiders = new ArrayList<>();
    private Map<String, String> outsidersIds = Map.of();
    private final Map<String, List<String>> left = new HashMap<>();
    private String log = "";
    private List<String> outsidersBefore = List.of();
    private List<String> outsidersAfter = List.of();

    static Stream<String> programs() throws IOException {
        try (Stream<Path> scripts = Files.list(SCRIPTS)) {
            return scripts
                    .map(script -> script.getFileName().toString())
                    .filter(name -> name.endsWith(".sh"))
                    .map(name -> name.substring(0, name.length() - 3))
                    .sorted()
                    .toList()
                    .stream();
        }
    }

    /** What of it is not installed; empty if all is. */
    private static String missing(String program) throws IOException {
        String first = Files.readAllLines(SCRIPTS.resolve(program + ".sh")).get(0);
        assertThat(first).startsWith(NEEDS);
        for (String needed : first.substring(NEEDS.length()).split(" ", -1)) {
            boolean there = needed.startsWith("/")
                    ? exists(needed)
                    : Arrays.stream(System.getenv("PATH").split(File.pathSeparator, -1))
                            .anyMatch(folder -> Files.isExecutable(Path.of(folder, needed)));
            if (!there) {
                return needed;
            }
        }
        return "";
    }

    /** A path that may have a star for one of its folders. */
    private static boolean exists(String path) throws IOException {
        int star = path.indexOf('*');
        if (star < 0) {
            return Files.exists(Path.of(path));
        }
        Path folder = Path.of(path.substring(0, star));
        if (!Files.isDirectory(folder)) {
            return false;
        }
        try (DirectoryStream<Path> versions = Files.newDirectoryStream(folder)) {
            for (Path version : versions) {
                if (Files.exists(Path.of(version + path.substring(star + 1)))) {
                    return true;
                }
            }
        }
        return false;
    }

    private static void assumeThatTheKernelNamesMakers() throws Exception {
        String[] release = System.getProperty("os.version").split("\\D+", -1);
        boolean recent = Integer.parseInt(release[0]) * 1000 + Integer.parseInt(release[1]) >= 6008;
        boolean root = (Integer) Files.getAttribute(Path.of("/proc/self"), "unix:uid") == 0;
        assumeTrue(root && recent, "needs root and Linux 6.8: the kernel names makers to nobody else");
    }

    @BeforeAll
    void runThemInOneBuild(@TempDir Path folder) throws Exception {
        assumeThatTheKernelNamesMakers();
        startOutsider();
        outsidersBefore = outsidersObjects();
        assertThat(outsidersBefore).hasSize(6);

        Path results = folder.resolve("results");
        List<String> command = new ArrayList<>(List.of(SCRIPTS + "/run-all", results.toString(), TAG));
        for (String program : programs().toList()) {
            if (missing(program).isEmpty()) {
                command.add(program);
            }
        }
        Mvn mvn = Mvn.start(folder, Mvn.GOAL + "exec", "-Dshm.command=sh " + String.join(" ", command));
        while (!Files.exists(results) && mvn.isAlive()) {
            Thread.sleep(10);
        }
        List<Path> younger = youngerOutsider();
        assertThat(mvn.exitCode(END)).isEqualTo(1); // it leaks
        assertThat(younger).allMatch(Files::exists);
        log = mvn.log();
        assertThat(log).contains("This build left IPC objects behind").doesNotContain(" failed:\n");
        for (String line : Files.readAllLines(results)) {
            int end = line.indexOf(": ");
            left.computeIfAbsent(line.substring(0, end), p -> new ArrayList<>()).add(line.substring(end + 2));
        }
        outsidersAfter = outsidersObjects();
    }

    /** They live, but have nothing open or attached, so that only their makers' being alive or nobody's proof speaks for it. */
    private void startOutsider() throws Exception {
        Process outsider = new ProcessBuilder(
                        "perl",
                        "-e",
                        "my $n = shift; my @ids = (shmget(0, 4096, 01600), semget(0, 1, 01600), msgget(0, 01600));"
                                + "mkdir \"/dev/shm/$n\" or die $!;"
                                + "for my $f ($n . '.file', \"$n/file\") { open F, '>', \"/dev/shm/$f\" or die $!;"
                                + " syswrite F, 'data'; close F; }"
                                + "$| = 1; print \"@ids\\n\"; sleep 600",
                        TAG + "-outsider")
                .start();
        outsiders.add(outsider);
        String[] ids = outsider.inputReader().readLine().split(" ", -1);
        outsidersIds = Map.of("shm", ids[0], "sem", ids[1], "msg", ids[2]);
    }

    /** Makes its objects while the build runs. */
    private List<Path> youngerOutsider() throws Exception {
        Path folder = Path.of("/dev/shm/" + TAG + "-younger-outsider");
        Process outsider = new ProcessBuilder(
                        "sh",
                        "-c",
                        "mkdir $0; echo data > $0/file; echo data > $0.file; echo made; exec sleep 600",
                        folder.toString())
                .start();
        outsiders.add(outsider);
        assertThat(outsider.inputReader().readLine()).isEqualTo("made");
        return List.of(folder.resolve("file"), Path.of(folder + ".file"));
    }

    /** By identity. */
    private List<String> outsidersObjects() throws Exception {
        List<String> found = new ArrayList<>();
        for (Map.Entry<String, String> id : outsidersIds.entrySet()) {
            Files.readAllLines(Path.of("/proc/sysvipc", id.getKey())).stream()
                    .filter(row -> row.trim().split(" +", -1)[1].equals(id.getValue()))
                    .forEach(found::add);
        }
        for (String name : List.of("", "/file", ".file")) {
            Path path = Path.of("/dev/shm/" + TAG + "-outsider" + name);
            if (Files.exists(path)) {
                found.add(path + " " + Files.getAttribute(path, "unix:ino"));
            }
        }
        return found;
    }

    @AfterAll
    void endOutsiders() throws Exception {
        for (Process outsider : outsiders) {
            outsider.destroyForcibly().waitFor();
        }
        for (String name : List.of("/file", "", ".file")) {
            Files.deleteIfExists(Path.of("/dev/shm/" + TAG + "-outsider" + name));
            Files.deleteIfExists(Path.of("/dev/shm/" + TAG + "-younger-outsider" + name));
        }
        if (!outsidersIds.isEmpty()) {
            new ProcessBuilder(
                            "ipcrm",
                            "-m",
                            outsidersIds.get("shm"),
                            "-s",
                            outsidersIds.get("sem"),
                            "-q",
                            outsidersIds.get("msg"))
                    .start()
                    .waitFor();
        }
    }

    @Test
    void nothingOfOthersIsTouched() {
        assertThat(outsidersAfter).isEqualTo(outsidersBefore);
        assertThat(outsiders).hasSize(2).allMatch(Process::isAlive);
    }

    @ParameterizedTest
    @MethodSource("programs")
    void allThatTheyLeftIsToldAndWhatIsAttributedGoes(String program) throws Exception {
        String missing = missing(program);
        if (!missing.isEmpty()) {
            abort(missing + " is not installed");
        }
        assertThat(left.get(program)).as(log).isNotEmpty();
        for (String object : left.get(program)) {
            assertIsTold(log, object);
        }
    }

    private static void assertIsTold(String log, String object) throws IOException {
        String line = told(log, object);
        assertThat(line).as(object + " in " + log).isNotEmpty();
        if (object.startsWith("SYSV_SEM") || object.startsWith("SYSV_MSG")) {
            assertThat(log.substring(log.indexOf(line)))
                    .containsPattern("^[^\\n]*(\\n[^\\n]*They stay|\\. It stays): .*\\. Remedy: mvn shm:clean");
        } else {
            assertThat(line)
                    .contains("made by ", "; proof: the kernel names that process")
                    .doesNotContain("made by unknown", "stays");
            assertThat(isThere(object)).as(object).isFalse();
        }
    }

    @Test
    void testsOfAGuardedBuildThatRunThemAreNoDifferent(@TempDir Path folder) throws Exception {
        Path results = folder.resolve("results");
        String program = "sh -c 'sh " + SCRIPTS + "/run-all " + results + " " + TAG + "-guarded ipcmk perl-sysv aeron"
                + " posix-queue another-user shell > " + folder + "/log 2>&1 && echo 1 -1'";
        Mvn mvn = Mvn.start(Mvn.project("leaky"), "surefire:test", "-Dshm.failOnLeak", "-Dleaky.program=" + program);

        assertThat(mvn.exitCode(END)).isEqualTo(1);
        List<String> objects = Files.readAllLines(results);
        assertThat(objects).hasSizeGreaterThan(15);
        for (String line : objects) {
            assertIsTold(mvn.log(), line.substring(line.indexOf(": ") + 2));
        }
        assertThat(mvn.log()).contains("during surefire:test (default-cli) of leaky");
    }

    private static boolean isThere(String object) throws IOException {
        String[] words = object.split(" ", -1);
        return words[0].equals("FILE")
                ? Files.exists(Path.of(words[1]))
                : Files.readAllLines(Path.of("/proc/sysvipc/shm")).stream()
                        .anyMatch(row -> row.trim().split(" +", -1)[1].equals(words[2]));
    }

    /** The line in which an object is told, or the first of those in which many are; empty if it is not. */
    private static String told(String log, String object) {
        String[] words = object.split(" ", -1);
        if (words[0].equals("FILE")) {
            Matcher one = Pattern.compile("(?m)^.*leaked [A-Z_]+ " + Pattern.quote(words[1]) + " \\(.*$")
                    .matcher(log);
            Matcher many = Pattern.compile("(?m)^.*leaked \\d+ [A-Z_]+ \\([^)]*\\), made by .*:(?:\\n.*\\]   ?.*)*?[ ,]"
                            + Pattern.quote(words[1]) + " \\([^\\n]*$")
                    .matcher(log);
            return one.find() ? one.group() : many.find() ? many.group() : "";
        }
        Matcher one = Pattern.compile("(?m)^.*leaked " + words[0] + " id " + words[2] + " .*$")
                .matcher(log);
        if (one.find()) {
            return one.group();
        }
        Matcher many = IDS.matcher(log);
        while (many.find()) {
            if (many.group(1).equals(words[0]) && isIn(many.group(2), Long.parseLong(words[2]))) {
                return many.group();
            }
        }
        return "";
    }

    private static boolean isIn(String ids, long id) {
        return Arrays.stream(ids.split(", ", -1)).filter(run -> !run.isEmpty()).anyMatch(run -> {
            String[] ends = run.split(" to ", -1);
            return Long.parseLong(ends[0]) <= id && id <= Long.parseLong(ends[ends.length - 1]);
        });
    }

    @Test
    void whereNobodyElseMakesAnythingAllOfItGoes(@TempDir Path folder) throws Exception {
        Path results = folder.resolve("results");
        List<String> alone = List.of(
                "unshare",
                "--ipc",
                "--mount",
                "sh",
                "-c",
                "mount -t tmpfs -o mode=1777 none /dev/shm && exec \"$@\"",
                "sh");
        Mvn mvn = Mvn.startBy(
                alone,
                folder,
                Mvn.GOAL + "exec",
                "-Dshm.exclusive",
                "-Dshm.command=sh " + SCRIPTS + "/run-all " + results + " " + TAG + " ipcmk perl-sysv another-user"
                        + " pid-namespace aeron");
        assertThat(mvn.exitCode(END)).isEqualTo(1);
        assertThat(Files.readAllLines(results)).hasSize(21);
        assertThat(mvn.log())
                .doesNotContain("stays", "They stay")
                .contains("21 objects", "which were removed at its end");
    }

    @Test
    void aDaemonThatOutlivesItsBuildKeepsItsObjectsAndIsNamed(@TempDir Path folder) throws Exception {
        assumeTrue(missing("memcached").isEmpty(), "memcached is not installed");
        Path file = Path.of("/dev/shm", TAG + "-daemon");
        String start = "memcached -d -u root -m 64 -l 127.0.0.1 -p 0 -s " + folder + "/socket -P " + folder + "/pid -e "
                + file + "; while [ ! -s " + folder + "/pid ]; do sleep 0.02; done";
        Mvn mvn = Mvn.run(folder, Mvn.GOAL + "exec", "-Dshm.command=" + start);
        long pid = Long.parseLong(Files.readString(folder.resolve("pid")).strip());
        ProcessHandle daemon = ProcessHandle.of(pid).orElseThrow();
        try {
            assertThat(mvn.log())
                    .containsPattern("leaked POSIX_SHM " + file
                            + " \\(.*\\), made by memcached.*It stays: .*Remedy: end" + " memcached \\(" + pid + "\\)");
            assertThat(file).exists();
        } finally {
            daemon.destroyForcibly();
            daemon.onExit().get();
        }
        Mvn control = Mvn.run(folder, Mvn.GOAL + "clean");
        assertThat(control.log()).contains("removed POSIX_SHM " + file);
        assertThat(file).doesNotExist();
    }
}
