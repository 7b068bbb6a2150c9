package io.github.shmkit.internal.helper;

import io.github.shmkit.SegmentAddress;
import io.github.shmkit.internal.script.Operation;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * A segment that a native helper is to attach.
 *
 * @param slot where
 * @param label for messages
 * @param address what
 * @param readOnly whether a write is to be a fault
 */
record Attachment(int slot, String label, SegmentAddress address, boolean readOnly) {
    private static final byte[] NO_PATH = {};

    /** One request that attaches them all, in their order. */
    static byte[] request(int id, List<Attachment> attachments) {
        List<byte[]> paths = attachments.stream().map(Attachment::path).toList();
        int dataSize = paths.stream().mapToInt(path -> path.length).sum();
        ByteBuffer out = Wire.message(Wire.RUN_SIZE + attachments.size() * Wire.INSN_SIZE + dataSize)
                .putInt(Wire.TYPE_RUN)
                .putInt(id)
                .putInt(attachments.size())
                .putInt(dataSize);
        int at = 0;
        for (int i = 0; i < attachments.size(); i++) {
            attachments.get(i).encode(out, at, paths.get(i).length);
            at += paths.get(i).length;
        }
        paths.forEach(out::put);
        return Wire.bytes(out);
    }

    private byte[] path() {
        return address instanceof SegmentAddress.ByPath p ? p.path().getBytes(StandardCharsets.UTF_8) : NO_PATH;
    }

    private void encode(ByteBuffer out, int pathAt, int pathLength) {
        boolean sysv = address instanceof SegmentAddress.BySysv;
        long operand = address instanceof SegmentAddress.BySysv s ? s.shmid() : (long) pathAt << 32 | pathLength;
        out.put(Wire.OPERATIONS.of(Operation.ATTACH))
                .put((byte) 0)
                .put((byte) 0)
                .put((byte) (sysv ? Wire.METHOD_SHMID : Wire.METHOD_PATH))
                .put((byte) (readOnly ? Wire.FLAG_READONLY : 0))
                .put((byte) 0)
                .put((byte) 0)
                .put((byte) slot)
                .putLong(0)
                .putLong(address.size())
                .putLong(operand);
    }
}
