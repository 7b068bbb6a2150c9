package io.github.shmkit.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

final class B12Trace implements Benchmark {
    private static final int STORES = 20_000;
    private static final int PAGE = 4_096;

    @Override
    public String id() {
        return "B12";
    }

    @Override
    public String work() {
        return "a store of a program that is traced, as @EachCrashPoint does";
    }

    @Override
    public String peers() {
        return "two stops of a process by ptrace(2), which is the least that it takes";
    }

    @Override
    public String goal() {
        return "≤ 3.0";
    }

    @Override
    public String method() {
        return "A program in C changes 20 000 longs of a page in /dev/shm, under the tracer of shm-helper, which records each with "
                + "the bytes before and after. The peer is a process that raises SIGTRAP twice, and a tracer that lets it go "
                + "on at once. The row without a goal is the same program without a tracer.";
    }

    @Override
    public int passes() {
        return PASSES_OF_TWO_SIDES;
    }

    @Override
    public void run(Contest contest) throws Exception {
        if (!System.getProperty("os.arch", "").equals("amd64")) {
            contest.note("not measured: stores can be traced on x86-64 only");
            return;
        }
        Path page = Files.write(Path.of("/dev/shm/shmkit-bench-stores"), new byte[PAGE]);
        Path log = Path.of("/dev/shm/shmkit-bench-log");
        try {
            Peer stops = new Peer(
                    "two stops by ptrace(2)",
                    3,
                    Programs.kernelFigure("stops", STORES).per(1_000));
            Peer untraced = new Peer(
                    "without a tracer",
                    Peer.NO_GOAL,
                    Programs.kernelFigure("stores", page, STORES).per(1_000));
            contest.measure(
                    "a store",
                    "µs",
                    new Contest.Length(1, 5, 10),
                    () -> traced(page, log) / 1_000,
                    List.of(stops, untraced));
        } finally {
            Files.deleteIfExists(page);
            Files.deleteIfExists(log);
        }
    }

    private static double traced(Path page, Path log) throws IOException, InterruptedException, MissingException {
        Files.deleteIfExists(log);
        List<String> command = new ArrayList<>(List.of(
                Programs.helper().toString(), "shm-helper", "trace", log.toString(), "-1", "1", "path:" + page, "--"));
        command.addAll(Programs.kernel("stores", page, STORES));
        return Double.parseDouble(Programs.output(command));
    }
}
