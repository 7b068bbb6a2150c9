package io.github.shmkit.bench;

/**
 * Whom ours is compared with.
 *
 * @param goal the largest ratio of ours to the peer that is good; not a number if there is none
 */
record Peer(String name, double goal, Arm arm) {
    static final double NO_GOAL = Double.NaN;
}
