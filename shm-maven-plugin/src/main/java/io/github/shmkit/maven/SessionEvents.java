package io.github.shmkit.maven;

import io.github.shmkit.maven.internal.ForkingGoals;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import org.apache.maven.execution.ExecutionEvent;
import org.apache.maven.execution.ExecutionListener;
import org.apache.maven.plugin.MojoExecution;
import org.jspecify.annotations.Nullable;

/**
 * Hears of the build's events before Maven's own listener does, which then hears of each as well.
 *
 * <p>A proxy, since Maven's releases differ in the methods of a listener.
 */
final class SessionEvents implements InvocationHandler {
    private final @Nullable ExecutionListener delegate;
    private final Runnable beforeFork;
    private final Runnable atEnd;

    private SessionEvents(@Nullable ExecutionListener delegate, Runnable beforeFork, Runnable atEnd) {
        this.delegate = delegate;
        this.beforeFork = beforeFork;
        this.atEnd = atEnd;
    }

    /** A listener that runs one before each goal that may start a test JVM, the other at the end of the session. */
    static ExecutionListener around(@Nullable ExecutionListener delegate, Runnable beforeFork, Runnable atEnd) {
        return (ExecutionListener) Proxy.newProxyInstance(
                SessionEvents.class.getClassLoader(),
                new Class<?>[] {ExecutionListener.class},
                new SessionEvents(delegate, beforeFork, atEnd));
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

    private void hear(String event, ExecutionEvent details) {
        switch (event) {
            case "mojoStarted" -> {
                MojoExecution mojo = details.getMojoExecution();
                if (mojo != null && ForkingGoals.contains(mojo.getArtifactId(), mojo.getGoal())) {
                    beforeFork.run();
                }
            }
            case "sessionEnded" -> atEnd.run();
            default -> {}
        }
    }
}
