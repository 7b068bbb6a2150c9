package io.github.shmkit.bench;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

final class B10Maven implements Benchmark {
    private static final double GOAL = 1.10;
    private static final int PAIRS = 40;

    @Override
    public String id() {
        return "B10";
    }

    @Override
    public String work() {
        return "mvn on an empty project with the extension, nothing leaked";
    }

    @Override
    public String peers() {
        return "the same without the extension (and A against A)";
    }

    @Override
    public String goal() {
        return "≤ 1.10 or twice the spread of A/A, median of 40 pairs";
    }

    @Override
    public String method() {
        return "`mvn -o verify` of a jar project without sources, with the extension declared in its pom, as a process from "
                + "its start to its end, compiled by C1 only as Maven's own launcher scripts for short builds have it. "
                + "A against A is the project without the extension once more. The goal shown is 1.10, or 1 and twice "
                + "the spread (half the distance of the quartiles) of A against A if that is more.";
    }

    /** Each round has a JVM of its own, and the goal depends on all of them. */
    @Override
    public int passes() {
        return 1;
    }

    @Override
    public void run(Contest contest) throws Exception {
        Path projects = Programs.FOLDER.resolve("project");
        maven(projects.resolve("extended"), false);
        maven(projects.resolve("plain"), false);
        Map<String, Samples> measured = contest.compare(
                "verify",
                "ms",
                new Contest.Length(1, PAIRS, 260),
                () -> maven(projects.resolve("extended"), true),
                List.of(
                        new Peer("without the extension", GOAL, () -> maven(projects.resolve("plain"), true)),
                        new Peer("without it once more", GOAL, () -> maven(projects.resolve("plain"), true))));
        List<Samples> samples = new ArrayList<>(measured.values());
        Samples first = samples.get(0);
        Samples second = samples.get(1);
        Samples same = new Samples(
                first.id(), "A against A", first.unit(), first.peer(), Peer.NO_GOAL, second.theirs(), first.theirs());
        double spread = Stats.ofRatios(same.ours(), same.theirs()).spread();
        contest.add(new Samples(
                first.id(),
                first.work(),
                first.unit(),
                first.peer(),
                Math.max(GOAL, 1 + 2 * spread),
                first.ours(),
                first.theirs()));
        contest.add(same);
    }

    private static double maven(Path project, boolean offline) throws Exception {
        List<String> command = new ArrayList<>(List.of(
                System.getProperty("bench.mavenHome") + "/bin/mvn",
                "-B",
                "-s",
                Programs.FOLDER.resolve("project/settings.xml").toString(),
                "-Dmaven.repo.local=" + Programs.FOLDER.resolve("repository")));
        if (offline) {
            command.add("-o");
        }
        command.add("verify");
        long start = System.nanoTime();
        Programs.run(
                project, Map.of("MAVEN_OPTS", "-XX:+UseSerialGC -XX:TieredStopAtLevel=1", "MAVEN_ARGS", ""), command);
        return (System.nanoTime() - start) / 1e6;
    }
}
