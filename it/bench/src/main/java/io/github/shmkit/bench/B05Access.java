package io.github.shmkit.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.Options;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import org.openjdk.jmh.runner.options.VerboseMode;

final class B05Access implements Benchmark {
    private static final double GOAL = 1.05;
    private static final int FOREIGN_MEMORY_SINCE = 22;

    @Override
    public String id() {
        return "B5";
    }

    @Override
    public String work() {
        return "typed access to a segment: get, put, CAS, 8 bytes";
    }

    @Override
    public String peers() {
        return "MappedByteBuffer with VarHandle; on 25 MemorySegment";
    }

    @Override
    public String goal() {
        return "≤ 1.05";
    }

    @Override
    public String method() {
        return "JMH, average time; each figure is a fresh JVM's, with the sides in turn. Every side walks over a page of a "
                + "mapped file, 8 bytes a call. MemorySegment needs JDK 22 or later and is left out below it.";
    }

    @Override
    public void run(Contest contest) throws Exception {
        boolean foreign = Runtime.version().feature() >= FOREIGN_MEMORY_SINCE;
        if (!foreign) {
            contest.note("MemorySegment is left out: this is Java "
                    + Runtime.version().feature());
        }
        for (String operation : List.of("Get", "Put", "Cas")) {
            List<Peer> peers = new ArrayList<>();
            peers.add(new Peer("MappedByteBuffer with VarHandle", GOAL, () -> jmh("Access.mapped" + operation)));
            if (foreign) {
                peers.add(new Peer("MemorySegment", GOAL, () -> jmh("ForeignAccess.foreign" + operation)));
            }
            contest.measure(
                    operation.toLowerCase(Locale.ROOT),
                    "ns",
                    new Contest.Length(0, 7, 20),
                    () -> jmh("Access.ours" + operation),
                    peers);
        }
    }

    private static double jmh(String method) throws RunnerException {
        Options options = new OptionsBuilder()
                .include("\\." + method.replace(".", "\\.") + "$")
                .forks(1)
                .warmupIterations(3)
                .warmupTime(TimeValue.milliseconds(150))
                .measurementIterations(3)
                .measurementTime(TimeValue.milliseconds(150))
                .jvmArgsAppend("--enable-native-access=ALL-UNNAMED")
                .verbosity(VerboseMode.SILENT)
                .build();
        return new Runner(options).runSingle().getPrimaryResult().getScore();
    }
}
