package io.github.shmkit.junit.internal;

import java.io.ByteArrayOutputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/**
 * Names of files, which are bytes to the kernel, as text.
 *
 * <p>All of them are decoded here, as UTF-8 and whatever the charset of this JVM is: two that name one file are the same
 * text, wherever they come from. To open the file takes its {@link Path}, which keeps the bytes.
 */
final class Names {
    private Names() {}

    static String text(byte[] name) {
        return new String(name, StandardCharsets.UTF_8);
    }

    static String text(Path path) {
        String text = path.toString();
        return isAscii(text) ? text : text(bytes(path));
    }

    private static boolean isAscii(String text) {
        return text.chars().allMatch(c -> c < 0x80);
    }

    /** A path's URI has its bytes; its text has what this JVM's charset makes of them. */
    private static byte[] bytes(Path path) {
        String escaped = path.toAbsolutePath().toUri().getRawPath();
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        for (int i = 0; i < escaped.length(); i++) {
            if (escaped.charAt(i) == '%') {
                bytes.write(Integer.parseInt(escaped.substring(i + 1, i + 3), 16));
                i += 2;
            } else {
                bytes.write(escaped.charAt(i));
            }
        }
        return bytes.toByteArray();
    }

    /** The path with exactly these bytes, which must begin with a slash. */
    static Path path(byte[] name) {
        StringBuilder escaped = new StringBuilder("file://");
        for (byte b : name) {
            char c = (char) (b & 0xff);
            if (c == '/' || c == '.' || c == '-' || c == '_' || (c < 0x80 && Character.isLetterOrDigit(c))) {
                escaped.append(c);
            } else {
                escaped.append('%').append(String.format("%02X", (int) c));
            }
        }
        return Path.of(URI.create(escaped.toString()));
    }
}
