package io.github.shmkit.maven.internal;

import io.github.shmkit.internal.ipc.Identity;
import io.github.shmkit.internal.ipc.IpcKind;
import io.github.shmkit.internal.ipc.IpcObject;
import io.github.shmkit.internal.os.RawName;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;

/**
 * Names as they may stand in a terminal or a log.
 *
 * <p>Any user can make a name in /dev/shm that clears the screen, forges a line of the log, or is a command to the CI
 * system that reads the log. What is not plainly visible is escaped: a byte as backslash, x and
 * two digits, a character as backslash, u and its number in braces, the backslash as two. No two names differ only in what cannot be seen, and
 * escaping can be undone.
 */
public final class Printable {
    private static final HexFormat HEX = HexFormat.of();
    private static final int ASCII_END = 0x80;

    private Printable() {}

    /** A name, which need not be text. */
    public static String name(RawName name) {
        CharsetDecoder utf8 = StandardCharsets.UTF_8.newDecoder();
        ByteBuffer bytes = ByteBuffer.wrap(name.bytes());
        CharBuffer chars = CharBuffer.allocate(bytes.remaining() + 1);
        StringBuilder out = new StringBuilder();
        while (true) {
            CoderResult result = utf8.decode(bytes, chars, true);
            chars.flip();
            append(out, chars.toString());
            chars.clear();
            if (!result.isError()) {
                return out.toString();
            }
            for (int i = 0; i < result.length(); i++) {
                out.append("\\x").append(HEX.toHexDigits(bytes.get()));
            }
        }
    }

    /** A text that may contain such names, an error message for example; always one line. */
    public static String text(String text) {
        StringBuilder out = new StringBuilder();
        append(out, text);
        return out.toString();
    }

    /** How a person finds an object: its path, or its id and key. */
    public static String address(IpcObject object) {
        if (object.identity() instanceof Identity.OfSysv sysv) {
            return "id " + sysv.id() + " key 0x" + HEX.toHexDigits(sysv.key());
        }
        return directory(object.kind()) + name(object.name());
    }

    /** Where its names are; empty for a kind whose names are whole paths. */
    static String directory(IpcKind kind) {
        return switch (kind) {
            case POSIX_SHM, POSIX_SEM, DIRECTORY -> "/dev/shm/";
            case POSIX_MQ -> "/dev/mqueue/";
            default -> "";
        };
    }

    private static void append(StringBuilder out, String text) {
        boolean canBearMark = false;
        for (int at = 0; at < text.length(); ) {
            int c = text.codePointAt(at);
            boolean mark = isMark(c);
            boolean visible = isVisible(c) && (!mark || canBearMark);
            if (c == '\\') {
                out.append("\\\\");
            } else if (isCommandMark(text, at) || (c < ASCII_END && !visible)) {
                out.append("\\x").append(HEX.toHexDigits((byte) c));
            } else if (visible) {
                out.appendCodePoint(c);
            } else {
                out.append("\\u{").append(Integer.toHexString(c)).append('}');
            }
            canBearMark = visible && !mark;
            at += Character.charCount(c);
        }
    }

    /** A second one on the same character hides the lines around it as they pile up. */
    private static boolean isMark(int c) {
        return switch (Character.getType(c)) {
            case Character.NON_SPACING_MARK, Character.ENCLOSING_MARK, Character.COMBINING_SPACING_MARK -> true;
            default -> false;
        };
    }

    /** GitHub obeys a line that begins with "::", and CI systems of Microsoft a "##[" or "##vso[" anywhere in it. */
    private static boolean isCommandMark(String text, int at) {
        return (at == 0 && text.startsWith("::")) || (at > 0 && text.startsWith("##", at - 1));
    }

    private static boolean isVisible(int c) {
        return switch (Character.getType(c)) {
            case Character.CONTROL,
                    Character.FORMAT, // among them those that turn the direction of writing
                    Character.LINE_SEPARATOR,
                    Character.PARAGRAPH_SEPARATOR,
                    Character.PRIVATE_USE,
                    Character.SURROGATE,
                    Character.UNASSIGNED -> false;
            case Character.SPACE_SEPARATOR -> c == ' ';
            default -> !isBlank(c);
        };
    }

    /** Letters, marks and symbols without any shape: Default_Ignorable_Code_Point of Unicode, and the empty Braille pattern. */
    private static boolean isBlank(int c) {
        return c == 0x034f
                || (c >= 0x115f && c <= 0x1160)
                || (c >= 0x17b4 && c <= 0x17b5)
                || (c >= 0x180b && c <= 0x180f)
                || c == 0x2800
                || c == 0x3164
                || (c >= 0xfe00 && c <= 0xfe0f)
                || c == 0xffa0
                || (c >= 0xe0000 && c <= 0xe0fff);
    }
}
