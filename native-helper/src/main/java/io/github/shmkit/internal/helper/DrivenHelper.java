package io.github.shmkit.internal.helper;

import io.github.shmkit.Segment;
import io.github.shmkit.ShmException;
import io.github.shmkit.internal.guard.Child;
import io.github.shmkit.internal.guard.Supervisor;
import io.github.shmkit.internal.os.Pidfd;
import io.github.shmkit.internal.os.UnixSocket;
import io.github.shmkit.internal.script.Instruction;
import io.github.shmkit.internal.script.Instructions;
import io.github.shmkit.process.Exit;
import io.github.shmkit.process.HelperMemory;
import io.github.shmkit.process.NativeHelper;
import io.github.shmkit.script.Comparison;
import io.github.shmkit.script.MemoryOrder;
import io.github.shmkit.script.Running;
import io.github.shmkit.script.Script;
import io.github.shmkit.script.ScriptResult.Value;
import io.github.shmkit.syscall.LibcCall;
import io.github.shmkit.syscall.Operand;
import io.github.shmkit.syscall.SysCalls;
import io.github.shmkit.syscall.SysResult;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Predicate;

/**
 * A native helper, driven over its connection: {@link Requests} asks, {@link AttachedSegments} knows what it has attached,
 * {@link RemoteMemory} reads and writes there, {@link Forks} has its children.
 */
public final class DrivenHelper extends HelperProcess implements NativeHelper {
    private final Connection connection;
    private final Supervisor supervisor;
    private final Optional<SessionCheckpoints> checkpoints;
    private final Optional<Origin> origin;
    private final Requests requests;
    private final AttachedSegments segments;
    private final Forks forks;
    private final HelperMemory first;

    /**
     * Of a helper that another one forked, not the supervisor.
     *
     * @param parent the connection of that one, which is told of the end first
     * @param pidfd by which signals are sent
     */
    record Origin(Connection parent, Pidfd pidfd) {}

    private DrivenHelper(
            String name,
            Child child,
            Timeouts timeouts,
            Connection connection,
            Supervisor supervisor,
            Optional<SessionCheckpoints> checkpoints,
            Optional<Origin> origin) {
        super(name, child, timeouts);
        this.connection = connection;
        this.supervisor = supervisor;
        this.checkpoints = checkpoints;
        this.origin = origin;
        List<ScriptEncoder.Slot> slots = new CopyOnWriteArrayList<>();
        this.requests = new Requests(this, connection, slots, checkpoints);
        this.segments = new AttachedSegments(this, connection, requests, slots, checkpoints);
        this.forks = new Forks(this, connection, requests, supervisor);
        this.first = RemoteMemory.in(Instruction.FIRST_SEGMENT, requests, timeouts);
    }

    static DrivenHelper start(NativeHelpers.Making making) {
        Optional<SessionCheckpoints.Member> member = making.checkpoints().map(c -> c.join(making.name()));
        try {
            return started(making, member);
        } catch (RuntimeException e) {
            member.ifPresent(SessionCheckpoints.Member::leave);
            throw e;
        }
    }

    /** What it is to attach goes with the greeting, so that one round trip makes it ready. */
    private static DrivenHelper started(NativeHelpers.Making making, Optional<SessionCheckpoints.Member> member) {
        List<Attachment> wanted = attachments(making);
        Duration max = making.timeouts().answer();
        Connection connection =
                new Connection(UnixSocket.connect(making.supervisor().socketPath()));
        Connection.Pending attaching =
                connection.greet(making.name(), Attachment.request(Requests.FIRST_ID, wanted), max);
        DrivenHelper helper = new DrivenHelper(
                making.name(),
                claimed(making, connection, max),
                making.timeouts(),
                connection,
                making.supervisor(),
                making.checkpoints(),
                Optional.empty());
        member.ifPresent(m -> m.started(helper.pid(), helper.end(), () -> true));
        try {
            helper.segments.attached(attaching, wanted);
            making.ownShmBytes().ifPresent(size -> helper.isolate(size, making.root()));
            return helper;
        } catch (RuntimeException e) {
            helper.close();
            throw e;
        }
    }

    private void isolate(long shmBytes, boolean root) {
        if (checkpoints.isPresent()) {
            segments.attachControlPage(); // while it can be found, for what this helper forks as well
        }
        OwnNamespaces.enter(this, shmBytes, root);
        segments.isolated();
    }

    private static Child claimed(NativeHelpers.Making making, Connection connection, Duration max) {
        Optional<Wire.Hello> hello = connection.awaitHello(max);
        if (hello.isEmpty() || hello.get().version() != Wire.VERSION) {
            connection.close();
            throw new ShmException("helper '" + making.name() + "' was not started: "
                    + hello.map(h -> "the program speaks version " + h.version() + " of the protocol, this library "
                                    + Wire.VERSION)
                            .orElse(
                                    "no greeting came from the supervisor's program; it says nothing where no more processes or "
                                            + "open files are allowed (ulimit -u, ulimit -n)"));
        }
        return making.supervisor().claim(hello.get().pid());
    }

