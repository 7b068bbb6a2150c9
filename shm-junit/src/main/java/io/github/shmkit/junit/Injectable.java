package io.github.shmkit.junit;

import io.github.shmkit.NamedSemaphore;
import io.github.shmkit.PosixQueue;
import io.github.shmkit.Segment;
import io.github.shmkit.SysvQueue;
import io.github.shmkit.SysvSemaphoreSet;
import java.lang.annotation.Annotation;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/** The types of elements that can be given something, by which annotation, and the attributes that mean something there. */
enum Injectable {
    SEGMENT(Shm.class, "segment", Segment.class.getName(), "kind, size, sizeOf, fill"),
    BUFFER(Shm.class, "segment", ByteBuffer.class.getName(), "kind, size, sizeOf, fill"),
    MEMORY(Shm.class, "segment", "java.lang.foreign.MemorySegment", "kind, size, sizeOf, fill"),
    FILE(Shm.class, "segment", Path.class.getName(), "kind, size, sizeOf, fill"),
    SEMAPHORE(ShmSemaphore.class, "semaphore", NamedSemaphore.class.getName(), "initial"),
    SEMAPHORE_SET(ShmSemaphore.class, "semaphore set", SysvSemaphoreSet.class.getName(), "semaphores, initial"),
    QUEUE(ShmQueue.class, "queue", PosixQueue.class.getName(), "messages, messageSize"),
    SYSV_QUEUE(ShmQueue.class, "queue", SysvQueue.class.getName(), "");

    private final Class<? extends Annotation> annotation;
    private final String noun;
    private final String type;
    private final String attributes;

    Injectable(Class<? extends Annotation> annotation, String noun, String type, String attributes) {
        this.annotation = annotation;
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

    /** What gives an element of this type its object. */
    Class<? extends Annotation> annotation() {
        return annotation;
    }

    /** For a label. */
    String noun() {
        return noun;
    }

    /** Whether it is a type of ours, of which an object comes from nowhere but an annotation of ours. */
    boolean isOurs() {
        return type.startsWith("io.github.shmkit.");
    }

    /** For an error. */
    static String types(Class<? extends Annotation> annotation) {
        return Arrays.stream(values())
                .filter(each -> each.annotation == annotation)
                .map(each -> each.type)
                .collect(Collectors.joining(", "));
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
