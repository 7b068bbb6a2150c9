package io.github.shmkit.bench;

import java.util.List;

/** The work of one letter and number of the table. */
interface Benchmark {
    String id();

    /** What is measured, in the words of the goals. */
    String work();

    /** Whom it is compared with, in the words of the goals. */
    String peers();

    /** What is to be reached, in the words of the goals. */
    String goal();

    /** How each side is measured: what a reader needs in order to judge whether like is compared with like. */
    String method();

    /** In a JVM and in namespaces of its own. */
    void run(Contest contest) throws Exception;

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
                new B11Growth());
    }
}