    private static List<Attachment> attachments(NativeHelpers.Making making) {
        List<Attachment> attachments = new ArrayList<>();
        for (NativeHelpers.Wanted w : making.wanted()) {
            if (attachments.size() == Wire.CONTROL_SLOT) {
                throw AttachedSegments.tooManySegments("helper '" + making.name() + "'");
            }
            attachments.add(new Attachment(
                    attachments.size(), w.segment().label(), w.segment().address(), w.readOnly()));
        }
        return attachments;
    }

    Requests requests() {
        return requests;
    }

    @Override
    public List<String> journal() {
        return requests.journal();
    }

    // --- system calls ---

    @Override
    public SysCalls sys() {
        return this::call;
    }

    private SysResult call(LibcCall function, Operand... arguments) {
        Value value = requests.call(Script.of(b -> b.call(function, arguments)))
                .values()
                .get(0);
        return SysResults.of(function, List.of(arguments), value);
    }

    @Override
    public long address(String label) {
        return call(LibcCall.ADDRESS, Operand.place(label, 0)).value();
    }

    @Override
    public void exec(String path, String... arguments) {
        StringBuilder argv = new StringBuilder(path).append('\0');
        for (String argument : arguments) {
            argv.append(argument).append('\0');
        }
        byte[] strings = argv.toString().getBytes(StandardCharsets.UTF_8);
        requests.become(
                path,
                Script.of(b -> b.call(LibcCall.EXEC, Operand.text(path), Operand.input(strings))
                        .orFail()));
    }

    // --- fork ---

    @Override
    public NativeHelper fork(String childName) {
        return forks.fork(childName);
    }

    /** A child that this helper has forked. */
    DrivenHelper adopt(String childName, int childPid, Connection toChild) {
        return forks.adopt(childName, childPid, toChild);
    }

    /** With all that it has from this one. */
    DrivenHelper forked(String childName, Child forked, Connection toChild, Origin from) {
        DrivenHelper helper =
                new DrivenHelper(childName, forked, timeouts(), toChild, supervisor, checkpoints, Optional.of(from));
        helper.segments.inherit(segments);
        checkpoints.ifPresent(c -> c.join(childName).started(forked.pid(), helper.end(), helper::isAlive));
        return helper;
    }

    @Override
    public boolean isAlive() {
        origin.ifPresent(o -> o.parent().poll());
        return super.isAlive();
    }

    @Override
    public Exit awaitExit(Duration max) {
        long start = System.nanoTime();
        // Without a parent any more, the supervisor tells.
        origin.ifPresent(o -> o.parent().await(() -> !super.isAlive(), max));
        Duration left = max.minusNanos(System.nanoTime() - start);
        return super.awaitExit(left.isNegative() ? Duration.ZERO : left);
    }

    // --- scripts ---

    @Override
    public Running run(Script script) {
        Instructions what = Instructions.of(script);
        byte[] message = requests.encode(what.steps());
        if (what.steps().stream().anyMatch(i -> ScriptEncoder.isCheckpoint(i.operation()))) {
            segments.attachControlPage();
        }
        Optional<Unseen> unseen = checkpoints.map(SessionCheckpoints::unseen);
        RunningScript running =
                new RunningScript(this, requests, connection, unseen, what, requests.send(message, what.steps()));
        unseen.ifPresent(u -> u.add(running));
        return running;
    }

    @Override
    public boolean isDone() {
        return super.isDone() || connection.isIdle();
    }

    @Override
    public void echo(String text) {
        requests.call(Script.of(b -> b.echo(text)));
    }

    @Override
    public NativeHelper expectExit(Predicate<? super Exit> expected) {
        super.expectExit(expected);
        return this;
    }

    @Override
    public void close() {
        forks.close();
        super.close();
        connection.close();
        origin.ifPresent(o -> o.pidfd().close());
    }

    // --- segments and memory ---

    @Override
    public void attach(Segment segment) {
        segments.attach(segment);
    }

    @Override
    public void detach(String label) {
        segments.detach(label);
    }

    @Override
    public HelperMemory in(String label) {
        requests.slot(label);
        return RemoteMemory.in(label, requests, timeouts());
    }

    @Override
    public HelperMemory at(long address) {
        return RemoteMemory.at(address, requests, timeouts());
    }

    @Override
    public long get(long offset, int width, MemoryOrder order) {
        return first.get(offset, width, order);
    }

    @Override
    public void put(long offset, int width, long value, MemoryOrder order) {
        first.put(offset, width, value, order);
    }

    @Override
    public long getAndAdd(long offset, int width, long delta, MemoryOrder order) {
        return first.getAndAdd(offset, width, delta, order);
    }

    @Override
    public long getAndSet(long offset, int width, long value, MemoryOrder order) {
        return first.getAndSet(offset, width, value, order);
    }

    @Override
    public long compareAndExchange(long offset, int width, long expected, long value, MemoryOrder order) {
        return first.compareAndExchange(offset, width, expected, value, order);
    }

    @Override
    public long await(long offset, int width, Comparison comparison, long value, Duration max) {
        return first.await(offset, width, comparison, value, max);
    }

    @Override
    public void fill(long offset, long length, byte value) {
        first.fill(offset, length, value);
    }

    @Override
    public void putBytes(long offset, byte[] bytes) {
        first.putBytes(offset, bytes);
    }

    @Override
    public byte[] getBytes(long offset, int length) {
        return first.getBytes(offset, length);
    }

    @Override
    public long crc32(long offset, long length) {
        return first.crc32(offset, length);
    }
}
