package io.github.shmkit.bench;

import java.util.List;
import java.util.Set;

/** The work of one letter and number of the table. */
interface Benchmark {
    /** Of those with two sides: whether the machine has put them close to each other changes all, and stays so for a while. */
    int PASSES_OF_TWO_SIDES = 5;

    String id();

    /** What is measured, in the words of the goals. */
    String work();

    /** Whom it is compared with, in the words of the goals. */
    String peers();

    /** What is to be reached, in the words of the goals. */
    String goal();

    /** How each side is measured: what a reader needs in order to judge whether like is compared with like. */
    String method();

    /**
     * In how many JVMs it is measured, at different times of a run, each with a part of the rounds; in fewer where a run of
     * all would take too long, see {@link Budget}.
     *
     * <p>How a JVM happens to compile and to lay things out, and what else the machine does for a minute, is the same for all
     * rounds in one JVM: what one says spreads far less than what two runs say.
     */
    default int passes() {
        return 3;
    }

    /** What its rows say when all passes are over, for the reader. */
    default List<String> conclusions(List<Row> rows) {
        return List.of();
    }

    /** In a JVM and in namespaces of its own. */
    void run(Contest contest) throws Exception;

    /**
     * Those of these ids, or all if there are none, in the order of the table.
     *
     * @throws IllegalArgumentException if there is no benchmark of an id
     */
    static List<Benchmark> of(Set<String> ids) {
        List<String> known = all().stream().map(Benchmark::id).toList();
        for (String id : ids) {
            if (!known.contains(id)) {
                throw new IllegalArgumentException("there is no benchmark '" + id + "': there are "
                        + String.join(" ", known) + ", separate them by spaces");
            }
        }
        return all().stream()
                .filter(benchmark -> ids.isEmpty() || ids.contains(benchmark.id()))
                .toList();
    }

    /** All, in the order of the table. */
    static List<Benchmark> all() {
        return List.of(
                new B01Segments(),
                new B02Extension(),
                new B03NativeHelpers(),
                new B04JvmHelpers(),
                new B05Access(),
                new B06PingPong(),
                new B07Transfer(),
                new B08Claims(),
                new B09Sweep(),
                new B10Maven(),
                new B11Growth(),
                new B12Trace());
    }
}
