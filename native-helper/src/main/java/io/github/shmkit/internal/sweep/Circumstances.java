package io.github.shmkit.internal.sweep;

import java.time.Duration;

/**
 * What a verdict depends on beside the object and its claim.
 *
 * @param euid of the user who sweeps
 * @param exclusive the user's word that nobody else makes objects here
 * @param othersLive another session is running
 * @param nowSeconds the wall clock, since the epoch
 * @param minAge see {@link SweepPolicy}
 */
public record Circumstances(long euid, boolean exclusive, boolean othersLive, long nowSeconds, Duration minAge) {}
