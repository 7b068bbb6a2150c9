package io.github.shmkit.junit;

import io.github.shmkit.junit.internal.Survivors;
import io.github.shmkit.junit.internal.TestSession;
import io.github.shmkit.process.CommandHelper;
import io.github.shmkit.process.Helper;
import io.github.shmkit.process.JvmHelper;
import io.github.shmkit.process.Remote;
import io.github.shmkit.process.RemoteCallable;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.ExtensionContext;

/** What all crash points assert of those that live on. */
interface Others extends CrashPoint {
    /** Awaitility's own, as for other waits. */
    Duration LIMIT = Duration.ofSeconds(10);

    /** The invocation. */
    ExtensionContext context();

    @Override
    default void othersGoOn(CommandHelper.Builder... programs) {
        await(Survivors.started(programs));
    }

    @Override
    default void othersGoOn(Helper... helpers) {
        await(List.of(helpers));
    }

    @Override
    default <T extends @Nullable Object> T othersGoOn(JvmHelper.Builder jvm, RemoteCallable<T> task) {
        JvmHelper helper = jvm.start();
        Remote<T> running = helper.submit(task);
        await(List.of(helper));
        return running.await();
    }

    private void await(List<Helper> helpers) {
        if (helpers.isEmpty()) {
            throw new IllegalArgumentException("othersGoOn() of nobody asserts nothing; name the others");
        }
        TestSession session = Sessions.of(context());
        Survivors.await(session, helpers, session.settings().scaled(LIMIT));
    }
}
