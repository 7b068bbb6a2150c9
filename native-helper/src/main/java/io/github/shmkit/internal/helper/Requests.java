package io.github.shmkit.internal.helper;

import io.github.shmkit.Bytes;
import io.github.shmkit.ShmException;
import io.github.shmkit.ShmTimeoutException;
import io.github.shmkit.internal.os.Errno;
import io.github.shmkit.internal.os.UnixSocket;
import io.github.shmkit.internal.script.Instruction;
import io.github.shmkit.internal.script.Instructions;
import io.github.shmkit.internal.script.Operation;
import io.github.shmkit.process.Exit;
import io.github.shmkit.process.HelperDiedException;
import io.github.shmkit.script.Script;
import io.github.shmkit.script.ScriptFailedException;
import io.github.shmkit.script.ScriptResult;
import io.github.shmkit.script.ScriptResult.Status;
import io.github.shmkit.script.ScriptResult.Value;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;

/** What one native helper is asked, and how its answers read. */
final class Requests {
    /** Of the request that goes with the greeting. */
    static final int FIRST_ID = 1;

    private final HelperProcess helper;
    private final Connection connection;
    private final Collection<ScriptEncoder.Slot> slots;
    private final Optional<SessionCheckpoints> checkpoints;
    private final AtomicInteger ids = new AtomicInteger(FIRST_ID);
    private final Journal journal = new Journal();
    private volatile String becameProgram = "";

    Requests(
            HelperProcess helper,
            Connection connection,
            Collection<ScriptEncoder.Slot> slots,
            Optional<SessionCheckpoints> checkpoints) {
        this.helper = helper;
        this.connection = connection;
        this.slots = slots;
        this.checkpoints = checkpoints;
    }

    int nextId() {
        return ids.incrementAndGet();
    }

    private ScriptEncoder encoder() {
        return new ScriptEncoder(helper.name(), slots, helper.timeouts().byDefault());
    }

    /** The message for a script; throws if it is wrong, before anything is sent. */
    byte[] encode(List<Instruction> instructions) {
        return encoder().encode(nextId(), instructions);
    }

    /** Throws if it could not be sent. */
    void check(Instruction instruction) {
        encoder().encode(0, List.of(instruction));
    }

    ScriptEncoder.Slot slot(String label) {
        return encoder().slot(label);
    }

    List<String> journal() {
        return journal.lines();
    }

    Connection.Pending send(byte[] message, List<Instruction> instructions) {
        return send(message, Optional.empty(), instructions);
    }

    private Connection.Pending send(byte[] message, Optional<UnixSocket> passed, List<Instruction> instructions) {
        Connection.Pending pending =
                connection.send(message, passed, helper.timeouts().answer());
        journal.note(instructions, message.length, pending.ending());
        return pending;
    }

    /** A single load, store or atomic change, which is a message of its own and no script. */
    long access(Instruction instruction) {
        List<Instruction> what = List.of(instruction);
        return result(send(encoder().access(nextId(), instruction), what), what, answer())
                .lastValue();
    }

    ScriptResult call(Instruction instruction) {
        return call(instruction, answer());
    }

    ScriptResult call(Instruction instruction, Duration max) {
        List<Instruction> what = List.of(instruction);
        return result(send(encode(what), what), what, max);
    }

    ScriptResult call(Script script) {
        Instructions what = Instructions.of(script);
        return result(send(encode(what.steps()), what.steps()), what.steps(), what.names(), answer(), true);
    }

    /** A request with a descriptor, of which the helper gets a duplicate. */
    ScriptResult call(Instruction instruction, UnixSocket passed) {
        List<Instruction> what = List.of(instruction);
        return result(send(encode(what), Optional.of(passed), what), what, answer());
    }

    private Duration answer() {
        return helper.timeouts().answer();
    }

    private ScriptResult result(Connection.Pending pending, List<Instruction> instructions, Duration max) {
        return result(pending, instructions, Map.of(), max, true);
    }

    ScriptResult result(
            Connection.Pending pending,
            List<Instruction> instructions,
            Map<Integer, String> names,
            Duration max,
            boolean mustSucceed) {
        switch (connection.await(pending, max)) {
            case ANSWERED -> {}
            case HELPER_GONE -> throw died(instructions);
            case TIMED_OUT ->
                throw new ShmTimeoutException(helper + " did not answer within " + max.toMillis() + " ms; it is "
                        + helper.state() + ", and was to do " + describe(instructions));
            case INTERRUPTED ->
                throw new ShmException("interrupted while " + helper + " did " + describe(instructions));
        }
        ScriptResult result = decode(pending.reply().orElseThrow(), instructions, names);
        if (mustSucceed && result.status() != Status.OK) {
            throw failed(result, instructions);
        }
        return result;
    }

    /** Sends what makes another program of the helper, which answers only if it fails. */
    void become(String program, Script script) {
        List<Instruction> steps = Instructions.of(script).steps();
        byte[] message = encode(steps);
        becameProgram = program;
        Connection.Pending pending = send(message, steps);
        switch (connection.await(pending, answer())) {
            case HELPER_GONE -> {}
            case ANSWERED -> {
                becameProgram = "";
                throw failed(decode(pending.reply().orElseThrow(), steps, Map.of()), steps);
            }
            case TIMED_OUT ->
                throw new ShmException(helper + " did not become " + program + "; it is " + helper.state());
            case INTERRUPTED -> throw new ShmException("interrupted while " + helper + " became " + program);
        }
    }

    private static String describe(List<Instruction> instructions) {
        return instructions.size() == 1
                ? instructions.get(0).toString()
                : "a script of " + instructions.size() + " steps";
    }

    ScriptFailedException failed(ScriptResult result, List<Instruction> instructions) {
        StringBuilder text = new StringBuilder(helper.toString());
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

    HelperDiedException died(List<Instruction> instructions) {
        if (!becameProgram.isEmpty() && helper.isAlive()) {
            throw new ShmException(helper + " became " + becameProgram + " by exec(); it cannot do "
                    + describe(instructions) + " any more");
        }
        Optional<Exit> exit = helper.exitNews();
        StringBuilder text = new StringBuilder(helper.toString()).append(' ');
        text.append(exit.map(Exit::toString).orElseGet(() -> "closed its connection, but is " + helper.state()));
        connection.fault().ifPresent(f -> {
            text.append(" at address 0x").append(Long.toHexString(f.address()));
            if (f.instruction() >= 0 && f.instruction() < instructions.size()) {
                text.append(" in step ").append(f.instruction()).append(", ").append(instructions.get(f.instruction()));
            }
        });
        text.append("; it was to do ")
                .append(describe(instructions))
                .append(helper.over())
                .append(helper.stderrTail());
        return new HelperDiedException(text.toString(), exit);
    }

    static ScriptResult decode(Wire.Reply reply, List<Instruction> instructions, Map<Integer, String> names) {
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
}
