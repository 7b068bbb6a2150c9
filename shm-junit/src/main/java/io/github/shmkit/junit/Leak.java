package io.github.shmkit.junit;

import io.github.shmkit.junit.internal.Finding;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * Something that a test or the code under test left.
 *
 * @param kind what it is
 * @param name of an object its path, or id and key as {@code ipcs} shows them; of anything else a description
 * @param size of shared memory in bytes, of a semaphore set in semaphores, of a System V queue in bytes; empty where it is not
 *     known
 * @param creator the process that created it; empty where the kernel does not name it
 * @param madeAt the stack of the test when shmkit made it; empty for what other code made
 * @param description what it is, who has it and what to do, for people
 * @since 0.1.0
 */
public record Leak(
        LeakKind kind,
        String name,
        OptionalLong size,
        Optional<Creator> creator,
        List<StackTraceElement> madeAt,
        String description) {
    /**
     * A process that created an object.
     *
     * @param pid its process id
     * @param command its command name, see proc_pid_comm(5); empty if it has ended
     * @since 0.1.0
     */
    public record Creator(long pid, String command) {}

    /**
     * Copies the stack.
     *
     * @param kind as the component
     * @param name as the component
     * @param size as the component
     * @param creator as the component
     * @param madeAt copied
     * @param description as the component
     */
    public Leak {
        madeAt = List.copyOf(madeAt);
    }

    static Leak of(Finding finding) {
        return new Leak(
                LeakKind.valueOf(finding.kind().name()),
                finding.address().isEmpty() ? finding.what() : finding.address(),
                finding.size(),
                finding.creator().map(creator -> new Creator(creator.pid(), creator.command())),
                finding.where(),
                finding.toString());
    }

    @Override
    public String toString() {
        return kind + ": " + description;
    }
}
