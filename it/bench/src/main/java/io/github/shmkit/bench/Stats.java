package io.github.shmkit.bench;

import java.util.Arrays;

/** The middle of what was measured, and how far it spreads: the quartiles, and the least and the largest. */
record Stats(double median, double low, double high, double min, double max) {
    static Stats of(double[] samples) {
        if (samples.length == 0) {
            throw new IllegalArgumentException("nothing was measured");
        }
        double[] sorted = samples.clone();
        Arrays.sort(sorted);
        return new Stats(
                quantile(sorted, 0.5),
                quantile(sorted, 0.25),
                quantile(sorted, 0.75),
                sorted[0],
                sorted[sorted.length - 1]);
    }

    /** Of each pair of samples that were taken one after the other: what disturbs both drops out. */
    static Stats ofRatios(double[] ours, double[] peer) {
        if (ours.length != peer.length) {
            throw new IllegalArgumentException(ours.length + " samples cannot be paired with " + peer.length);
        }
        double[] ratios = new double[ours.length];
        for (int i = 0; i < ratios.length; i++) {
            ratios[i] = ours[i] / peer[i];
        }
        return of(ratios);
    }

    private static double quantile(double[] sorted, double part) {
        double at = part * (sorted.length - 1);
        int below = (int) at;
        int above = Math.min(below + 1, sorted.length - 1);
        return sorted[below] + (at - below) * (sorted[above] - sorted[below]);
    }

    boolean reaches(double value) {
        return min <= value && value <= max;
    }

    boolean covers(double value) {
        return low <= value && value <= high;
    }

    /** Half the distance of the quartiles as a part of the median. */
    double spread() {
        return (high - low) / 2 / median;
    }
}
