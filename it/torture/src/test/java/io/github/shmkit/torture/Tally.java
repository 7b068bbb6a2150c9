package io.github.shmkit.torture;

import java.util.EnumMap;
import java.util.Map;

/** Kills, counted by who was killed. */
final class Tally {
    /** Whoever there is to kill. */
    enum Victim {
        TEST_JVM("test JVM"),
        SUPERVISOR("supervisor"),
        REAPER("supervisor that reaps"),
        SWEEPER("sweep"),
        ACTUATOR("actuator of a sweep"),
        BUILD("build without Maven"),
        MAVEN("Maven"),
        WATCHDOG("watchdog"),
        CLEANING_WATCHDOG("watchdog that cleans"),
        /** Shown, and not counted: they neither own nor clean anything. */
        HELPER("(native helper)");

        private final String text;

        Victim(String text) {
            this.text = text;
        }
    }

    private static final class Count {
        private int kills;
        private int withObject;
    }

    private final Map<Victim, Count> counts = new EnumMap<>(Victim.class);

    Tally() {
        for (Victim victim : Victim.values()) {
            counts.put(victim, new Count());
        }
    }

    /** One more, of which was seen just before whether an object of ours was alive. */
    synchronized void add(Victim victim, boolean withObject) {
        Count count = counts.get(victim);
        count.kills++;
        count.withObject += withObject ? 1 : 0;
    }

    synchronized int kills() {
        return sum(true, false);
    }

    synchronized int killsWithObject() {
        return sum(false, true);
    }

    synchronized int kills(Victim victim) {
        return counts.get(victim).kills;
    }

    private int sum(boolean all, boolean withObject) {
        int sum = 0;
        for (Map.Entry<Victim, Count> entry : counts.entrySet()) {
            if (entry.getKey() != Victim.HELPER) {
                sum += all ? entry.getValue().kills : 0;
                sum += withObject ? entry.getValue().withObject : 0;
            }
        }
        return sum;
    }

    /** A line for each kind of victim, and one for all. */
    synchronized String table() {
        StringBuilder table = new StringBuilder(line("killed with -9", "kills", "with an object alive"));
        counts.forEach((victim, count) ->
                table.append(line(victim.text, Integer.toString(count.kills), Integer.toString(count.withObject))));
        return table.append(line("all but helpers", Integer.toString(kills()), Integer.toString(killsWithObject())))
                .toString();
    }

    private static String line(String who, String kills, String withObject) {
        return String.format("%-24s %6s %21s%n", who, kills, withObject);
    }
}
