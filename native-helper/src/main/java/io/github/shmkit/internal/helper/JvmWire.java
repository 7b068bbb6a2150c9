package io.github.shmkit.internal.helper;

import io.github.shmkit.SegmentAddress;
import io.github.shmkit.SegmentKind;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The messages between this JVM and a JVM helper: u32 length of what follows, u8 type, i32 number, bytes; big-endian. */
final class JvmWire {
    /** To the helper: who it is and what it shares. */
    static final int CONFIGURE = 1;
    /** To the helper: a serialized task. */
    static final int CALL = 2;
    /** To the helper: end, with the number as exit code. */
    static final int EXIT = 3;
    /** To the test: configured. */
    static final int READY = 4;
    /** To the test: a serialized result. */
    static final int RESULT = 5;
    /** To the test: a {@link RemoteFailure}. */
    static final int FAILURE = 6;
    /** To the helper, which is traced: as CALL, and the tracer is armed while it runs. */
    static final int CALL_ARMED = 7;

    static final int HEAD = 9;
    static final int MAX_PAYLOAD = 1 << 28;

    private JvmWire() {}

    /** One message. */
    static final class Message {
        private final int type;
        private final int number;
        private final byte[] payload;

        Message(int type, int number, byte[] payload) {
            this.type = type;
            this.number = number;
            this.payload = payload;
        }

        int type() {
            return type;
        }

        int number() {
            return number;
        }

        byte[] payload() {
            return payload;
        }

        byte[] bytes() {
            if (payload.length > MAX_PAYLOAD) {
                throw new IllegalArgumentException(
                        "an object of " + payload.length + " bytes is too large for a helper: " + "at most "
                                + MAX_PAYLOAD + " can be sent; put it into a segment");
            }
            return ByteBuffer.allocate(HEAD + payload.length)
                    .putInt(HEAD - Integer.BYTES + payload.length)
                    .put((byte) type)
                    .putInt(number)
                    .put(payload)
                    .array();
        }
    }

    /** Takes messages from bytes as they come. */
    static final class Parser {
        private static final int SMALL = 1 << 14;

        private ByteBuffer buffer = ByteBuffer.allocate(SMALL);

        void feed(byte[] bytes, int length) {
            if (buffer.remaining() < length) {
                buffer.flip();
                buffer = ByteBuffer.allocate(Math.max(2 * buffer.capacity(), buffer.remaining() + length))
                        .put(buffer);
            }
            buffer.put(bytes, 0, length);
        }

        Optional<Message> next() throws IOException {
            buffer.flip();
            try {
                if (buffer.remaining() < HEAD) {
                    return Optional.empty();
                }
                int size = buffer.getInt(0) - (HEAD - Integer.BYTES);
                if (size < 0 || size > MAX_PAYLOAD) {
                    throw new IOException("malformed message of " + size + " bytes");
                }
                if (buffer.remaining() < HEAD + size) {
                    return Optional.empty();
                }
                buffer.getInt();
                int type = buffer.get();
                int number = buffer.getInt();
                byte[] payload = new byte[size];
                buffer.get(payload);
                return Optional.of(new Message(type, number, payload));
            } finally {
                buffer.compact();
                if (buffer.position() == 0 && buffer.capacity() > SMALL) {
                    buffer = ByteBuffer.allocate(SMALL); // a large object must not hold memory for good
                }
            }
        }
    }

    /** A segment by its label. */
    record Shared(String label, SegmentAddress address) {}

    /** What a helper needs to know. */
    record Configuration(String name, Timeouts timeouts, SegmentAddress control, List<Shared> segments) {
        byte[] bytes() {
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            try (DataOutputStream out = new DataOutputStream(bytes)) {
                text(out, name);
                out.writeLong(timeouts.patience().toNanos());
                out.writeDouble(timeouts.factor());
                write(out, control);
                out.writeInt(segments.size());
                for (Shared s : segments) {
                    text(out, s.label());
                    write(out, s.address());
                }
            } catch (IOException e) {
                throw new AssertionError("memory does not fail", e);
            }
            return bytes.toByteArray();
        }

        static Configuration of(byte[] bytes) throws IOException {
            DataInputStream in = new DataInputStream(new ByteArrayInputStream(bytes));
            String name = text(in);
            Timeouts timeouts = new Timeouts(Duration.ofNanos(in.readLong()), in.readDouble());
            SegmentAddress control = address(in);
            List<Shared> segments = new ArrayList<>();
            int count = in.readInt();
            for (int i = 0; i < count; i++) {
                segments.add(new Shared(text(in), address(in)));
            }
            return new Configuration(name, timeouts, control, List.copyOf(segments));
        }
    }

    private static void write(DataOutputStream out, SegmentAddress address) throws IOException {
        text(out, address.segmentKind().name());
        out.writeLong(address.size());
        if (address instanceof SegmentAddress.BySysv s) {
            out.writeInt(s.shmid());
            out.writeInt(s.key());
        } else {
            text(out, ((SegmentAddress.ByPath) address).path());
        }
    }

    private static SegmentAddress address(DataInputStream in) throws IOException {
        SegmentKind kind = SegmentKind.valueOf(text(in));
        long size = in.readLong();
        return kind == SegmentKind.SYSV_SHM
                ? new SegmentAddress.BySysv(in.readInt(), in.readInt(), size)
                : new SegmentAddress.ByPath(kind, text(in), size);
    }

    static void text(DataOutputStream out, String text) throws IOException {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        out.writeInt(bytes.length);
        out.write(bytes);
    }

    static String text(DataInputStream in) throws IOException {
        byte[] bytes = new byte[in.readInt()];
        in.readFully(bytes);
        return new String(bytes, StandardCharsets.UTF_8);
    }
}
