package io.github.shmkit.internal.os;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;

/** A file name as the kernel has it: bytes that need not be valid in any charset. */
public final class RawName implements Comparable<RawName> {
    /** What has no name. */
    public static final RawName EMPTY = new RawName(new byte[0]);

    private final byte[] bytes;

    private RawName(byte[] bytes) {
        this.bytes = bytes;
    }

    public static RawName of(byte[] bytes) {
        return new RawName(bytes.clone());
    }

    public static RawName of(String text) {
        return new RawName(text.getBytes(StandardCharsets.UTF_8));
    }

    public byte[] bytes() {
        return bytes.clone();
    }

    /** For the actuator's plan and for JSON. */
    public String base64() {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }

    /** As text; bytes that are not UTF-8 become replacement characters, so this cannot be used to open it. */
    public String text() {
        return new String(bytes, StandardCharsets.UTF_8);
    }

    /** What stands before the last slash, and what behind it, of a path that has one. */
    public RawName[] split() {
        int slash = bytes.length - 1;
        while (bytes[slash] != '/') {
            slash--;
        }
        return new RawName[] {
            new RawName(Arrays.copyOf(bytes, slash)), new RawName(Arrays.copyOfRange(bytes, slash + 1, bytes.length))
        };
    }

    /** Another name in the same directory. */
    public RawName sibling(String name) {
        byte[] folder = split()[0].bytes;
        byte[] other = ("/" + name).getBytes(StandardCharsets.UTF_8);
        byte[] path = Arrays.copyOf(folder, folder.length + other.length);
        System.arraycopy(other, 0, path, folder.length, other.length);
        return new RawName(path);
    }

    /** This name with something before it. */
    public RawName after(String prefix) {
        byte[] start = prefix.getBytes(StandardCharsets.UTF_8);
        byte[] joined = Arrays.copyOf(start, start.length + bytes.length);
        System.arraycopy(bytes, 0, joined, start.length, bytes.length);
        return new RawName(joined);
    }

    /** This name below a directory. */
    public RawName below(RawName directory) {
        byte[] path = Arrays.copyOf(directory.bytes, directory.bytes.length + 1 + bytes.length);
        path[directory.bytes.length] = '/';
        System.arraycopy(bytes, 0, path, directory.bytes.length + 1, bytes.length);
        return new RawName(path);
    }

    /** Whether it is a path of more than one component. */
    public boolean isNested() {
        for (byte b : bytes) {
            if (b == '/') {
                return true;
            }
        }
        return false;
    }

    public boolean isUtf8() {
        try {
            StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes));
            return true;
        } catch (CharacterCodingException e) {
            return false;
        }
    }

    public boolean startsWith(String prefix) {
        byte[] start = prefix.getBytes(StandardCharsets.UTF_8);
        return bytes.length >= start.length && Arrays.equals(bytes, 0, start.length, start, 0, start.length);
    }

    @Override
    public int compareTo(RawName other) {
        return Arrays.compareUnsigned(bytes, other.bytes);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof RawName name && Arrays.equals(bytes, name.bytes);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(bytes);
    }

    @Override
    public String toString() {
        return text();
    }
}
