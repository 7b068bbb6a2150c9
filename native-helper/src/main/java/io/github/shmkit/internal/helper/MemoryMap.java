package io.github.shmkit.internal.helper;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** What a process has mapped, see proc_pid_maps(5). */
record MemoryMap(List<Mapping> mappings) {
    private static final String DELETED = " (deleted)";

    /**
     * What several mappings are of, in whatever processes.
     *
     * @param device major and minor in hex, as the kernel writes them
     */
    record Shared(String device, long inode) {}

    /** One of its parts. */
    record Mapping(long low, long high, String rights, long offset, Shared object, String path) {
        boolean has(long address) {
            return Long.compareUnsigned(address, low) >= 0 && Long.compareUnsigned(address, high) < 0;
        }

        boolean isShared() {
            return rights.endsWith("s");
        }

        boolean isCode() {
            return rights.indexOf('x') >= 0 && path.startsWith("/");
        }

        /** The last part of its path. */
        String name() {
            String name = path.substring(path.lastIndexOf('/') + 1);
            return name.endsWith(DELETED) ? name.substring(0, name.length() - DELETED.length()) : name;
        }
    }

    /** That of a process; empty if it has ended or is not ours to look at. */
    static MemoryMap of(long pid) {
        List<Mapping> mappings = new ArrayList<>();
        try {
            for (String line : Files.readAllLines(Path.of("/proc/" + pid + "/maps"), StandardCharsets.ISO_8859_1)) {
                mappings.add(parse(line));
            }
        } catch (IOException e) {
            return new MemoryMap(List.of());
        }
        return new MemoryMap(mappings);
    }

    private static Mapping parse(String line) {
        String[] f = line.split(" +", 6); // start-end rights offset major:minor inode path
        int dash = f[0].indexOf('-');
        return new Mapping(
                Long.parseUnsignedLong(f[0].substring(0, dash), 16),
                Long.parseUnsignedLong(f[0].substring(dash + 1), 16),
                f[1],
                Long.parseUnsignedLong(f[2], 16),
                new Shared(f[3], Long.parseLong(f[4])),
                f.length > 5 ? f[5] : "");
    }

    Optional<Mapping> at(long address) {
        return mappings.stream().filter(mapping -> mapping.has(address)).findFirst();
    }

    boolean has(Shared object) {
        return mappings.stream()
                .anyMatch(mapping -> mapping.isShared() && mapping.object().equals(object));
    }
}
