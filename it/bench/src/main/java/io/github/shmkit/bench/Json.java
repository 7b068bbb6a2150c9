package io.github.shmkit.bench;

import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Map.Entry;

/** Writes maps, lists, numbers, truth values and text. */
final class Json {
    private Json() {}

    static String of(Object value) {
        StringBuilder out = new StringBuilder();
        write(value, "\n", out);
        return out.append('\n').toString();
    }

    private static void write(Object value, String line, StringBuilder out) {
        if (value instanceof Map<?, ?> map) {
            list(map.entrySet().iterator(), '{', '}', line, out);
        } else if (value instanceof List<?> list) {
            list(list.iterator(), '[', ']', line, out);
        } else if (value instanceof Entry<?, ?> entry) {
            quote(entry.getKey().toString(), out);
            write(entry.getValue(), line, out.append(": "));
        } else if (value instanceof Double number) {
            if (!Double.isFinite(number)) {
                throw new IllegalArgumentException("JSON has no " + number);
            }
            out.append(String.format(Locale.ROOT, "%.6g", number));
        } else if (value instanceof Number || value instanceof Boolean) {
            out.append(value);
        } else {
            quote(value.toString(), out);
        }
    }

    private static void list(Iterator<?> elements, char open, char close, String line, StringBuilder out) {
        out.append(open);
        String inner = line + "  ";
        boolean empty = !elements.hasNext();
        while (elements.hasNext()) {
            write(elements.next(), inner, out.append(inner));
            out.append(elements.hasNext() ? "," : "");
        }
        out.append(empty ? "" : line).append(close);
    }

    private static void quote(String text, StringBuilder out) {
        out.append('"');
        text.chars().forEach(c -> {
            if (c == '"' || c == '\\') {
                out.append('\\').append((char) c);
            } else if (c < ' ') {
                out.append(String.format(Locale.ROOT, "\\u%04x", c));
            } else {
                out.append((char) c);
            }
        });
        out.append('"');
    }
}
