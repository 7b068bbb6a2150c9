package io.github.shmkit.internal.helper;

import static io.github.shmkit.process.Readiness.line;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.github.shmkit.Segment;
import io.github.shmkit.SegmentKind;
import io.github.shmkit.SegmentSpec;
import io.github.shmkit.ShmException;
import io.github.shmkit.ShmTimeoutException;
import io.github.shmkit.Signal;
import io.github.shmkit.internal.os.ProcFs;
import io.github.shmkit.internal.session.Session;
import io.github.shmkit.process.CommandHelper;
import io.github.shmkit.process.Exit;
import io.github.shmkit.process.ExitPredicate;
import io.github.shmkit.process.HelperDiedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@Timeout(60)
class CommandHelperTests {
    private static Session session;

    private final SessionCheckpoints checkpoints = new SessionCheckpoints(session, new Timeouts(1));
    private final List<AutoCloseable> opened = new ArrayList<>();

    @BeforeAll
    static void open() {
        session = Session.open();
    }

    @AfterAll
    static void end() {
        var reaped = session.end();
        assertThat(reaped.processes()).isZero();
        assertThat(reaped.removed()).isZero();
    }

    @AfterEach
    void close() throws Exception {
        for (AutoCloseable o : opened) {
            o.close();
        }
        checkpoints.close();
    }

    private CommandHelpers helpers() {
        return new CommandHelpers(session, checkpoints, new Timeouts(1));
    }

    private CommandHelper start(CommandHelper.Builder builder) {
        CommandHelper helper = builder.start();
        opened.add(helper);
        return helper;
    }

    private Segment segment(SegmentKind kind, String label) {
        Segment segment = session.create(SegmentSpec.of(kind).size(4096).label(label));
        opened.add(segment);
        return segment;
    }

    private List<String> linesOf(CommandHelper.Builder builder) {
        CommandHelper helper = start(builder);
        assertThat(helper.awaitExit()).as(helper.stderr().text()).isEqualTo(Exit.code(0));
        return helper.stdout().lines();
    }

    private static String[] print(String... arguments) {
        List<String> argv = new ArrayList<>(List.of("printf", "%s\\n"));
        argv.addAll(List.of(arguments));
        return argv.toArray(String[]::new);
    }

