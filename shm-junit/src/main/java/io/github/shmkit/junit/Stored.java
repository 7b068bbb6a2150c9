package io.github.shmkit.junit;

import java.util.function.Consumer;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * What a JUnit store is to close at the end of its context.
 *
 * <p>Both interfaces, since JUnit closes the one before 5.13 and the other by default from then on, never both. The only
 * class that names the first, which is deprecated and will go.
 *
 * @param <T> what is stored
 */
final class Stored<T> implements ExtensionContext.Store.CloseableResource, AutoCloseable {
    private final T value;
    private final Consumer<T> closing;

    Stored(T value, Consumer<T> closing) {
        this.value = value;
        this.closing = closing;
    }

    T value() {
        return value;
    }

    @Override
    public void close() {
        closing.accept(value);
    }
}
