package io.github.shmkit.internal.sweep;

import java.time.Duration;
import java.util.OptionalLong;

/**
 * What a verdict depends on beside the object and its claim.
 *
 * @param euid of the user who sweeps
 * @param nameless the uid that stands for every user who has none in this user namespace; empty where all have one
 * @param exclusive the user's word that nobody else makes objects here
 * @param othersLive another session is running
 * @param secretive a running session of which it cannot be found out what it has; empty for none
 * @param nowSeconds the wall clock, since the epoch
 * @param minAge see {@link SweepPolicy}
 * @param minAgeOfNew see {@link SweepPolicy}
 */
public record Circumstances(
        long euid,
        OptionalLong nameless,
        boolean exclusive,
        boolean othersLive,
        String secretive,
        long nowSeconds,
        Duration minAge,
        Duration minAgeOfNew) {}
