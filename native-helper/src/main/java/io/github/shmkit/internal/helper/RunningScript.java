package io.github.shmkit.internal.helper;

import io.github.shmkit.internal.script.Instructions;
import io.github.shmkit.script.Running;
import io.github.shmkit.script.ScriptResult;
import io.github.shmkit.script.ScriptResult.Status;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/** A script that a native helper runs. */
final class RunningScript implements Running, Unseen.Work {
    private final HelperProcess helper;
    private final Requests requests;
    private final Connection connection;
    private final Optional<Unseen> unseen;
    private final Instructions what;
    private final Connection.Pending pending;

    RunningScript(
            HelperProcess helper,
            Requests requests,
            Connection connection,
            Optional<Unseen> unseen,
            Instructions what,
            Connection.Pending pending) {
        this.helper = helper;
        this.requests = requests;
        this.connection = connection;
        this.unseen = unseen;
        this.what = what;
        this.pending = pending;
    }

    @Override
    public boolean isDone() {
        connection.poll();
        return pending.reply().isPresent() || connection.hasEnded();
    }

    @Override
    public Optional<Unseen.Failure> failure() {
        return pending.reply()
                .map(reply -> Requests.decode(reply, what.steps(), what.names()))
                .filter(result -> result.status() != Status.OK)
                .map(result -> requests.failed(result, what.steps()))
                .map(e -> new Unseen.Failure(this, String.valueOf(e.getMessage()), e));
    }

    private ScriptResult wait(Duration max, boolean mustSucceed) {
        try {
            return requests.result(pending, what.steps(), what.names(), max, mustSucceed);
        } finally {
            if (pending.reply().isPresent()) {
                unseen.ifPresent(u -> u.looked(this));
            }
        }
    }

    /** A wait within the script that is too long names its step, so it is to end first. */
    private Duration byDefault() {
        return helper.timeouts().byDefault().plus(helper.timeouts().news());
    }

    @Override
    public ScriptResult await() {
        return await(byDefault());
    }

    @Override
    public ScriptResult await(Duration max) {
        return wait(max, true);
    }

    @Override
    public ScriptResult outcome() {
        return outcome(byDefault());
    }

    @Override
    public ScriptResult outcome(Duration max) {
        return wait(max, false);
    }

    /** By a thread that waits: who drives the connection is whoever waits for an answer. */
    @Override
    public CompletableFuture<ScriptResult> toCompletableFuture() {
        return CompletableFuture.supplyAsync(() -> await(Timeouts.forever()), task -> {
            Thread thread = new Thread(task, "shmkit script of " + helper.name());
            thread.setDaemon(true);
            thread.start();
        });
    }
}
