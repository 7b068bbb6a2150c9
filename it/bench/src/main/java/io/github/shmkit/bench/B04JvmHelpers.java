package io.github.shmkit.bench;

import io.github.shmkit.internal.helper.JvmHelpers;
import io.github.shmkit.internal.helper.JvmLauncher;
import io.github.shmkit.internal.helper.SessionCheckpoints;
import io.github.shmkit.internal.helper.Timeouts;
import io.github.shmkit.internal.session.Session;
import io.github.shmkit.process.JvmHelper;
import java.util.List;

final class B04JvmHelpers implements Benchmark {
    /** It would be 1.5 with an archive of the helper's classes, which the JDK makes of no class path that has folders. */
    private static final double COLD_GOAL = 1.9;

    private static final double WARM_GOAL = 0.3;

    @Override
    public String id() {
        return "B4";
    }

    @Override
    public String work() {
        return "JVM helper with a lambda and its result, cold and warm";
    }

    @Override
    public String peers() {
        return "java with an empty main";
    }

    @Override
    public String goal() {
        return "cold ≤ 1.5 with a CDS archive, else ≤ 1.9; warm ≤ 0.3";
    }

    @Override
    public String method() {
        return "Ours is start and one call of a lambda that returns a number; warm takes the JVM that the session keeps "
                + "in reserve. The peer is ProcessBuilder of java with the default options and this run's class path, "
                + "to its end. A test's class path has folders, of which the JDK makes no archive of classes: the goal shown "
                + "is the one without.";
    }

    @Override
    public void run(Contest contest) throws Exception {
        List<String> empty = Programs.java(Empty.class);
        Peer cold = new Peer("java with an empty main", COLD_GOAL, () -> run(empty));
        Peer warm = new Peer("java with an empty main", WARM_GOAL, () -> run(empty));
        try (Session session = Session.open();
                SessionCheckpoints checkpoints = new SessionCheckpoints(session, new Timeouts(1))) {
            try (JvmLauncher launcher = new JvmLauncher(session, new Timeouts(1), false)) {
                JvmHelpers helpers = new JvmHelpers(launcher, checkpoints, new Timeouts(1));
                contest.measure("cold", "ms", new Contest.Length(3, 16, 20), () -> call(helpers), List.of(cold));
            }
            try (JvmLauncher launcher = new JvmLauncher(session, new Timeouts(1), true)) {
                JvmHelpers helpers = new JvmHelpers(launcher, checkpoints, new Timeouts(1));
                Arm ours = () -> {
                    launcher.awaitSpare();
                    return call(helpers);
                };
                contest.measure("warm", "ms", new Contest.Length(3, 36, 30), ours, List.of(warm));
            }
        }
    }

    private static double call(JvmHelpers helpers) {
        long start = System.nanoTime();
        try (JvmHelper helper = helpers.jvm("bench").start()) {
            int result = helper.call(context -> 42);
            double took = (System.nanoTime() - start) / 1e6;
            if (result != 42) {
                throw new IllegalStateException("a JVM helper answered " + result);
            }
            return took;
        }
    }

    private static double run(List<String> command) throws Exception {
        long start = System.nanoTime();
        int code = new ProcessBuilder(command).inheritIO().start().waitFor();
        double took = (System.nanoTime() - start) / 1e6;
        if (code != 0) {
            throw new IllegalStateException("java ended with " + code);
        }
        return took;
    }

    static final class Empty {
        private Empty() {}

        public static void main(String[] args) {}
    }
}
