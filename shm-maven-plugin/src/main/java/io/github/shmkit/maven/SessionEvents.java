package io.github.shmkit.maven;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import org.apache.maven.execution.ExecutionEvent;
import org.apache.maven.execution.ExecutionListener;
import org.jspecify.annotations.Nullable;

/**
 * Hears of the build's events before Maven's own listener does, which then hears of each as well.
 *
 * <p>A proxy, since Maven's releases differ in the methods of a listener.
 */
final class SessionEvents implements InvocationHandler {
    /** Who wants to know. */
    interface Hearer {
        /** A goal of the build begins. */
        void goalBegins(ExecutionEvent event);

        /** It ended, well or not. */
        void goalEnded(ExecutionEvent event);

        /** All is done, and Maven has not yet said how it went. */
        void sessionEnds();
    }

    private final @Nullable ExecutionListener delegate;
    private final Hearer hearer;

    private SessionEvents(@Nullable ExecutionListener delegate, Hearer hearer) {
        this.delegate = delegate;
        this.hearer = hearer;
    }

    /** A listener that tells somebody first. */
    static ExecutionListener around(@Nullable ExecutionListener delegate, Hearer hearer) {
        return (ExecutionListener) Proxy.newProxyInstance(
                SessionEvents.class.getClassLoader(),
                new Class<?>[] {ExecutionListener.class},
                new SessionEvents(delegate, hearer));
    }

    @Override
    public @Nullable Object invoke(Object proxy, Method method, @Nullable Object[] arguments) throws Throwable {
        if (method.getDeclaringClass() == Object.class) {
            return switch (method.getName()) {
                case "equals" -> arguments != null && proxy == arguments[0];
                case "hashCode" -> System.identityHashCode(proxy);
                default -> "shmkit around " + delegate;
            };
        }
        if (arguments != null && arguments.length == 1 && arguments[0] instanceof ExecutionEvent event) {
            hear(method.getName(), event);
        }
        if (delegate == null) {
            return null;
        }
        try {
            return method.invoke(delegate, arguments);
        } catch (InvocationTargetException e) {
            throw e.getCause();
        }
    }

    private void hear(String name, ExecutionEvent event) {
        switch (name) {
            case "mojoStarted" -> hearer.goalBegins(event);
            case "mojoSucceeded", "mojoFailed" -> hearer.goalEnded(event);
            case "sessionEnded" -> hearer.sessionEnds();
            default -> {}
        }
    }
}
