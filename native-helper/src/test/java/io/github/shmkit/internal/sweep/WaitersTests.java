package io.github.shmkit.internal.sweep;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.shmkit.internal.os.Os;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class WaitersTests {
    private static final String CALL = System.getProperty("os.arch").equals("aarch64") ? "188" : "70";

    private static Path thread(Path proc) throws Exception {
        return Files.createDirectories(proc.resolve("1000000/task/1000001"));
    }

    @Test
    void aThreadThatWaitsIsFoundByItsSystemCall(@TempDir Path proc) throws Exception {
        Files.writeString(thread(proc).resolve("syscall"), CALL + " 0x7 0x0 0x1 0x0 0x0 0x0 0x0 0x0\n");
        Waiters waiters = Waiters.find(Os.euid(), proc);
        assertThat(waiters.at(7)).contains(1000000L);
        assertThat(waiters.at(8)).isEmpty();
        assertThat(waiters.all()).isTrue();
    }

    /** Where its system call is not shown; a directory stands for what cannot be read. */
    @ParameterizedTest
    @CsvSource({"do_msgrcv, false", "do_msgsnd, false", "do_sys_poll, true", "0, true"})
    void aThreadThatWaitsAtSomeQueueMayWaitAtAny(String function, boolean all, @TempDir Path proc) throws Exception {
        Path thread = thread(proc);
        Files.createDirectory(thread.resolve("syscall"));
        Files.writeString(thread.resolve("wchan"), function);
        assertThat(Waiters.find(Os.euid(), proc).all()).isEqualTo(all);
        assertThat(Waiters.find(Os.euid() + 1, proc).all()).as("another user's").isTrue();
    }
}
