package io.github.shmkit.internal.helper;

import io.github.shmkit.Bytes;
import io.github.shmkit.Segment;
import io.github.shmkit.ShmException;
import io.github.shmkit.ShmTimeoutException;
import io.github.shmkit.internal.guard.Child;
import io.github.shmkit.internal.guard.Supervisor;
import io.github.shmkit.internal.os.Errno;
import io.github.shmkit.internal.os.OsException;
import io.github.shmkit.internal.os.Pidfd;
import io.github.shmkit.internal.os.UnixSocket;
import io.github.shmkit.internal.script.Instruction;
import io.github.shmkit.internal.script.Instruction.Operation;
import io.github.shmkit.internal.script.Instructions;
import io.github.shmkit.process.Exit;
import io.github.shmkit.process.HelperDiedException;
import io.github.shmkit.process.HelperMemory;
import io.github.shmkit.process.NativeHelper;
import io.github.shmkit.script.Comparison;
import io.github.shmkit.script.MemoryOrder;
import io.github.shmkit.script.Running;
import io.github.shmkit.script.Script;
import io.github.shmkit.script.ScriptFailedException;
import io.github.shmkit.script.ScriptResult;
import io.github.shmkit.script.ScriptResult.Status;
import io.github.shmkit.script.ScriptResult.Value;
import io.github.shmkit.syscall.LibcCall;
import io.github.shmkit.syscall.Operand;
import io.github.shmkit.syscall.SysCalls;
import io.github.shmkit.syscall.SysResult;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.Predicate;

/** A native helper, driven over its connection. */
public final class DrivenHelper extends HelperProcess implements NativeHelper {
    /** What the kernel says of a name, and of an id, that is not there any more. */
    private static final Set<String> REMOVED = Set.of("ENOENT", "EINVAL", "EIDRM");

    private static final String REMOVED_BY = "; was it closed or unlinked? If not by this test, then by somebody else: "
            + "systemd-logind removes all IPC objects of a user who logs out, unless logind.conf says RemoveIPC=no";

    private static final String HIDDEN =
            "; an isolated helper sees objects of its own namespaces only: attach the segment at the builder, before start()";

    /** Bytes that go by one message; more are sent in pieces, so that a stopped helper never blocks this thread. */
    private static final int PIECE = 1 << 15;

    /** Of the request that goes with the greeting. */
    private static final int FIRST_ID = 1;

    private final Connection connection;
    private final List<ScriptEncoder.Slot> slots = new CopyOnWriteArrayList<>();
    private final AtomicInteger ids = new AtomicInteger(FIRST_ID);
    private final Journal journal = new Journal();
    private final HelperMemory first = new Memory(Instruction.FIRST_SEGMENT);

    private final Optional<SessionCheckpoints> checkpoints;
    private boolean hasControlPage;
    private volatile boolean isolated;
    private final Supervisor supervisor;
    /** Of the helper that forked this one, which is told of its end first; empty if the supervisor forked it. */
    private final Optional<Connection> parent;

    /** Empty if the supervisor forked it, which sends the signals. */
    private final Optional<Pidfd> pidfd;

    private final List<DrivenHelper> children = new CopyOnWriteArrayList<>();
    private volatile String becameProgram = "";

    private DrivenHelper(
            String name,
            Child child,
            Timeouts timeouts,
            Connection connection,
            Supervisor supervisor,
            Optional<Connection> parent,
            Optional<Pidfd> pidfd,
            Optional<SessionCheckpoints> checkpoints) {
        super(name, child, timeouts);
        this.connection = connection;
        this.supervisor = supervisor;
        this.parent = parent;
        this.pidfd = pidfd;
        this.checkpoints = checkpoints;
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
        Connection.Pending attaching = connection.greet(making.name(), Attachment.request(FIRST_ID, wanted), max);
        DrivenHelper helper = new DrivenHelper(
                making.name(),
                claimed(making, connection, max),
                making.timeouts(),
                connection,
                making.supervisor(),
                Optional.empty(),
                Optional.empty(),
                making.checkpoints());
        member.ifPresent(m -> m.started(helper.pid(), helper.end(), () -> true));
        try {
            helper.attached(attaching, wanted);
            making.ownShmBytes().ifPresent(size -> helper.isolate(size, making.root()));
            return helper;
        } catch (RuntimeException e) {
            helper.close();
            throw e;
        }
    }

