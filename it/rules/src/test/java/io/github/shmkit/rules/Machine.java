package io.github.shmkit.rules;

import io.github.shmkit.syscall.Linux;
import io.github.shmkit.syscall.SysCalls;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/** What the rules ran on. */
final class Machine {
    private static volatile String libcOfHelpers = "unknown";

    private Machine() {}

    /** Asks a helper which C library it is linked with: its own, and not the machine's. */
    static void helpersHave(SysCalls sys) {
        libcOfHelpers = new String(
                        sys.confstr(Linux.CS_GNU_LIBC_VERSION).bytes().toArray(), StandardCharsets.US_ASCII)
                .replace("\0", "");
    }

    static Map<String, String> find() {
        try {
            Map<String, String> facts = new LinkedHashMap<>();
            facts.put(
                    "kernel",
                    Files.readString(Path.of("/proc/sys/kernel/osrelease")).strip());
            facts.put("architecture", System.getProperty("os.arch"));
            facts.put("libc of the helpers, which answers for shm_open, sem_open, mq_open and mutexes", libcOfHelpers);
            facts.put("libc of programs", getconf("GNU_LIBC_VERSION"));
            facts.put("page size", getconf("PAGESIZE"));
            facts.put("user", System.getProperty("user.name"));
            return facts;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** What getconf(1) says, "unknown" if it has nothing to say: it comes with the C library. */
    static String getconf(String name) throws IOException {
        Process process = new ProcessBuilder("getconf", name)
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        String answer = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
        return answer.isEmpty() ? "unknown" : answer;
    }
}
