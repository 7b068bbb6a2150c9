package io.github.shmkit.internal.helper;

import io.github.shmkit.Segment;
import io.github.shmkit.SegmentAddress;
import io.github.shmkit.internal.guard.LaunchSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** Fills <code>{path}</code> and the like in the arguments of a program. */
final class Placeholders {
    private static final List<String> OF_SEGMENTS = List.of("path", "name", "shmid", "key", "fd", "size", "uri");
    private static final List<String> OF_TESTS = List.of("pid", "control", "program", "artifacts");
    private static final String SEGMENT = "segment:";

    private final List<Segment> segments;
    private final Map<String, String> values;
    private final List<String> inherited = new ArrayList<>();

    /**
     * Fills from some segments and values.
     *
     * @param values by name; of "pid", "control", "program" and "artifacts" those that there are
     */
    Placeholders(List<Segment> segments, Map<String, String> values) {
        this.segments = segments;
        this.values = values;
    }

    /** The paths of which a descriptor was asked for, in the order of the descriptors. */
    List<String> inherited() {
        return inherited;
    }

    /**
     * Checks what can be checked before the segments are known.
     *
     * @param where names the text in messages: {@code argument 2 ("--x={nane}")}
     */
    static void check(String where, String text) {
        expand(where, text, name -> {
            String field = field(name);
            boolean known = OF_SEGMENTS.contains(field) || (!name.startsWith(SEGMENT) && OF_TESTS.contains(name));
            if (!known) {
                throw refused(where, name, "is unknown", everyName());
            }
            return "";
        });
    }

    private static String field(String name) {
        return name.startsWith(SEGMENT) ? name.substring(name.lastIndexOf('.') + 1) : name;
    }

    private static String everyName() {
        List<String> all = new ArrayList<>(OF_SEGMENTS);
        all.addAll(OF_TESTS);
        return listed(all) + " and {segment:LABEL.path} and so on";
    }

    private static String listed(List<String> names) {
        return names.stream().map(n -> "{" + n + "}").collect(Collectors.joining(", "));
    }

    private static IllegalArgumentException refused(String where, String name, String why, String valid) {
        return new IllegalArgumentException("placeholder {" + name + "} in " + where + " " + why + "; valid "
                + (valid.isEmpty() ? "is none" : "are " + valid) + "; a brace that is meant is written {{");
    }

    /** The text with all placeholders filled. */
    String fill(String where, String text) {
        return expand(where, text, name -> value(where, name));
    }

    private String value(String where, String name) {
        String own = values.get(name);
        if (own != null) {
            return own;
        }
        if (name.startsWith(SEGMENT)) {
            int dot = name.lastIndexOf('.');
            String label = name.substring(SEGMENT.length(), Math.max(SEGMENT.length(), dot));
            for (Segment segment : segments) {
                if (segment.label().equals(label)) {
                    return value(where, name, segment, field(name));
                }
            }
            throw refused(where, name, "names no segment that is attached", valid());
        }
        if (!OF_SEGMENTS.contains(name)) {
            throw refused(where, name, "has no value here", valid());
        }
        if (segments.isEmpty()) {
            throw refused(where, name, "needs a segment; attach(segment) one", valid());
        }
        return value(where, name, segments.get(0), name);
    }

    private String value(String where, String name, Segment segment, String field) {
        return ofSegment(segment.address(), field)
                .orElseThrow(() -> refused(
                        where,
                        name,
                        "does not exist for segment '" + segment.label() + "', which is " + segment.kind(),
                        valid()));
    }

    private Optional<String> ofSegment(SegmentAddress attach, String field) {
        if (field.equals("fd") && attach instanceof SegmentAddress.ByPath p) {
            return Optional.of(Integer.toString(descriptor(p.path())));
        }
        return Optional.ofNullable(plain(attach).get(field));
    }

    private int descriptor(String path) {
        if (!inherited.contains(path)) {
            inherited.add(path);
        }
        return LaunchSpec.FIRST_FD + inherited.indexOf(path);
    }

    private static Map<String, String> plain(SegmentAddress attach) {
        Map<String, String> fields = new TreeMap<>();
        fields.put("size", Long.toString(attach.size()));
        fields.put("uri", attach.uri());
        if (attach instanceof SegmentAddress.BySysv s) {
            fields.put("shmid", Integer.toString(s.shmid()));
            fields.put("key", "0x" + Integer.toHexString(s.key()));
        } else if (attach instanceof SegmentAddress.ByPath p) {
            fields.put("path", p.path());
            switch (p.kind()) {
                case POSIX_SHM -> fields.put("name", p.name());
                case MEMFD, MMAP_FILE, SYSV_SHM -> {}
            }
        }
        return fields;
    }

    /** What could have been written instead, with these segments. */
    private String valid() {
        List<String> names = new ArrayList<>();
        for (int i = 0; i < segments.size(); i++) {
            Segment segment = segments.get(i);
            String prefix = i == 0 ? "" : SEGMENT + segment.label() + ".";
            List<String> fields = new ArrayList<>(plain(segment.address()).keySet());
            if (segment.address() instanceof SegmentAddress.ByPath) {
                fields.add("fd");
            }
            fields.forEach(f -> names.add(prefix + f));
        }
        names.addAll(new java.util.TreeSet<>(values.keySet()));
        return listed(names);
    }

    /** Gives the value of a placeholder. */
    private interface Values {
        String of(String name);
    }

    private static String expand(String where, String text, Values values) {
        StringBuilder out = new StringBuilder();
        for (int i = 0; i < text.length(); ) {
            char c = text.charAt(i);
            if (c != '{' && c != '}') {
                out.append(c);
                i++;
            } else if (i + 1 < text.length() && text.charAt(i + 1) == c) {
                out.append(c);
                i += 2;
            } else if (c == '}') {
                out.append(c); // alone it can mean nothing else
                i++;
            } else {
                int end = text.indexOf('}', i);
                if (end < 0) {
                    throw new IllegalArgumentException("the placeholder that begins at character " + i + " of " + where
                            + " has no end; valid are " + everyName() + "; a brace that is meant is written {{");
                }
                out.append(values.of(text.substring(i + 1, end)));
                i = end + 1;
            }
        }
        return out.toString();
    }
}
