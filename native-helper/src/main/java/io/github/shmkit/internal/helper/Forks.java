package io.github.shmkit.internal.helper;

import io.github.shmkit.internal.guard.Child;
import io.github.shmkit.internal.guard.Supervisor;
import io.github.shmkit.internal.os.Errno;
import io.github.shmkit.internal.os.OsException;
import io.github.shmkit.internal.os.Pidfd;
import io.github.shmkit.internal.os.UnixSocket;
import io.github.shmkit.internal.script.Instruction;
import io.github.shmkit.process.Exit;
import io.github.shmkit.process.HelperDiedException;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;

/** The children that a native helper forks. */
final class Forks implements AutoCloseable {
    private final DrivenHelper helper;
    private final Connection connection;
    private final Requests requests;
    private final Supervisor supervisor;
    private final List<DrivenHelper> children = new CopyOnWriteArrayList<>();

    Forks(DrivenHelper helper, Connection connection, Requests requests, Supervisor supervisor) {
        this.helper = helper;
        this.connection = connection;
        this.requests = requests;
        this.supervisor = supervisor;
    }

    DrivenHelper fork(String childName) {
        UnixSocket[] ends = UnixSocket.pair();
        Connection toChild = new Connection(ends[0]);
        try (UnixSocket passed = ends[1]) {
            int childPid = (int) requests.call(Instruction.fork(), passed).lastValue();
            return adopt(childName, childPid, toChild);
        } catch (RuntimeException | Error e) {
            toChild.close();
            throw e;
        }
    }

    /** A child that the helper has forked. */
    DrivenHelper adopt(String childName, int childPid, Connection toChild) {
        Pidfd childFd = hold(childName, childPid);
        // Its group is ours.
        Child forked = helper.child().forked(childPid, (pid, signo, group) -> childFd.signal(signo));
        supervisor.adopt(forked);
        var unused = connection.exitOf(childPid).thenAccept(exit -> {
            forked.exit().complete(exit);
            connection.forget(childPid);
        });
        DrivenHelper child = helper.forked(childName, forked, toChild, new DrivenHelper.Origin(connection, childFd));
        children.add(child);
        // Who greets was alive after the pidfd was opened, so that means this child and no other process with its pid.
        if (toChild.awaitHello(helper.timeouts().answer()).isEmpty()) {
            throw child.requests().died(List.of());
        }
        return child;
    }

    private Pidfd hold(String childName, int childPid) {
        try {
            return Pidfd.open(childPid);
        } catch (OsException e) {
            if (!e.is(Errno.ESRCH)) {
                throw e;
            }
            CompletableFuture<Exit> end = connection.exitOf(childPid);
            connection.await(end::isDone, helper.timeouts().news());
            connection.forget(childPid);
            Optional<Exit> exit = end.isDone() ? Optional.of(end.join()) : Optional.empty();
            throw new HelperDiedException(
                    "helper '" + childName + "' (pid " + childPid + "), forked by " + helper + ", "
                            + exit.map(Exit::toString).orElse("ended") + " before the test could use it"
                            + helper.stderrTail(),
                    exit);
        }
    }

    @Override
    public void close() {
        children.forEach(DrivenHelper::close);
    }
}
