package io.github.shmkit.internal.ipc;

import io.github.shmkit.Segment;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.nio.Buffer;
import java.nio.ByteBuffer;
import java.util.function.Consumer;

/** A segment as another type. {@code java.lang.foreign} is found by name: this library runs where there is none. */
final class MemoryView {
    private static final String MEMORY = "java.lang.foreign.MemorySegment";
    private static final String ARENA = "java.lang.foreign.Arena";
    private static final long BUFFER_MAX = 1L << 30;

    private MemoryView() {}

    static <V> V of(Segment segment, Class<V> view) {
        if (view == ByteBuffer.class) {
            return view.cast(segment.buffer());
        }
        if (!view.getName().equals(MEMORY)) {
            throw new IllegalArgumentException("segment '" + segment.label() + "' has no view as " + view.getName()
                    + ": ask for java.nio.ByteBuffer, or on Java 22 and later for " + MEMORY);
        }
        return view.cast(segment.size() <= BUFFER_MAX ? small(segment, view) : large(segment, view));
    }

    private static Object small(Segment segment, Class<?> memory) {
        return call(() -> MethodHandles.publicLookup()
                .findStatic(memory, "ofBuffer", MethodType.methodType(memory, Buffer.class))
                .invoke(segment.buffer()));
    }

    /** More than a buffer holds takes a restricted method. */
    private static Object large(Segment segment, Class<?> memory) {
        return call(() -> {
            Class<?> arena = Class.forName(ARENA);
            Object forgotten = MethodHandles.publicLookup()
                    .findStatic(arena, "ofAuto", MethodType.methodType(arena))
                    .invoke();
            Object address = MethodHandles.publicLookup()
                    .findStatic(memory, "ofAddress", MethodType.methodType(memory, long.class))
                    .invoke(segment.nativeAddress());
            // The lookup is ours: who may call a restricted method is asked of its class's module.
            MethodHandle reinterpret = MethodHandles.lookup()
                    .findVirtual(
                            memory, "reinterpret", MethodType.methodType(memory, long.class, arena, Consumer.class));
            return reinterpret.invoke(address, segment.size(), forgotten, new Keeping(segment));
        });
    }

    /** By being there it keeps what is mapped from being collected, until the view of it is. */
    private record Keeping(Segment segment) implements Consumer<Object> {
        @Override
        public void accept(Object view) {}
    }

    /** A call by a method handle. */
    private interface Call {
        @SuppressWarnings("IllegalThrows")
        Object get() throws Throwable;
    }

    private static Object call(Call call) {
        try {
            return call.get();
        } catch (RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new IllegalStateException("this Java's java.lang.foreign is another than that of Java 22: " + e, e);
        }
    }
}
