package io.github.shmkit.internal.ipc;

/** Bytes as text, in the form of hexdump -C. */
public final class Hexdump {
    private static final int ROW = 16;

    private Hexdump() {}

    /** Rows of 16 bytes, each with the offset of its first one. */
    public static String of(byte[] bytes, long firstOffset) {
        StringBuilder text = new StringBuilder();
        for (int row = 0; row < bytes.length; row += ROW) {
            text.append(String.format("%08x ", firstOffset + row));
            StringBuilder ascii = new StringBuilder();
            for (int i = row; i < row + ROW; i++) {
                text.append(i % ROW == ROW / 2 ? "  " : " ");
                if (i < bytes.length) {
                    text.append(String.format("%02x", bytes[i]));
                    ascii.append(bytes[i] >= ' ' && bytes[i] < 0x7f ? (char) bytes[i] : '.');
                } else {
                    text.append("  ");
                }
            }
            text.append("  |").append(ascii).append("|\n");
        }
        return text.toString();
    }
}
