package io.github.shmkit.junit.internal;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * In which order programs make their accesses, for people: {@code writer*6 reader*2 writer*1}.
 *
 * @param turns one after the other; neighbours have different names
 */
public record Schedule(List<Turn> turns) {
    private static final Pattern TURN = Pattern.compile("(\\S+?)[*×]([1-9]\\d{0,5})");

    /**
     * So many accesses of a program.
     *
     * @param name of its helper, without white space
     */
    public record Turn(String name, int accesses) {
        @Override
        public String toString() {
            return name + "*" + accesses;
        }
    }

    /** Of the names of those that make one access after the other. */
    static Schedule of(List<String> names) {
        List<Turn> turns = new ArrayList<>();
        for (String name : names) {
            String word = word(name);
            int last = turns.size() - 1;
            if (last >= 0 && turns.get(last).name().equals(word)) {
                turns.set(last, new Turn(word, turns.get(last).accesses() + 1));
            } else {
                turns.add(new Turn(word, 1));
            }
        }
        return new Schedule(List.copyOf(turns));
    }

    /** A name as it is written in schedules. */
    static String word(String name) {
        return name.replaceAll("\\s", "_");
    }

    /**
     * As it is written.
     *
     * @throws IllegalArgumentException if it cannot be meant
     */
    public static Schedule parse(String text) {
        return new Schedule(
                Arrays.stream(text.strip().split("\\s+")).map(Schedule::turn).toList());
    }

    private static Turn turn(String word) {
        Matcher matcher = TURN.matcher(word);
        if (!matcher.matches()) {
            throw new IllegalArgumentException(
                    "must be names with numbers of accesses, such as a*6 b*2, where '" + word + "' is none");
        }
        return new Turn(matcher.group(1), Integer.parseInt(matcher.group(2)));
    }

    /** Who makes which access, each named. */
    List<String> names() {
        return turns.stream()
                .flatMap(turn -> java.util.Collections.nCopies(turn.accesses(), turn.name()).stream())
                .toList();
    }

    @Override
    public String toString() {
        return turns.stream().map(Turn::toString).collect(Collectors.joining(" "));
    }
}
