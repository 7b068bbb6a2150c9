package io.github.shmkit.internal.sweep.adversarial;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.lang.reflect.Method;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Store.CloseableResource;
import org.junit.jupiter.api.extension.InvocationInterceptor;
import org.junit.jupiter.api.extension.ReflectiveInvocationContext;

/**
 * Runs each test on a thread that has a /dev/shm of its own, and so do the processes that it starts.
 *
 * <p>Only so is a sweep of everything safe beside other builds, and are objects that look abandoned safe from theirs.
 */
final class PrivateShm implements BeforeAllCallback, InvocationInterceptor {
    private static final ExtensionContext.Namespace SELF = ExtensionContext.Namespace.create(PrivateShm.class);

    /** A thread in a mount namespace of its own. */
    private static final class Inside implements CloseableResource {
        private final ExecutorService thread = Executors.newSingleThreadExecutor();
        private String refusal = "";

        Inside(String size) {
            try {
                call(() -> {
                    Kernel.enterPrivateShm(size);
                    return true;
                });
            } catch (Throwable e) {
                refusal = "needs CAP_SYS_ADMIN for a private /dev/shm (run the build as root, or by `unshare -rm`): "
                        + e.getMessage();
            }
        }

        <T> T call(Callable<T> action) throws Throwable {
            try {
                return thread.submit(action).get();
            } catch (ExecutionException e) {
                throw e.getCause();
            }
        }

        @Override
        public void close() {
            thread.shutdown();
        }
    }

    /** Runs something in a /dev/shm of that size, apart from the calling thread's. */
    static <T> T with(String size, Callable<T> action) throws Throwable {
        Inside inside = new Inside(size);
        try {
            assumeTrue(inside.refusal.isEmpty(), inside.refusal);
            return inside.call(action);
        } finally {
            inside.close();
        }
    }

    /** Of a test method, for it and what runs before and after it. */
    private static Inside inside(ExtensionContext context) {
        return context.getStore(SELF).getOrComputeIfAbsent("inside", key -> new Inside("1g"), Inside.class);
    }

    @Override
    public void beforeAll(ExtensionContext context) {
        Inside probe = new Inside("1m");
        probe.close();
        String refusal = probe.refusal;
        assumeTrue(refusal.isEmpty(), refusal);
    }

    private static <T> T run(Invocation<T> invocation, ExtensionContext context) throws Throwable {
        return inside(context).call(() -> {
            try {
                return invocation.proceed();
            } catch (Exception | Error e) {
                throw e;
            } catch (Throwable e) {
                throw new AssertionError(e);
            }
        });
    }

    @Override
    public void interceptBeforeEachMethod(
            Invocation<Void> invocation, ReflectiveInvocationContext<Method> method, ExtensionContext context)
            throws Throwable {
        run(invocation, context);
    }

    @Override
    public void interceptTestMethod(
            Invocation<Void> invocation, ReflectiveInvocationContext<Method> method, ExtensionContext context)
            throws Throwable {
        run(invocation, context);
    }

    @Override
    public void interceptTestTemplateMethod(
            Invocation<Void> invocation, ReflectiveInvocationContext<Method> method, ExtensionContext context)
            throws Throwable {
        run(invocation, context);
    }

    @Override
    public void interceptAfterEachMethod(
            Invocation<Void> invocation, ReflectiveInvocationContext<Method> method, ExtensionContext context)
            throws Throwable {
        run(invocation, context);
    }
}
