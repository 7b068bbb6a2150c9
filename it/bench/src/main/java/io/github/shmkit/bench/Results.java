package io.github.shmkit.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What a run measured: rows, and lines that a reader has to know. */
record Results(List<Row> rows, List<String> notes) {
    private static final String NOTE = "# ";

    static Results of(List<String> lines) {
        List<Row> rows = new ArrayList<>();
        List<String> notes = new ArrayList<>();
        for (String line : lines) {
            if (line.startsWith(NOTE)) {
                notes.add(line.substring(NOTE.length()));
            } else {
                rows.add(Row.of(Samples.parse(line)));
            }
        }
        return new Results(List.copyOf(rows), List.copyOf(notes));
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
        List<String> lines = new ArrayList<>();
        for (Row row : rows) {
            Row old = earlier.get(row.key());
            if (old != null) {
                both++;
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
                        + " ratios lie within the spread of the run before, and those of that run within theirs"
                        + (lines.isEmpty() ? "" : "; the others:"));
        return lines;
    }

    Map<String, Object> json(Map<String, String> machine) {
        Map<String, Object> json = new LinkedHashMap<>(machine);
        json.put("rows", rows.stream().map(Row::json).toList());
        json.put("notes", notes);
        return json;
    }
}
