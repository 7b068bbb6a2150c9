package io.github.shmkit.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** What a run measured: rows, and lines that a reader has to know. */
record Results(List<Row> rows, List<String> notes) {
    private static final String NOTE = "# ";

    static Results of(List<String> lines) {
        Map<String, Samples> rows = new LinkedHashMap<>();
        Set<String> notes = new LinkedHashSet<>();
        for (String line : lines) {
            if (line.startsWith(NOTE)) {
                notes.add(line.substring(NOTE.length()));
            } else {
                Samples samples = Samples.parse(line);
                rows.merge(samples.key(), samples, Samples::and);
            }
        }
        List<Row> all = rows.values().stream().map(Row::of).toList();
        for (Benchmark benchmark : Benchmark.all()) {
            List<Row> own =
                    all.stream().filter(row -> row.id().equals(benchmark.id())).toList();
            if (!own.isEmpty()) {
                benchmark.conclusions(own).forEach(text -> notes.add(benchmark.id() + ": " + text));
            }
        }
        return new Results(all, List.copyOf(notes));
    }

    /** Nothing, if there is no such file. */
    static Results read(Path samples) throws IOException {
        return of(Files.exists(samples) ? Files.readAllLines(samples) : List.of());
    }

    List<Row> rows(Benchmark benchmark) {
        return rows.stream().filter(row -> row.id().equals(benchmark.id())).toList();
    }

    List<String> notes(Benchmark benchmark) {
        return notes.stream()
                .filter(note -> note.startsWith(benchmark.id() + ":"))
                .toList();
    }

    long goals() {
        return rows.stream().filter(Row::hasGoal).count();
    }

    long goalsMet() {
        return rows.stream().filter(Row::met).count();
    }

    /** How far a run before and this one say the same; empty if there was none. */
    List<String> comparedWith(Results before) {
        Map<String, Row> earlier = new LinkedHashMap<>();
        before.rows.forEach(row -> earlier.put(row.key(), row));
        int both = 0;
        int inRange = 0;
        List<String> lines = new ArrayList<>();
        for (Row row : rows) {
            Row old = earlier.get(row.key());
            if (old != null) {
                both++;
                inRange += row.meets(old) ? 1 : 0;
                if (!row.agreesWith(old)) {
                    lines.add(row.key() + ": " + Text.ratio(old) + " before, " + Text.ratio(row) + " now");
                }
            }
        }
        if (both == 0) {
            return List.of();
        }
        lines.add(
                0,
                (both - lines.size()) + " of " + both
                        + " ratios lie within the quartiles of the run before, and those of that run within theirs; "
                        + inRange
                        + " among all that the other run's rounds said" + (lines.isEmpty() ? "" : "; the others:"));
        return lines;
    }

    Map<String, Object> json(Map<String, String> machine) {
        Map<String, Object> json = new LinkedHashMap<>(machine);
        json.put("rows", rows.stream().map(Row::json).toList());
        json.put("notes", notes);
        return json;
    }
}