    private void isolate(long shmBytes, boolean root) {
        if (checkpoints.isPresent()) {
            attachControlPage(); // while it can be found, for what this helper forks as well
        }
        Isolation.enter(this, shmBytes, root);
        isolated = true;
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
                throw tooManySegments("helper '" + making.name() + "'");
            }
            attachments.add(new Attachment(
                    attachments.size(), w.segment().label(), w.segment().address(), w.readOnly()));
        }
        return attachments;
    }

    // --- requests ---

    private ScriptEncoder encoder() {
        return new ScriptEncoder(name(), slots, timeouts().byDefault());
    }

    private Connection.Pending send(List<Instruction> instructions) {
        byte[] message = encoder().encode(ids.incrementAndGet(), instructions);
        if (instructions.stream().anyMatch(i -> ScriptEncoder.isCheckpoint(i.operation()))) {
            attachControlPage();
        }
        Connection.Pending pending = connection.send(message, timeouts().answer());
        journal.note(instructions, message.length, pending.ending());
        return pending;
    }

    @Override
    public List<String> journal() {
        return journal.lines();
    }

    private ScriptResult call(Instruction instruction, Duration max) {
        return result(send(List.of(instruction)), List.of(instruction), Map.of(), max, true);
    }

    private ScriptResult call(Script script) {
        Instructions what = Instructions.of(script);
        return result(send(what.steps()), what.steps(), what.names(), timeouts().answer(), true);
    }

    private ScriptResult result(
            Connection.Pending pending,
            List<Instruction> instructions,
            Map<Integer, String> names,
            Duration max,
            boolean mustSucceed) {
        switch (connection.await(pending, max)) {
            case ANSWERED -> {}
            case HELPER_GONE -> throw died(instructions);
            case TIMED_OUT ->
                throw new ShmTimeoutException(this + " did not answer within " + max.toMillis() + " ms; it is "
                        + state() + ", and was to do " + describe(instructions));
            case INTERRUPTED -> throw new ShmException("interrupted while " + this + " did " + describe(instructions));
        }
        ScriptResult result = decode(pending.reply().orElseThrow(), instructions, names);
        if (mustSucceed && result.status() != Status.OK) {
            throw failed(result, instructions);
        }
        return result;
    }

    private static String describe(List<Instruction> instructions) {
        return instructions.size() == 1
                ? instructions.get(0).toString()
                : "a script of " + instructions.size() + " steps";
    }

    private ScriptFailedException failed(ScriptResult result, List<Instruction> instructions) {
        StringBuilder text = new StringBuilder(toString());
        String step = result.last() < instructions.size()
                ? instructions.get(result.last()).toString()
                : "step " + result.last();
        text.append(": ");
        if (instructions.size() > 1) {
            text.append("step ").append(result.last()).append(", ");
        }
        text.append(step);
        if (!result.rounds().isEmpty()) {
            text.append(", after rounds ").append(result.rounds());
        }
        text.append(
                switch (result.status()) {
                    case OK -> "";
                    case ERRNO -> " failed: " + result.errno();
                    case USAGE -> " was refused: " + result.explanation();
                    case TIMEOUT -> " waited in vain; the last value was " + result.lastValue();
                    case MISMATCH -> " does not hold; the value was " + result.lastValue();
                    case LIMIT -> " kept more values than a result can have";
                });
        if (result.last() < instructions.size()
                && ScriptEncoder.isCheckpoint(instructions.get(result.last()).operation())) {
            checkpoints.ifPresent(c -> text.append("; ").append(c.report()));
        }
        return new ScriptFailedException(text.toString(), result);
    }

    private HelperDiedException died(List<Instruction> instructions) {
        if (!becameProgram.isEmpty() && isAlive()) {
            throw new ShmException(this + " became " + becameProgram + " by exec(); it cannot do "
                    + describe(instructions) + " any more");
        }
        Optional<Exit> exit = exitNews();
        StringBuilder text = new StringBuilder(toString()).append(' ');
        text.append(exit.map(Exit::toString).orElseGet(() -> "closed its connection, but is " + state()));
        connection.fault().ifPresent(f -> {
            text.append(" at address 0x").append(Long.toHexString(f.address()));
            if (f.instruction() >= 0 && f.instruction() < instructions.size()) {
                text.append(" in step ").append(f.instruction()).append(", ").append(instructions.get(f.instruction()));
            }
        });
        text.append("; it was to do ")
                .append(describe(instructions))
                .append(over())
                .append(stderrTail());
        return new HelperDiedException(text.toString(), exit);
    }

    private static ScriptResult decode(Wire.Reply reply, List<Instruction> instructions, Map<Integer, String> names) {
        boolean refused = reply.status() == Status.USAGE;
        List<Value> values = new ArrayList<>(reply.results().size());
        for (Wire.Result r : reply.results()) {
            Operation operation = instructions.get(r.instruction()).operation();
            boolean hasBytes = !refused && (operation == Operation.GET_BYTES || operation == Operation.CALL);
            values.add(new Value(
                    r.instruction(),
                    names.getOrDefault(r.instruction(), ""),
                    r.value(),
                    operation == Operation.CAS && r.extra() == 1,
                    r.errno() == 0 ? "" : Errno.name(r.errno()),
                    hasBytes ? bytes(reply.bytes(), r.extra()) : Bytes.NONE));
        }
        return new ScriptResult(
                reply.status(),
                reply.last(),
                reply.errno() == 0 ? "" : Errno.name(reply.errno()),
                reply.rounds(),
                reply.iterations(),
                reply.lastValue(),
                values,
                refused
                        ? StandardCharsets.UTF_8
                                .decode(reply.bytes().duplicate())
                                .toString()
                        : "");
    }

    private static Bytes bytes(ByteBuffer all, long where) {
        int start = (int) (where >>> 32);
        int length = (int) where;
        if (length <= 0 || start < 0 || length > all.limit() - start) {
            return Bytes.NONE;
        }
        byte[] part = new byte[length];
        all.get(start, part);
        return new Bytes(part);
    }

    // --- system calls ---

    @Override
    public SysCalls sys() {
        return this::call;
    }

    private SysResult call(LibcCall function, Operand... arguments) {
        Value value = call(Script.of(b -> b.call(function, arguments))).values().get(0);
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
        Script script = Script.of(b -> b.call(
                        LibcCall.EXEC,
                        Operand.text(path),
                        Operand.input(argv.toString().getBytes(StandardCharsets.UTF_8)))
                .orFail());
        becameProgram = path;
        List<Instruction> steps = Instructions.of(script).steps();
        Connection.Pending pending = send(steps);
        switch (connection.await(pending, timeouts().answer())) {
            case HELPER_GONE -> {}
            case ANSWERED -> {
                becameProgram = "";
                throw failed(decode(pending.reply().orElseThrow(), steps, Map.of()), steps);
            }
            case TIMED_OUT -> throw new ShmException(this + " did not become " + path + "; it is " + state());
            case INTERRUPTED -> throw new ShmException("interrupted while " + this + " became " + path);
        }
    }

    // --- fork ---

    @Override
    public NativeHelper fork(String childName) {
        UnixSocket[] ends = UnixSocket.pair();
        Connection toChild = new Connection(ends[0]);
        try (UnixSocket passed = ends[1]) {
            List<Instruction> fork = List.of(Instruction.fork());
            byte[] message = encoder().encode(ids.incrementAndGet(), fork);
            Connection.Pending pending =
                    connection.send(message, Optional.of(passed), timeouts().answer());
            int childPid = (int)
                    result(pending, fork, Map.of(), timeouts().answer(), true).lastValue();
            return adopt(childName, childPid, toChild);
        } catch (RuntimeException | Error e) {
            toChild.close();
            throw e;
        }
    }

    /** A child that this helper has forked. */
    DrivenHelper adopt(String childName, int childPid, Connection toChild) {
        Pidfd childFd = hold(childName, childPid);
        Child forked = child().forked(childPid, (pid, signo, group) -> childFd.signal(signo)); // its group is ours
        supervisor.adopt(forked);
        var unused = connection.exitOf(childPid).thenAccept(exit -> {
            forked.exit().complete(exit);
            connection.forget(childPid);
        });
        DrivenHelper helper = new DrivenHelper(
                childName,
                forked,
                timeouts(),
                toChild,
                supervisor,
                Optional.of(connection),
                Optional.of(childFd),
                checkpoints);
        children.add(helper);
        helper.slots.addAll(slots);
        helper.hasControlPage = hasControlPage;
        helper.isolated = isolated;
        checkpoints.ifPresent(c -> c.join(childName).started(childPid, helper.end(), helper::isAlive));
        // Who greets was alive after the pidfd was opened, so that means this child and no other process with its pid.
        if (toChild.awaitHello(timeouts().answer()).isEmpty()) {
            throw helper.died(List.of());
        }
        return helper;
    }

    private Pidfd hold(String childName, int childPid) {
        try {
            return Pidfd.open(childPid);
        } catch (OsException e) {
            if (!e.is(Errno.ESRCH)) {
                throw e;
            }
            CompletableFuture<Exit> end = connection.exitOf(childPid);
            connection.await(end::isDone, timeouts().news());
            connection.forget(childPid);
            Optional<Exit> exit = end.isDone() ? Optional.of(end.join()) : Optional.empty();
            throw new HelperDiedException(
                    "helper '" + childName + "' (pid " + childPid + "), forked by " + this + ", "
                            + exit.map(Exit::toString).orElse("ended") + " before the test could use it" + stderrTail(),
                    exit);
        }
    }

    @Override
    public boolean isAlive() {
        parent.ifPresent(Connection::poll);
        return super.isAlive();
    }

    @Override
    public Exit awaitExit(Duration max) {
        long start = System.nanoTime();
        // Without a parent any more, the supervisor tells.
        parent.ifPresent(p -> p.await(() -> !super.isAlive(), max));
        Duration left = max.minusNanos(System.nanoTime() - start);
        return super.awaitExit(left.isNegative() ? Duration.ZERO : left);
    }

    // --- scripts ---

    @Override
    public Running run(Script script) {
        Instructions what = Instructions.of(script);
        Progress progress = new Progress(what, send(what.steps()));
        checkpoints.ifPresent(c -> c.unseen().add(progress));
        return progress;
    }

    @Override
    public boolean isDone() {
        return super.isDone() || connection.isIdle();
    }

    private final class Progress implements Running, Unseen.Work {
        private final Instructions what;
        private final Connection.Pending pending;

        Progress(Instructions what, Connection.Pending pending) {
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
                    .map(reply -> decode(reply, what.steps(), what.names()))
                    .filter(result -> result.status() != Status.OK)
                    .map(result -> failed(result, what.steps()))
                    .map(e -> new Unseen.Failure(this, String.valueOf(e.getMessage()), e));
        }

        private ScriptResult wait(Duration max, boolean mustSucceed) {
            try {
                return DrivenHelper.this.result(pending, what.steps(), what.names(), max, mustSucceed);
            } finally {
                if (pending.reply().isPresent()) {
                    checkpoints.ifPresent(c -> c.unseen().looked(this));
                }
            }
        }

        /** A wait within the script that is too long names its step, so it is to end first. */
        private Duration byDefault() {
            return timeouts().byDefault().plus(timeouts().news());
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
                Thread thread = new Thread(task, "shmkit script of " + name());
                thread.setDaemon(true);
                thread.start();
            });
        }
    }

    @Override
    public void echo(String text) {
        call(Script.of(b -> b.echo(text)));
    }

    @Override
    public NativeHelper expectExit(Predicate<? super Exit> expected) {
        super.expectExit(expected);
        return this;
    }

    @Override
    public void close() {
        children.forEach(DrivenHelper::close);
        super.close();
        connection.close();
        pidfd.ifPresent(Pidfd::close);
    }

    // --- segments ---

    @Override
    public synchronized void attach(Segment segment) {
        String label = segment.label();
        if (slots.stream().anyMatch(s -> s.label().equals(label))) {
            throw new IllegalArgumentException(this + " has attached a segment '" + label + "' already");
        }
        Attachment attachment = new Attachment(freeSlot(), label, segment.address(), false);
        attach(attachment);
        slots.add(new ScriptEncoder.Slot(
                attachment.slot(), label, attachment.address().size()));
    }

    private synchronized void attachControlPage() {
        if (hasControlPage) {
            return;
        }
        SessionCheckpoints own = checkpoints.orElseThrow(
                () -> new IllegalStateException(this + " was started without checkpoints and can reach none"));
        attach(new Attachment(
                Wire.CONTROL_SLOT, "checkpoints", own.page().segment().address(), false));
        hasControlPage = true;
    }

    private void attach(Attachment attachment) {
        byte[] request = Attachment.request(ids.incrementAndGet(), List.of(attachment));
        checkAttached(connection.send(request, timeouts().answer()), List.of(attachment));
    }

    private void attached(Connection.Pending attaching, List<Attachment> attachments) {
        checkAttached(attaching, attachments);
        attachments.forEach(a -> slots.add(
                new ScriptEncoder.Slot(a.slot(), a.label(), a.address().size())));
    }

    private void checkAttached(Connection.Pending attaching, List<Attachment> attachments) {
        ScriptResult result = result(attaching, List.of(), Map.of(), timeouts().answer(), false);
        if (result.status() != Status.OK) {
            Attachment failed = attachments.get(result.last());
            throw new ShmException(this + " cannot attach segment '" + failed.label() + "' ("
                    + failed.address().uri() + "): " + result.errno() + result.explanation()
                    + (!REMOVED.contains(result.errno()) ? "" : isolated ? HIDDEN : REMOVED_BY));
        }
    }

    private int freeSlot() {
        for (int i = 0; i < Wire.CONTROL_SLOT; i++) {
            int number = i;
            if (slots.stream().noneMatch(s -> s.number() == number)) {
                return number;
            }
        }
        throw tooManySegments(toString());
    }

    private static IllegalArgumentException tooManySegments(String helper) {
        return new IllegalArgumentException(
                helper + " has " + Wire.CONTROL_SLOT + " segments attached and can have no more");
    }

    @Override
    public synchronized void detach(String label) {
        ScriptEncoder.Slot slot = encoder().slot(label);
        call(Instruction.detach(label), timeouts().answer());
        slots.remove(slot);
    }

    // --- memory ---

    @Override
    public HelperMemory in(String label) {
        encoder().slot(label);
        return new Memory(label);
    }

    @Override
    public HelperMemory at(long address) {
        return new Memory((b, step) -> b.at(address, step));
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

    /** One segment in the helper's mapping. */
    private final class Memory implements HelperMemory {
        private final BiConsumer<Script.Builder, Consumer<Script.Builder>> place;

        Memory(String label) {
            this((b, step) -> b.in(label, step));
        }

        Memory(BiConsumer<Script.Builder, Consumer<Script.Builder>> place) {
            this.place = place;
        }

        private Script script(Consumer<Script.Builder> step) {
            return Script.of(b -> place.accept(b, step));
        }

        private ScriptResult one(Consumer<Script.Builder> step) {
            return call(script(step));
        }

        @Override
        public long get(long offset, int width, MemoryOrder order) {
            return one(b -> b.get(offset, width, order)).lastValue();
        }

        @Override
        public void put(long offset, int width, long value, MemoryOrder order) {
            one(b -> b.put(offset, width, value, order));
        }

        @Override
        public long getAndAdd(long offset, int width, long delta, MemoryOrder order) {
            return one(b -> b.getAndAdd(offset, width, delta, order)).lastValue();
        }

        @Override
        public long getAndSet(long offset, int width, long value, MemoryOrder order) {
            return one(b -> b.getAndSet(offset, width, value, order)).lastValue();
        }

        @Override
        public long compareAndExchange(long offset, int width, long expected, long value, MemoryOrder order) {
            return one(b -> b.compareAndExchange(offset, width, expected, value, order))
                    .lastValue();
        }

        @Override
        public long await(long offset, int width, Comparison comparison, long value, Duration max) {
            List<Instruction> steps = Instructions.of(script(b -> b.await(offset, width, comparison, value, max)))
                    .steps();
            return result(send(steps), steps, Map.of(), max.plus(timeouts().answer()), true)
                    .lastValue();
        }

        @Override
        public void fill(long offset, long length, byte value) {
            one(b -> b.fill(offset, length, value));
        }

        @Override
        public void putBytes(long offset, byte[] bytes) {
            checkWhole(offset, bytes.length);
            for (int at = 0; at < bytes.length; at += PIECE) {
                int from = at;
                byte[] piece = Arrays.copyOfRange(bytes, from, Math.min(bytes.length, from + PIECE));
                one(b -> b.putBytes(offset + from, piece));
            }
        }

        @Override
        public byte[] getBytes(long offset, int length) {
            checkWhole(offset, length);
            byte[] all = new byte[length];
            for (int at = 0; at < length; at += Wire.MAX_REPLY_BYTES) {
                int from = at;
                int size = Math.min(length - from, Wire.MAX_REPLY_BYTES);
                byte[] piece = one(b -> b.getBytes(offset + from, size))
                        .values()
                        .get(0)
                        .bytes()
                        .toArray();
                System.arraycopy(piece, 0, all, from, size);
            }
            return all;
        }

        /** Before the first piece is sent: a copy that is out of range must change nothing. */
        private void checkWhole(long offset, int length) {
            encoder()
                    .encode(
                            0,
                            Instructions.of(script(b -> b.getBytes(offset, length)))
                                    .steps());
        }

        @Override
        public long crc32(long offset, long length) {
            return one(b -> b.crc32(offset, length)).lastValue();
        }
    }
}
