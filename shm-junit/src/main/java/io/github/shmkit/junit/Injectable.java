package io.github.shmkit.junit;

import io.github.shmkit.NamedSemaphore;
import io.github.shmkit.PosixQueue;
import io.github.shmkit.Segment;
import io.github.shmkit.SysvQueue;
import io.github.shmkit.SysvSemaphoreSet;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** The types of elements that an {@link Shm} can stand on, and the attributes that each gives a meaning to. */
enum Injectable {
    SEGMENT("segment", Segment.class.getName(), "kind, size, sizeOf, fill"),
    BUFFER("segment", ByteBuffer.class.getName(), "kind, size, sizeOf, fill"),
    MEMORY("segment", "java.lang.foreign.MemorySegment", "kind, size, sizeOf, fill"),
    FILE("segment", Path.class.getName(), "kind, size, sizeOf, fill"),
    SEMAPHORE("semaphore", NamedSemaphore.class.getName(), "initial"),
    SEMAPHORE_SET("semaphore set", SysvSemaphoreSet.class.getName(), "semaphores, initial"),
    QUEUE("queue", PosixQueue.class.getName(), "messages, messageSize"),
    SYSV_QUEUE("queue", SysvQueue.class.getName(), "");

    private final String noun;
    private final String type;
    private final String attributes;

    Injectable(String noun, String type, String attributes) {
        this.noun = noun;
        this.type = type;
        this.attributes = "label, scope" + (attributes.isEmpty() ? "" : ", " + attributes);
    }

    /** By name: not every JVM has each of the classes. */
    static Optional<Injectable> of(Class<?> type) {
        return Arrays.stream(values())
                .filter(each -> each.type.equals(type.getName()))
                .findFirst();
    }

    /** For a label. */
    String noun() {
        return noun;
    }

    /** Whether it is a type of ours, of which an object comes from nowhere but an {@link Shm}. */
    boolean isOurs() {
        return type.startsWith("io.github.shmkit.");
    }

    /** For an error. */
    static String types() {
        return String.join(", ", Arrays.stream(values()).map(each -> each.type).toList());
    }

    /** Whether an attribute means anything here. */
    boolean takes(String attribute) {
        return List.of(attributes.split(", ", -1)).contains(attribute);
    }

    /** For an error. */
    String attributes() {
        return attributes;
    }

    /** For an error. */
    String typeName() {
        return type.substring(type.lastIndexOf('.') + 1);
    }
}
