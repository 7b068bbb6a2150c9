package io.github.shmkit.bench;

import java.util.LinkedHashMap;
import java.util.Map;

/** A line of the table. */
record Row(
        String id,
        String work,
        String unit,
        Stats ours,
        String peerName,
        Stats peer,
        Stats ratio,
        double goal,
        int runs) {
    static Row of(Samples samples) {
        return new Row(
                samples.id(),
                samples.work(),
                samples.unit(),
                Stats.of(samples.ours()),
                samples.peer(),
                Stats.of(samples.theirs()),
                Stats.ofRatios(samples.ours(), samples.theirs()),
                samples.goal(),
                samples.ours().length);
    }

    boolean hasGoal() {
        return !Double.isNaN(goal);
    }

    boolean met() {
        return ratio.median() <= goal;
    }

    /** Whether the ratio of each of two runs lies within the quartiles of the other's. */
    boolean agreesWith(Row other) {
        return ratio.covers(other.ratio.median()) && other.ratio.covers(ratio.median());
    }

    /** Whether the ratio of each of two runs lies between the least and the largest of the other's. */
    boolean meets(Row other) {
        return ratio.reaches(other.ratio.median()) && other.ratio.reaches(ratio.median());
    }

    /** What says that a row of another run is the same. */
    String key() {
        return id + " / " + work + " / " + peerName; // as Samples has it
    }

    Map<String, Object> json() {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("id", id);
        json.put("work", work);
        json.put("unit", unit);
        json.put("ours", ours.median());
        json.put("peer name", peerName);
        json.put("peer", peer.median());
        json.put("ratio", ratio.median());
        json.put("runs", runs);
        Map<String, Object> spread = new LinkedHashMap<>();
        spread.put("low", ratio.low());
        spread.put("high", ratio.high());
        json.put("spread", spread);
        if (hasGoal()) {
            json.put("goal", goal);
            json.put("met", met());
        }
        return json;
    }
}
