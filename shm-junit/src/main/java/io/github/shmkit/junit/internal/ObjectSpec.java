package io.github.shmkit.junit.internal;

import io.github.shmkit.NamedSemaphore;
import io.github.shmkit.PosixQueue;
import io.github.shmkit.SegmentSpec;
import io.github.shmkit.SysvQueue;
import io.github.shmkit.SysvSemaphoreSet;
import io.github.shmkit.internal.session.Session;

/**
 * What object is wanted; as text without its label.
 *
 * @param <T> what it will be
 */
public sealed interface ObjectSpec<T> {
    /** Its name in reports. */
    String label();

    /** A segment. */
    record OfSegment(SegmentSpec spec) implements ObjectSpec<io.github.shmkit.Segment> {
        @Override
        public String label() {
            return spec.label();
        }

        @Override
        public String toString() {
            return spec.size() + " bytes of " + spec.kind() + " filled with " + spec.fill();
        }
    }

    /** An object without memory that a test could look into. */
    sealed interface Other<T> extends ObjectSpec<T> {
        /** Makes one, which is to be closed. */
        T createIn(Session session);

        /** What the kernel shows where a process has it mapped or open; empty where a process never has. */
        String shownAs(T object);

        void close(T object);
    }

    /**
     * A POSIX semaphore.
     *
     * @param value at least 0
     */
    record Semaphore(String label, int value) implements Other<NamedSemaphore> {
        /** Checks the value. */
        public Semaphore {
            requireLabel(label);
            require(label, "initial value", value, 0, Integer.MAX_VALUE, "sem_open(3)");
        }

        @Override
        public NamedSemaphore createIn(Session session) {
            return session.createSemaphore(label, value);
        }

        @Override
        public String shownAs(NamedSemaphore semaphore) {
            return SharedView.SHM + "sem." + semaphore.name().substring(1);
        }

        @Override
        public void close(NamedSemaphore semaphore) {
            semaphore.close();
        }

        @Override
        public String toString() {
            return "a POSIX semaphore of initially " + value;
        }
    }

    /**
     * A System V semaphore set.
     *
     * @param size at least 1
     * @param value 0 to 32767
     */
    record SemaphoreSet(String label, int size, int value) implements Other<SysvSemaphoreSet> {
        /** Checks the numbers. */
        public SemaphoreSet {
            requireLabel(label);
            require(label, "number of semaphores", size, 1, Integer.MAX_VALUE, "semget(2)");
            require(label, "initial value", value, 0, Short.MAX_VALUE, "semctl(2)");
        }

        @Override
        public SysvSemaphoreSet createIn(Session session) {
            return session.createSemaphoreSet(label, size, value);
        }

        @Override
        public String shownAs(SysvSemaphoreSet set) {
            return "";
        }

        @Override
        public void close(SysvSemaphoreSet set) {
            set.close();
        }

        @Override
        public String toString() {
            return size + " System V semaphores of initially " + value;
        }
    }

    /**
     * A POSIX message queue.
     *
     * @param messages at least 1
     * @param messageSize at least 1
     */
    record Queue(String label, int messages, int messageSize) implements Other<PosixQueue> {
        /** Checks the numbers. */
        public Queue {
            requireLabel(label);
            require(label, "number of messages", messages, 1, Integer.MAX_VALUE, "mq_open(3)");
            require(label, "size of a message", messageSize, 1, Integer.MAX_VALUE, "mq_open(3)");
        }

        @Override
        public PosixQueue createIn(Session session) {
            return session.createQueue(label, messages, messageSize);
        }

        @Override
        public String shownAs(PosixQueue queue) {
            return queue.name();
        }

        @Override
        public void close(PosixQueue queue) {
            queue.close();
        }

        @Override
        public String toString() {
            return "a POSIX queue of " + messages + " messages of " + messageSize + " bytes";
        }
    }

    /** A System V message queue. */
    record Messages(String label) implements Other<SysvQueue> {
        /** Checks the label. */
        public Messages {
            requireLabel(label);
        }

        @Override
        public SysvQueue createIn(Session session) {
            return session.createSysvQueue(label);
        }

        @Override
        public String shownAs(SysvQueue queue) {
            return "";
        }

        @Override
        public void close(SysvQueue queue) {
            queue.close();
        }

        @Override
        public String toString() {
            return "a System V message queue";
        }
    }

    private static void requireLabel(String label) {
        if (label.isEmpty()) {
            throw new IllegalArgumentException("a label must not be empty");
        }
    }

    private static void require(String label, String what, int value, int min, int max, String manual) {
        if (value < min || value > max) {
            throw new IllegalArgumentException("'" + label + "': " + what + " " + value + " is not possible; it is "
                    + min + " to " + max + ", see " + manual);
        }
    }
}
