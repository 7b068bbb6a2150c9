package io.github.shmkit.internal.trace;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;

/**
 * The functions of an executable or a library, see elf(5): those of its own symbol table, or if that was stripped, those that
 * others may link.
 */
final class Elf {
    private static final int MAGIC = 0x464c457f;
    private static final int LITTLE_64 = 0x0102;
    private static final long SIZE_MAX = 1L << 30;
    private static final int PT_LOAD = 1;
    private static final int SHT_SYMTAB = 2;
    private static final int SHT_DYNSYM = 11;
    private static final int SYMBOL_SIZE = 24;
    private static final int STT_FUNC = 2;
    private static final int STT_GNU_IFUNC = 10;

    private final TreeMap<Long, Function> functions = new TreeMap<>();
    private final List<Load> loads = new ArrayList<>();
    private boolean hasLines;

    private record Function(String name, long size) {}

    private record Load(long offset, long size, long address) {}

    private record Section(int name, int type, long offset, long size, int link) {}

    private Elf() {}

    /** What is known of a file; nothing if it is none of these, or cannot be read. */
    static Elf read(Path file) {
        Elf elf = new Elf();
        try (FileChannel channel = FileChannel.open(file)) {
            if (channel.size() <= SIZE_MAX) {
                // Not mapped: the file may be cut while we read.
                ByteBuffer bytes = ByteBuffer.allocate((int) channel.size());
                int read = 0;
                while (read >= 0 && bytes.hasRemaining()) {
                    read = channel.read(bytes);
                }
                elf.parse(bytes.flip().order(ByteOrder.LITTLE_ENDIAN));
            }
        } catch (IOException | IndexOutOfBoundsException | IllegalArgumentException e) {
            return new Elf(); // names are a courtesy
        }
        return elf;
    }

    private void parse(ByteBuffer in) {
        if (in.limit() < 64 || in.getInt(0) != MAGIC || in.getShort(4) != LITTLE_64) {
            return;
        }
        long programs = in.getLong(32);
        for (int i = 0; i < in.getShort(56); i++) {
            int at = Math.toIntExact(programs + (long) i * in.getShort(54));
            if (in.getInt(at) == PT_LOAD) {
                loads.add(new Load(in.getLong(at + 8), in.getLong(at + 32), in.getLong(at + 16)));
            }
        }
        List<Section> sections = new ArrayList<>();
        for (int i = 0; i < in.getShort(60); i++) {
            int at = Math.toIntExact(in.getLong(40) + (long) i * in.getShort(58));
            sections.add(new Section(
                    in.getInt(at), in.getInt(at + 4), in.getLong(at + 24), in.getLong(at + 32), in.getInt(at + 40)));
        }
        if (sections.isEmpty()) {
            return;
        }
        Section names = sections.get(in.getShort(62));
        hasLines = sections.stream()
                .anyMatch(section -> text(in, names.offset() + section.name()).startsWith(".debug_line"));
        for (int wanted : new int[] {SHT_SYMTAB, SHT_DYNSYM}) {
            sections.stream()
                    .filter(section -> section.type() == wanted)
                    .forEach(table -> symbols(in, table, sections.get(table.link())));
        }
    }

    private void symbols(ByteBuffer in, Section table, Section names) {
        for (long at = table.offset(); at < table.offset() + table.size(); at += SYMBOL_SIZE) {
            int symbol = Math.toIntExact(at);
            int type = in.get(symbol + 4) & 0xf;
            long size = in.getLong(symbol + 16);
            if ((type == STT_FUNC || type == STT_GNU_IFUNC) && size > 0) {
                String name = text(in, names.offset() + Integer.toUnsignedLong(in.getInt(symbol)));
                functions.putIfAbsent(in.getLong(symbol + 8), new Function(name, size));
            }
        }
    }

    private static String text(ByteBuffer in, long offset) {
        int at = Math.toIntExact(offset);
        int end = at;
        while (in.get(end) != 0) {
            end++;
        }
        byte[] bytes = new byte[end - at];
        in.get(at, bytes);
        return new String(bytes, StandardCharsets.UTF_8);
    }

    /** Whether it says itself which line its code is of. */
    boolean hasLines() {
        return hasLines;
    }

    /** Where a byte of the file is in memory, before that is moved as a whole. */
    OptionalLong address(long offset) {
        return loads.stream()
                .filter(load -> offset >= load.offset() && offset < load.offset() + load.size())
                .mapToLong(load -> offset - load.offset() + load.address())
                .findFirst();
    }

    /** The function that has that byte of the file, if its size says so: in a stripped library most have none. */
    Optional<String> function(long offset) {
        OptionalLong address = address(offset);
        if (address.isEmpty()) {
            return Optional.empty();
        }
        Map.Entry<Long, Function> nearest = functions.floorEntry(address.getAsLong());
        return nearest == null
                        || address.getAsLong()
                                >= nearest.getKey() + nearest.getValue().size()
                ? Optional.empty()
                : Optional.of(nearest.getValue().name());
    }
}
