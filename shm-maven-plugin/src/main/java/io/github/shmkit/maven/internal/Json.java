package io.github.shmkit.maven.internal;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Just enough of JSON to write our files and to read them again: maps, lists, strings, whole numbers, booleans. */
final class Json {
    private static final int DEPTH_MAX = 32;

    private final String text;
    private int at;

    private Json(String text) {
        this.text = text;
    }

    // --- writing ---

    /** With an indent, and a line break at the end. */
    static String write(Object value) {
        StringBuilder out = new StringBuilder();
        write(value, "", out);
        return out.append('\n').toString();
    }

    private static void write(Object value, String indent, StringBuilder out) {
        if (value instanceof Map<?, ?> map) {
            Iterator<? extends Map.Entry<?, ?>> entries = map.entrySet().iterator();
            out.append('{');
            while (entries.hasNext()) {
                Map.Entry<?, ?> entry = entries.next();
                out.append('\n').append(indent).append("  ");
                quote(String.valueOf(entry.getKey()), out);
                out.append(": ");
                write(entry.getValue(), indent + "  ", out);
                out.append(entries.hasNext() ? "," : "\n" + indent);
            }
            out.append('}');
        } else if (value instanceof Iterable<?> list) {
            Iterator<?> elements = list.iterator();
            out.append('[');
            while (elements.hasNext()) {
                out.append('\n').append(indent).append("  ");
                write(elements.next(), indent + "  ", out);
                out.append(elements.hasNext() ? "," : "\n" + indent);
            }
            out.append(']');
        } else if (value instanceof Number || value instanceof Boolean) {
            out.append(value);
        } else {
            quote(value.toString(), out);
        }
    }

    private static void quote(String text, StringBuilder out) {
        out.append('"');
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            switch (c) {
                case '"' -> out.append("\\\"");
                case '\\' -> out.append("\\\\");
                // The last three so that it may stand in a page's script too.
                case '<', '>', '&' -> out.append(String.format("\\u%04x", (int) c));
                default -> {
                    if (c < ' ' || c == 0x7f || Character.isSurrogate(c) || c == 0x2028 || c == 0x2029) {
                        out.append(String.format("\\u%04x", (int) c));
                    } else {
                        out.append(c);
                    }
                }
            }
        }
        out.append('"');
    }

    // --- reading ---

    /**
     * Reads one value.
     *
     * @throws IllegalArgumentException if it is not of the JSON that we write
     */
    static Object read(String text) {
        Json json = new Json(text);
        Object value = json.value(0);
        json.space();
        if (json.at != text.length()) {
            throw json.malformed();
        }
        return value;
    }

    private Object value(int depth) {
        if (depth > DEPTH_MAX) {
            throw malformed();
        }
        space();
        char c = peek();
        if (c == '{') {
            return map(depth);
        }
        if (c == '[') {
            return list(depth);
        }
        if (c == '"') {
            return string();
        }
        for (Boolean word : List.of(true, false)) {
            if (text.startsWith(word.toString(), at)) {
                at += word.toString().length();
                return word;
            }
        }
        int begin = at;
        while (at < text.length() && (c = text.charAt(at)) != ',' && c != ']' && c != '}' && c > ' ') {
            at++;
        }
        return Long.parseLong(text.substring(begin, at));
    }

    private Map<String, Object> map(int depth) {
        Map<String, Object> map = new LinkedHashMap<>();
        at++;
        while (!closes('}', map.isEmpty())) {
            space();
            String key = string();
            expect(':');
            map.put(key, value(depth + 1));
        }
        return map;
    }

    private List<Object> list(int depth) {
        List<Object> list = new ArrayList<>();
        at++;
        while (!closes(']', list.isEmpty())) {
            list.add(value(depth + 1));
        }
        return list;
    }

    /** Whether it ends here; if not, steps over the comma, which the first element has none of. */
    private boolean closes(char end, boolean first) {
        space();
        if (peek() == end) {
            at++;
            return true;
        }
        if (!first) {
            expect(',');
        }
        return false;
    }

    private String string() {
        StringBuilder out = new StringBuilder();
        expect('"');
        while (peek() != '"') {
            char c = text.charAt(at++);
            if (c != '\\') {
                out.append(c);
                continue;
            }
            char escape = peek();
            at++;
            switch (escape) {
                case '"', '\\', '/' -> out.append(escape);
                case 'n' -> out.append('\n');
                case 't' -> out.append('\t');
                case 'r' -> out.append('\r');
                case 'b' -> out.append('\b');
                case 'f' -> out.append('\f');
                case 'u' -> {
                    if (at + 4 > text.length()) {
                        throw malformed();
                    }
                    out.append((char) Integer.parseInt(text.substring(at, at + 4), 16));
                    at += 4;
                }
                default -> throw malformed();
            }
        }
        at++;
        return out.toString();
    }

    private void expect(char c) {
        space();
        if (peek() != c) {
            throw malformed();
        }
        at++;
    }

    private char peek() {
        if (at >= text.length()) {
            throw malformed();
        }
        return text.charAt(at);
    }

    private void space() {
        while (at < text.length() && " \t\r\n".indexOf(text.charAt(at)) >= 0) {
            at++;
        }
    }

    private IllegalArgumentException malformed() {
        return new IllegalArgumentException("malformed at character " + at);
    }

    // --- what was read ---

    /** The element of that name as text. */
    static String text(@Nullable Object map, String key) {
        if (get(map, key) instanceof String text) {
            return text;
        }
        throw missing(key);
    }

    static long number(@Nullable Object map, String key) {
        if (get(map, key) instanceof Long number) {
            return number;
        }
        throw missing(key);
    }

    static boolean bool(@Nullable Object map, String key) {
        if (get(map, key) instanceof Boolean bool) {
            return bool;
        }
        throw missing(key);
    }

    static List<?> list(@Nullable Object map, String key) {
        if (get(map, key) instanceof List<?> list) {
            return list;
        }
        throw missing(key);
    }

    private static @Nullable Object get(@Nullable Object map, String key) {
        return map instanceof Map<?, ?> m ? m.get(key) : null;
    }

    private static IllegalArgumentException missing(String key) {
        return new IllegalArgumentException("no " + key + " of the right type");
    }
}
