package io.github.shmkit.bench;

/** One of those that are compared. */
interface Arm {
    /**
     * Does the work once and tells what it cost, in the unit of its contest.
     *
     * <p>What it has to prepare and to clean up is not in the figure.
     */
    double measure() throws Exception;

    /** Some work that is timed as a whole. */
    interface Work {
        void run() throws Exception;
    }

    /** The nanoseconds of each of so many repetitions. */
    static Arm nanos(int repetitions, Work work) {
        return () -> {
            long start = System.nanoTime();
            for (int i = 0; i < repetitions; i++) {
                work.run();
            }
            return (double) (System.nanoTime() - start) / repetitions;
        };
    }

    /** The same in another unit. */
    default Arm per(double nanos) {
        return () -> measure() / nanos;
    }
}
