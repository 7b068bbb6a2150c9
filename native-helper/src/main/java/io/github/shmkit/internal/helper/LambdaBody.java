package io.github.shmkit.internal.helper;

import java.io.ByteArrayInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.LinkedHashSet;
import java.util.Optional;
import java.util.Set;

/**
 * Where a lambda's body stands, and what of its own class it uses; read from the class file, see chapter 4 of the JVM
 * specification.
 *
 * @param line 0 if the class was compiled without line numbers
 * @param uses fields by their names, methods as {@code name()}
 */
record LambdaBody(int line, Set<String> uses) {
    private static final int GETFIELD = 0xb4;
    private static final int PUTFIELD = 0xb5;
    private static final int INVOKEVIRTUAL = 0xb6;
    private static final int INVOKESPECIAL = 0xb7;
    private static final int INVOKEINTERFACE = 0xb9;
    private static final int TABLESWITCH = 0xaa;
    private static final int LOOKUPSWITCH = 0xab;
    private static final int WIDE = 0xc4;
    private static final int IINC = 0x84;
    /** Of the instructions 0 to 201; the three of variable length are 0. */
    private static final String LENGTHS =
            "111111111111111123233222221111111111111111111111111111222221111111111111111111111111111111"
                    + "111111111111111111111111111111111111111111311111111111111111111333333333333333320011111133"
                    + "3333355323113311043355";

    /** The body of a method; empty if the class file cannot be had. */
    static Optional<LambdaBody> of(Class<?> owner, String method, String descriptor) {
        String resource = owner.getName().substring(owner.getName().lastIndexOf('.') + 1) + ".class";
        try (InputStream in = owner.getResourceAsStream(resource)) {
            return in == null ? Optional.empty() : new Reader(in.readAllBytes()).find(method, descriptor);
        } catch (IOException | RuntimeException e) {
            return Optional.empty(); // only the message's comfort is at stake
        }
    }

    private static final class Reader {
        private final DataInputStream in;
        private final byte[] file;
        private int[] constants = {};

        Reader(byte[] file) {
            this.file = file;
            this.in = new DataInputStream(new ByteArrayInputStream(file));
        }

        private int at() throws IOException {
            return file.length - in.available();
        }

        private int u1(int at) {
            return file[at] & 0xff;
        }

        private int u2(int at) {
            return u1(at) << 8 | u1(at + 1);
        }

        private int u4(int at) {
            return u2(at) << 16 | u2(at + 2);
        }

        private String utf8(int index) throws IOException {
            int at = constants[index] + 1;
            return new DataInputStream(new ByteArrayInputStream(file, at, file.length - at)).readUTF();
        }

        Optional<LambdaBody> find(String method, String descriptor) throws IOException {
            in.skipNBytes(8);
            readConstants();
            in.skipNBytes(2);
            String self = utf8(u2(constants[in.readUnsignedShort()] + 1));
            in.skipNBytes(2);
            in.skipNBytes(2L * in.readUnsignedShort());
            for (int fields = in.readUnsignedShort(); fields > 0; fields--) {
                in.skipNBytes(6);
                skipAttributes();
            }
            for (int methods = in.readUnsignedShort(); methods > 0; methods--) {
                in.skipNBytes(2);
                boolean wanted = utf8(in.readUnsignedShort()).equals(method);
                wanted &= utf8(in.readUnsignedShort()).equals(descriptor);
                for (int attributes = in.readUnsignedShort(); attributes > 0; attributes--) {
                    String name = utf8(in.readUnsignedShort());
                    int length = in.readInt();
                    if (wanted && name.equals("Code")) {
                        return Optional.of(code(self));
                    }
                    in.skipNBytes(length);
                }
            }
            return Optional.empty();
        }

        private void readConstants() throws IOException {
            constants = new int[in.readUnsignedShort()];
            for (int i = 1; i < constants.length; i++) {
                constants[i] = at();
                int tag = in.readUnsignedByte();
                switch (tag) {
                    case 1 -> in.skipNBytes(in.readUnsignedShort());
                    case 3, 4, 9, 10, 11, 12, 17, 18 -> in.skipNBytes(4);
                    case 5, 6 -> {
                        in.skipNBytes(8);
                        i++; // these take two places
                    }
                    case 15 -> in.skipNBytes(3);
                    default -> in.skipNBytes(2);
                }
            }
        }

        private void skipAttributes() throws IOException {
            for (int attributes = in.readUnsignedShort(); attributes > 0; attributes--) {
                in.skipNBytes(2);
                in.skipNBytes(in.readInt());
            }
        }

        private LambdaBody code(String self) throws IOException {
            in.skipNBytes(4);
            int size = in.readInt();
            int start = at();
            Set<String> uses = uses(self, start, size);
            in.skipNBytes(size);
            in.skipNBytes(8L * in.readUnsignedShort());
            int line = 0;
            for (int attributes = in.readUnsignedShort(); attributes > 0; attributes--) {
                String name = utf8(in.readUnsignedShort());
                int length = in.readInt();
                if (name.equals("LineNumberTable")) {
                    line = u2(at() + 4);
                }
                in.skipNBytes(length);
            }
            return new LambdaBody(line, uses);
        }

        private Set<String> uses(String self, int start, int size) throws IOException {
            Set<String> uses = new LinkedHashSet<>();
            for (int i = start; i < start + size; ) {
                int op = u1(i);
                if (op == GETFIELD
                        || op == PUTFIELD
                        || op == INVOKEVIRTUAL
                        || op == INVOKESPECIAL
                        || op == INVOKEINTERFACE) {
                    int reference = constants[u2(i + 1)];
                    String owner = utf8(u2(constants[u2(reference + 1)] + 1));
                    if (owner.equals(self)) {
                        String member = utf8(u2(constants[u2(reference + 3)] + 1));
                        uses.add(op == GETFIELD || op == PUTFIELD ? member : member + "()");
                    }
                }
                i += length(op, i, start);
            }
            return uses;
        }

        private int length(int op, int at, int start) {
            int aligned = start + (at - start) / 4 * 4 + 4;
            return switch (op) {
                case TABLESWITCH -> aligned + 12 + 4 * (u4(aligned + 8) - u4(aligned + 4) + 1) - at;
                case LOOKUPSWITCH -> aligned + 8 + 8 * u4(aligned + 4) - at;
                case WIDE -> u1(at + 1) == IINC ? 6 : 4;
                default -> LENGTHS.charAt(op) - '0';
            };
        }
    }
}
