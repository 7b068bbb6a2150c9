package io.github.shmkit.it;

import java.io.File;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.regex.Pattern;

/** What a scenario's scripts do before and after its build. */
public final class Verification {
    private static final String BYSTANDER = "bystander";
    private static final int MADE_MIN = 3;
    private static final int END_MILLIS = 2000;
    private static final int PAUSE_MILLIS = 20;

    private final String log;
    private final Properties evidence;
    private final String session;

    private Verification(Path project) throws IOException {
        this.log = Files.readString(project.resolve("build.log"));
        this.evidence = Machine.evidence(project.resolve("target/evidence.properties"));
        this.session = evidence.getProperty("session");
    }

    /** Before the build: puts somebody on the machine who must not notice it. */
    public static void prepare(File project, Map<String, Object> context) throws IOException {
        Path target = project.toPath().getParent().getParent();
        context.put(
                BYSTANDER,
                Bystander.start(
                        target.resolve("bystander"),
                        project.toPath().resolve("bystander").toAbsolutePath()));
    }

    /** After the build: nothing of it is left, the bystander has noticed nothing, and the log says what it should. */
    public static void verify(File project, Map<String, Object> context, Consumer<Verification> more)
            throws IOException, InterruptedException {
        try (Bystander bystander = (Bystander) context.get(BYSTANDER)) {
            Verification verification = new Verification(project.toPath());
            int leaked = verification.nothingIsLeft();
            more.accept(verification);
            String look = bystander.look();
            check(look.equals("UNTOUCHED " + bystander.objects()), "the bystander says: " + look);
            // Straight to the console: the invoker sends what scripts print to the scenario's log.
            new PrintStream(new FileOutputStream(FileDescriptor.out), true, StandardCharsets.UTF_8)
                    .printf(
                            "[INFO] %s: %s objects made, %d leaked; a bystander's %d untouched%n",
                            project.getName(), verification.evidence.getProperty("made"), leaked, bystander.objects());
        }
    }

    private int nothingIsLeft() throws InterruptedException {
        check(
                Integer.parseInt(evidence.getProperty("seen")) >= MADE_MIN,
                "the test saw only " + evidence.getProperty("seen") + " of its objects: this scenario proves nothing");
        Set<String> left = new TreeSet<>(Machine.filesWith(session));
        left.addAll(Machine.sysvOf(
                Long.parseLong(evidence.getProperty("pid")), Integer.parseInt(evidence.getProperty("shmid"))));
        check(left.isEmpty(), "these are left: " + left);
        // A supervisor's last act is to remove its files; the end of the process itself may be a moment later.
        long until = System.currentTimeMillis() + END_MILLIS;
        Set<String> processes = Machine.processesWith(session);
        while (!processes.isEmpty() && System.currentTimeMillis() < until) {
            Thread.sleep(PAUSE_MILLIS);
            processes = Machine.processesWith(session);
        }
        check(processes.isEmpty(), "these processes are left: " + processes);
        return left.size();
    }

    /** The session of the build whose test wrote the evidence. */
    public String session() {
        return session;
    }

    /** The log has this text. */
    public void logSays(String text) {
        check(log.contains(text), "the log does not say: " + text);
    }

    /** The log has a line with a part that matches. */
    public void logMatches(String regex) {
        check(Pattern.compile(regex, Pattern.MULTILINE).matcher(log).find(), "the log does not match: " + regex);
    }

    /** The log does not have this text. */
    public void logDoesNotSay(String text) {
        check(!log.contains(text), "the log says: " + text);
    }

    /** We had nothing to say, but what another program of this host may have made us. */
    public void logSaysNothingOfOurs() {
        check(!Pattern.compile("shmkit: (?!possibly )").matcher(log).find(), "the log has lines of ours");
    }

    private static void check(boolean good, String complaint) {
        if (!good) {
            throw new AssertionError(complaint);
        }
    }
}
