package io.github.shmkit.junit;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.function.ThrowingConsumer;

/** What JUnit has under different names in the versions that we support. */
final class JupiterCompat {
    /** The newer first: the older one will be removed. */
    private static final List<String> MEDIA_TYPES =
            List.of("org.junit.jupiter.api.MediaType", "org.junit.jupiter.api.extension.MediaType");

    private static final Optional<Publishing> PUBLISHING =
            MEDIA_TYPES.stream().flatMap(name -> Publishing.with(name).stream()).findFirst();

    private JupiterCompat() {}

    /** Both kinds of files that we have, and what publishes them. */
    private record Publishing(MethodHandle method, Object text, Object bytes) {
        static Optional<Publishing> with(String mediaTypeName) {
            try {
                Class<?> mediaType = Class.forName(mediaTypeName, true, ExtensionContext.class.getClassLoader());
                MethodHandle method = MethodHandles.publicLookup()
                        .findVirtual(
                                ExtensionContext.class,
                                "publishFile",
                                MethodType.methodType(void.class, String.class, mediaType, ThrowingConsumer.class));
                return Optional.of(new Publishing(
                        method,
                        mediaType.getField("TEXT_PLAIN_UTF_8").get(null),
                        mediaType.getField("APPLICATION_OCTET_STREAM").get(null)));
            } catch (ReflectiveOperationException e) {
                return Optional.empty(); // of another version
            }
        }
    }

    /** Attaches a copy of a file to the test, where this JUnit can and its launcher lets it. */
    static void publish(ExtensionContext context, Path file) {
        if (PUBLISHING.isEmpty()) {
            return;
        }
        Publishing publishing = PUBLISHING.get();
        String name = String.valueOf(file.getFileName());
        ThrowingConsumer<Path> copy = target -> Files.copy(file, target, StandardCopyOption.REPLACE_EXISTING);
        try {
            publishing
                    .method()
                    .invoke(context, name, name.endsWith(".bin") ? publishing.bytes() : publishing.text(), copy);
        } catch (RuntimeException e) {
            // the launcher has no place for it; the file itself is where the report says
        } catch (Throwable e) {
            throw new IllegalStateException(e);
        }
    }
}