    @Test
    void fillsPlaceholdersOfTheFirstSegmentAndOfOthersByLabel() {
        Segment first = segment(SegmentKind.POSIX_SHM, "data");
        Segment second = segment(SegmentKind.SYSV_SHM, "in.dex");
        var posix = (io.github.shmkit.SegmentAddress.ByPath) first.address();
        var sysv = (io.github.shmkit.SegmentAddress.BySysv) second.address();

        assertThat(linesOf(helpers()
                        .artifacts(Path.of("/some/where"))
                        .command(
                                "p",
                                print(
                                        "{path}",
                                        "--n={name}/{size}",
                                        "{uri}",
                                        "{segment:in.dex.shmid} {segment:in.dex.key}",
                                        "{{path}} }",
                                        "{pid}",
                                        "{artifacts}/x",
                                        "{segment:data.size}"))
                        .attach(first)
                        .attach(second)))
                .containsExactly(
                        posix.path(),
                        "--n=" + posix.name() + "/4096",
                        posix.uri(),
                        sysv.shmid() + " 0x" + Integer.toHexString(sysv.key()),
                        "{path} }",
                        Long.toString(ProcessHandle.current().pid()),
                        "/some/where/x",
                        "4096");
    }

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "SYSV_SHM")
    void handsDownADescriptorOfEveryFile(SegmentKind kind) {
        Segment other = segment(SegmentKind.POSIX_SHM, "other");
        Segment shared = segment(kind, "shared");
        shared.putBytes(0, "hello\n".getBytes(US_ASCII));
        other.putByte(0, (byte) 'x');

        assertThat(linesOf(helpers()
                        .command(
                                "reader",
                                "sh",
                                "-c",
                                "head -c 1 <&{fd}; head -c 6 <&{segment:shared.fd}; printf written >&{segment:shared.fd}")
                        .attach(other)
                        .attach(shared)))
                .containsExactly("xhello");
        assertThat(new String(shared.getBytes(6, 7), US_ASCII)).isEqualTo("written");
    }

    @Test
    void hasTheEnvironmentOfThisJvmAndOurs() {
        Segment data = segment(SegmentKind.POSIX_SHM, "my data");
        assertThat(linesOf(helpers()
                        .command(
                                "printer",
                                "sh",
                                "-c",
                                "echo $SHMKIT_HELPER; echo $SHMKIT_SESSION; echo $SHMKIT_SEGMENT_1_LABEL;"
                                        + " echo $SHMKIT_SEGMENT_1_URI; echo $MINE; echo $HOME; pwd; cat")
                        .attach(data)
                        .env("MINE", "<{size}>")
                        .directory(Path.of("/"))))
                .containsExactly(
                        "printer",
                        session.secret().text(),
                        "my data",
                        data.address().uri(),
                        "<4096>",
                        System.getenv("HOME"),
                        "/");
    }

    @Test
    void unknownPlaceholderFailsAtTheCallAndStartsNothing() {
        assertThatThrownBy(() -> helpers().command("p", "true", "-x", "--to={nane}"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("placeholder {nane} in argument 2 (\"--to={nane}\") is unknown; valid are {path}, {name}, "
                        + "{shmid}, {key}, {fd}, {size}, {uri}, {pid}, {control}, {program}, {artifacts} and {segment:LABEL.path} "
                        + "and so on; a brace that is meant is written {{");
        assertThatThrownBy(() -> helpers().command("p", "true").env("X", "{segment:a.pid}"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("placeholder {segment:a.pid} in environment variable X (\"{segment:a.pid}\")");
        assertThatThrownBy(() -> helpers().command("p", "true", "{path"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith(
                        "the placeholder that begins at character 0 of argument 1 (\"{path\") has no end");
    }

    @Test
    void placeholderThatThisKindDoesNotHaveListsTheOthers(@TempDir Path dir) {
        Path proof = dir.resolve("started");
        assertThatThrownBy(() -> helpers()
                        .command("p", "touch", proof.toString(), "{name}")
                        .attach(segment(SegmentKind.SYSV_SHM, "data"))
                        .start())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(
                        "placeholder {name} in argument 2 (\"{name}\") does not exist for segment 'data', which is "
                                + "SYSV_SHM; valid are {key}, {shmid}, {size}, {uri}, {control}, {pid}, {program}; a brace that is meant is written {{");
        assertThatThrownBy(() -> helpers()
                        .command("p", "touch", proof.toString(), "{segment:other.fd}")
                        .attach(segment(SegmentKind.MEMFD, "data"))
                        .start())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(
                        "{segment:other.fd} in argument 2 (\"{segment:other.fd}\") names no segment that is "
                                + "attached; valid are {path}, {size}, {uri}, {fd}, {control}, {pid}, {program}");
        assertThatThrownBy(() -> helpers()
                        .command("p", "touch", proof.toString(), "{path}")
                        .start())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("needs a segment; attach(segment) one");
        assertThatThrownBy(() -> helpers()
                        .command("p", "touch", proof.toString(), "{artifacts}")
                        .start())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("has no value here; valid are {control}, {pid}, {program}");
        assertThat(proof).doesNotExist();
    }

    @Test
    void programThatCannotBeRunSaysWhy(@TempDir Path dir) throws Exception {
        Path file = Files.writeString(dir.resolve("plain"), "x");
        Path script = Files.writeString(dir.resolve("script"), "#!/no/such/shell\n");
        assertThat(script.toFile().setExecutable(true)).isTrue();

        assertThatThrownBy(() -> helpers().command("c", "no-such-program").start())
                .isInstanceOf(ShmException.class)
                .hasMessage("command helper 'c': cannot run 'no-such-program': ENOENT (No such file or directory); "
                        + "there is none in PATH=" + System.getenv("PATH"));
        assertThatThrownBy(
                        () -> helpers().command("c", "./missing").directory(dir).start())
                .hasMessageEndingWith("; there is no file " + dir.resolve("missing"));
        assertThatThrownBy(
                        () -> helpers().command("c", "./plain").directory(dir).start())
                .hasMessageEndingWith("EACCES (Permission denied); " + file + " is not executable: chmod +x it");
        assertThatThrownBy(() -> helpers().command("c", script.toString()).start())
                .hasMessageEndingWith(
                        "; " + script + " is there: is it for this machine, does it begin with #! if it is a script, "
                                + "and is the interpreter or loader there that it names?");
        assertThatThrownBy(() -> helpers()
                        .command("c", "true")
                        .directory(dir.resolve("gone"))
                        .start())
                .hasMessage("command helper 'c' cannot run in " + dir.resolve("gone") + ": there is no such directory");
        assertThatThrownBy(() -> helpers().command("c")).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> helpers().command("", "true")).isInstanceOf(IllegalArgumentException.class);
    }

    /** As execvp(3) and every shell would: the control shows that this file can be run so. */
    @Test
    void aFileThatIsNoProgramIsNotGivenToTheShell(@TempDir Path dir) throws Exception {
        Path proof = dir.resolve("ran");
        Path file = Files.writeString(dir.resolve("noprogram"), "touch " + proof + "\n");
        assertThat(file.toFile().setExecutable(true)).isTrue();

        assertThatThrownBy(() -> helpers().command("c", file.toString()).start())
                .hasMessageStartingWith("command helper 'c': cannot run '" + file + "': ENOEXEC (Exec format error); ")
                .hasMessageContaining("does it begin with #! if it is a script");
        assertThatThrownBy(() -> helpers()
                        .command("c", "noprogram")
                        .env("PATH", "/no/such/folder:" + dir)
                        .start())
                .hasMessageStartingWith(
                        "command helper 'c': cannot run 'noprogram': ENOEXEC (Exec format error); " + file);
        assertThat(proof).doesNotExist();

        assertThat(new ProcessBuilder("sh", "-c", file.toString()).start().waitFor())
                .isZero();
        assertThat(proof).exists();
    }

    @Test
    void looksForProgramsWhereItsOwnPathSays(@TempDir Path dir) throws Exception {
        Path other = Files.createDirectory(dir.resolve("other"));
        Files.writeString(other.resolve("mine"), "not executable");
        Path mine = Files.writeString(dir.resolve("mine"), "#!/bin/sh\necho found\n");
        assertThat(mine.toFile().setExecutable(true)).isTrue();
        CommandHelper.Builder command = helpers().command("c", "mine");

        assertThat(linesOf(command.env("PATH", other + ":/no/such/folder:" + dir)))
                .containsExactly("found");
        assertThat(linesOf(command.directory(dir).env("PATH", "/bin:"))).containsExactly("found");
        assertThatThrownBy(() -> command.env("PATH", other.toString()).start())
                .hasMessageContaining("cannot run 'mine': EACCES (Permission denied)")
                .hasMessageEndingWith(other.resolve("mine") + " is not executable: chmod +x it");
    }

    @Test
    void isReadyWhenALineSaysSo() {
        CommandHelper server = start(helpers()
                .command(
                        "server",
                        "sh",
                        "-c",
                        "yes chatter | head -n 20000; printf 'now listening on 1'; exec sleep 300")
                .readyWhen(line("listening")));
        assertThat(server.stdout().text()).endsWith("now listening on 1");
        assertThat(server.isAlive()).isTrue();
        assertThat(server.exit()).isEmpty();

        assertThat(server.kill()).isEqualTo(new Exit.Killed(Signal.SIGKILL, false));
        assertThat(server.exit()).hasValue(new Exit.Killed(Signal.SIGKILL, false));
    }

    @Test
    void endingBeforeItIsReadyFailsAtOnce() {
        long start = System.nanoTime();
        assertThatThrownBy(() -> start(helpers()
                        .command("server", "sh", "-c", "echo starting; echo port in use >&2; exit 3")
                        .readyWhen(line("listening"))))
                .isInstanceOf(HelperDiedException.class)
                .hasMessageMatching("helper 'server' \\(pid \\d+\\) exited with code 3 before it was ready, that is: "
                        + "a line with \"listening\"; stdout:\n  starting; stderr:\n  port in use");
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(5));
        start(helpers().command("server", "echo", "listening").readyWhen(line("listening")));
    }

    @Test
    void notGettingReadyEndsIt() {
        assertThatThrownBy(() -> start(new CommandHelpers(session, checkpoints, new Timeouts(0.01))
                        .command("server", "sleep", "300")
                        .readyWhen(line("listening"))))
                .isInstanceOf(ShmException.class)
                .hasMessageContaining(
                        "was not ready within 300 ms, that is: a line with \"listening\"; it is SLEEPING");
        assertThatThrownBy(() -> line("")).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void undeclaredDeathIsTold() {
        CommandProcess helper = (CommandProcess) start(helpers().command("c", "sh", "-c", "echo bad >&2; exit 137"));
        assertThat(helper.awaitExit()).isEqualTo(Exit.code(137));
        assertThat(helper.undeclaredDeath())
                .hasValue(helper + " exited with code 137, which expectExit had not declared; stderr:\n  bad");
        helper.expectExit(ExitPredicate.exitCode(137));
        assertThat(helper.undeclaredDeath()).isEmpty();
    }

    @Test
    void isKilledWithAllThatItStarted() {
        CommandHelper helper = start(helpers()
                .command("c", "sh", "-c", "sleep 300 & echo child $!; wait")
                .readyWhen(line("child ")));
        long child = await().until(() -> helper.stdout().lines(), lines -> !lines.isEmpty()).stream()
                .mapToLong(text -> Long.parseLong(text.substring("child ".length())))
                .findFirst()
                .orElseThrow();
        assertThat(ProcFs.startTime(child)).isPresent();
        helper.kill();
        await().until(() -> ProcFs.startTime(child).isEmpty());
    }

    // --- standard input ---

    @Test
    void whatIsWrittenToItsStandardInputIsRead() {
        CommandHelper cat = start(helpers().command("cat", "cat").pipedInput());

        cat.stdin().println("first");
        assertThat(cat.awaitLine("first")).isEqualTo("first");
        cat.stdin().write("second, ümlaut\n");
        assertThat(cat.awaitLine("second")).isEqualTo("second, ümlaut");
        cat.stdin().close();

        assertThat(cat.awaitExit()).isEqualTo(Exit.code(0));
        assertThatThrownBy(() -> cat.stdin().println("more")).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void moreThanAPipeHoldsIsReadWhole() {
        CommandHelper counts = start(helpers().command("wc", "wc", "-c").pipedInput());

        counts.stdin().write(new byte[1_000_000]);
        counts.stdin().close();

        assertThat(counts.awaitExit()).isEqualTo(Exit.code(0));
        assertThat(counts.stdout().lines()).containsExactly("1000000");
    }

    @Test
    void aCommandThatDoesNotReadIsWaitedForToItsLimit() {
        CommandHelper sleeps = start(new CommandHelpers(session, checkpoints, new Timeouts(Duration.ofMillis(300), 1))
                .command("sleeps", "sleep", "60")
                .pipedInput());

        assertThatThrownBy(() -> sleeps.stdin().write(new byte[1_000_000]))
                .isInstanceOf(ShmTimeoutException.class)
                .hasMessageMatching(
                        "command helper .*|helper 'sleeps' \\(pid \\d+\\) did not read its standard input within 300 "
                                + "ms: \\d+ bytes are left; it is SLEEPING");
        sleeps.kill();
        assertThatThrownBy(() -> sleeps.stdin().println("x"))
                .isInstanceOf(HelperDiedException.class)
                .hasMessageContaining("was killed by SIGKILL before it read all of its standard input");
    }

    @Test
    void aCommandThatClosedItsStandardInputIsNamed() {
        CommandHelper closed = start(helpers()
                .command("closed", "sh", "-c", "exec 0<&-; echo closed; exec sleep 60")
                .pipedInput());
        closed.awaitLine("closed");

        assertThatThrownBy(() -> closed.stdin().println("x"))
                .isInstanceOf(ShmException.class)
                .hasMessageEndingWith(" has closed its standard input");
    }

    @Test
    void withoutAPipeItReadsTheEndOfTheFileAndTheRemedyIsNamed() {
        CommandHelper cat = start(helpers().command("cat", "cat"));

        assertThat(cat.awaitExit()).isEqualTo(Exit.code(0));
        assertThatThrownBy(cat::stdin)
                .isInstanceOf(IllegalStateException.class)
                .hasMessageEndingWith("give it a pipe by pipedInput() before start()");
    }
}
