package io.github.shmkit.bench;

import io.github.shmkit.internal.helper.NativeHelpers;
import io.github.shmkit.internal.helper.Timeouts;
import io.github.shmkit.internal.session.Session;
import io.github.shmkit.process.NativeHelper;
import java.io.IOException;
import java.util.List;

final class B03NativeHelpers implements Benchmark {
    private static final int REPETITIONS = 60;
    private static final int PROCESS_REPETITIONS = 15;

    @Override
    public String id() {
        return "B3";
    }

    @Override
    public String work() {
        return "native helper from request to first reply";
    }

    @Override
    public String peers() {
        return "ProcessBuilder of the same program to its first reply; posix_spawn of it in C, likewise";
    }

    @Override
    public String goal() {
        return "≤ 0.2; ≤ 1.0";
    }

    @Override
    public String method() {
        return "Ours is NativeHelper.Builder.start, which returns with the greeting of a process that the supervisor "
                + "forked. The peers start the same program from a file without arguments, so that it does nothing but "
                + "write its first line, and read that line's first byte. The end of the processes is in no Java "
                + "figure; C's includes waitpid.";
    }

    @Override
    public void run(Contest contest) throws Exception {
        String program = Programs.helper().toString();
        try (Session session = Session.open()) {
            NativeHelpers helpers = new NativeHelpers(session.supervisor(), new Timeouts(1));
            contest.measure(
                    "start",
                    "µs",
                    new Contest.Length(25, 24, 15),
                    () -> start(helpers, REPETITIONS) / 1_000,
                    List.of(
                            new Peer("ProcessBuilder of the same program", 0.2, () -> spawn(program) / 1_000),
                            new Peer(
                                    "posix_spawn of it in C",
                                    1.0,
                                    Programs.kernelFigure("spawn", program, REPETITIONS)
                                            .per(1_000))));
        }
    }

    static double start(NativeHelpers helpers, int repetitions) {
        long took = 0;
        for (int i = 0; i < repetitions; i++) {
            long start = System.nanoTime();
            NativeHelper helper = helpers.helper("bench").start();
            took += System.nanoTime() - start;
            helper.close();
        }
        return (double) took / repetitions;
    }

    private static double spawn(String program) throws Exception {
        long took = 0;
        for (int i = 0; i < PROCESS_REPETITIONS; i++) {
            long start = System.nanoTime();
            Process process = new ProcessBuilder(program).start();
            if (process.getErrorStream().read() < 0) {
                throw new IOException(program + " says nothing");
            }
            took += System.nanoTime() - start;
            process.waitFor();
        }
        return (double) took / PROCESS_REPETITIONS;
    }
}
