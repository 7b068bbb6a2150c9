package io.github.shmkit.internal.helper;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.shmkit.SegmentKind;
import io.github.shmkit.SegmentSpec;
import io.github.shmkit.internal.session.BuildSession;
import io.github.shmkit.internal.session.Session;
import io.github.shmkit.process.CommandHelper;
import io.github.shmkit.process.JvmHelper;
import io.github.shmkit.process.NativeHelper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** That the session's secret is nowhere but in the environment of the session's processes. */
class SecretsTests {
    /** What a session shows to other processes, by where that is. */
    private static Map<String, String> shown(Session session) throws IOException {
        Map<String, String> shown = new LinkedHashMap<>();
        for (String folder : List.of("/dev/shm", "/dev/mqueue", System.getProperty("java.io.tmpdir"))) {
            shown.put("names in " + folder, String.join("\n", names(Path.of(folder))));
        }
        try (Stream<Path> files =
                Files.list(Path.of(session.supervisor().socketPath()).getParent())) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                shown.put(file.toString(), text(file));
            }
        }
        ProcessHandle.allProcesses().forEach(process -> {
            Path proc = Path.of("/proc", Long.toString(process.pid()));
            shown.put(proc + "/cmdline", text(proc.resolve("cmdline")));
            shown.put(proc + "/fd", String.join("\n", links(proc.resolve("fd"))));
        });
        return shown;
    }

    private static List<String> names(Path folder) throws IOException {
        List<String> names = new ArrayList<>();
        if (Files.isDirectory(folder)) {
            try (Stream<Path> all = Files.walk(folder, 2)) {
                all.forEach(path -> names.add(path.toString()));
            }
        }
        return names;
    }

    private static List<String> links(Path folder) {
        List<String> targets = new ArrayList<>();
        String[] names = folder.toFile().list();
        for (String name : names == null ? new String[0] : names) {
            try {
                targets.add(Files.readSymbolicLink(folder.resolve(name)).toString());
            } catch (IOException e) {
                targets.add(""); // closed meanwhile
            }
        }
        return targets;
    }

    private static String text(Path file) {
        try {
            return Files.readString(file, StandardCharsets.ISO_8859_1);
        } catch (IOException e) {
            return ""; // gone meanwhile
        }
    }

    @Test
    void onlyEnvironmentsHoldTheSecret() throws Exception {
        try (Session session = Session.open();
                BuildSession build = BuildSession.open(session.id())) {
            for (SegmentKind kind : SegmentKind.values()) {
                session.create(SegmentSpec.of(kind));
            }
            session.createSemaphore("semaphore", 1);
            session.createQueue("queue", 1, 1);
            session.createSemaphoreSet("set", 1, 0);
            session.createSysvQueue("messages");
            try (SessionCheckpoints checkpoints = new SessionCheckpoints(session, new Timeouts(1));
                    JvmLauncher launcher = new JvmLauncher(session, new Timeouts(1), false);
                    NativeHelper peer = new NativeHelpers(session.supervisor(), new Timeouts(1))
                            .helper("native")
                            .start();
                    CommandHelper command = new CommandHelpers(session, checkpoints, new Timeouts(1))
                            .command("command", "sleep", "60")
                            .start();
                    JvmHelper jvm = new JvmHelpers(launcher, checkpoints, new Timeouts(1))
                            .jvm("jvm")
                            .start()) {
                String secret = session.secret().text();
                Map<String, String> shown = shown(session);

                assertThat(List.of(command, jvm))
                        .as("the control: it is in their environment, and seen there")
                        .allMatch(helper -> text(Path.of("/proc/" + helper.pid() + "/environ"))
                                .contains("SHMKIT_SESSION=" + secret + "\0"));
                assertThat(shown)
                        .as("the control: the public id is seen")
                        .containsKeys("/proc/" + build.watchdogPid() + "/cmdline", "/proc/" + peer.pid() + "/fd")
                        .extractingByKey("/proc/" + build.watchdogPid() + "/cmdline")
                        .asString()
                        .contains(session.id().text());
                assertThat(shown.values()).noneMatch(text -> text.contains(secret));
            }
        }
    }
}
