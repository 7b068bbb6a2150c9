package io.github.shmkit.internal.helper;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.shmkit.Party;
import io.github.shmkit.internal.helper.ScriptEncoder.Slot;
import io.github.shmkit.internal.script.Instruction;
import io.github.shmkit.internal.script.Instructions;
import io.github.shmkit.internal.script.Operation;
import io.github.shmkit.script.Arithmetic;
import io.github.shmkit.script.Comparison;
import io.github.shmkit.script.MemoryOrder;
import io.github.shmkit.script.Script;
import io.github.shmkit.syscall.LibcCall;
import io.github.shmkit.syscall.Operand;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a helper is told, byte by byte as PROTOCOL.md lays it out, and what is refused before it is told. */
class ScriptEncoderTests {
    private static final ScriptEncoder ENCODER = new ScriptEncoder(
            "writer", List.of(new Slot(3, "data", 4096), new Slot(5, "log", 100)), Duration.ofSeconds(30));

    /** One instruction, as the helper reads it. */
    private record Step(
            Operation operation,
            int width,
            MemoryOrder order,
            int comparison,
            int flags,
            int target,
            int index,
            int slot,
            long offset,
            long a,
            long b) {
        static Step of(ByteBuffer in) {
            return new Step(
                    Wire.OPERATIONS.constant(in.get()),
                    in.get(),
                    Wire.ORDERS.constant(in.get()),
                    in.get(),
                    in.get(),
                    in.get(),
                    in.get(),
                    in.get() & 0xff,
                    in.getLong(),
                    in.getLong(),
                    in.getLong());
        }
    }

    /** A whole request. */
    private record Request(int id, List<Step> steps, ByteBuffer data) {
        static Request of(byte[] message) {
            ByteBuffer in = ByteBuffer.wrap(message).order(ByteOrder.LITTLE_ENDIAN);
            assertThat(in.getInt()).as("length").isEqualTo(in.remaining());
            assertThat(in.getInt()).as("type").isEqualTo(Wire.TYPE_RUN);
            int id = in.getInt();
            int count = in.getInt();
            int dataSize = in.getInt();
            List<Step> steps = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                steps.add(Step.of(in));
            }
            assertThat(in.remaining()).as("size of the data").isEqualTo(dataSize);
            return new Request(id, steps, in.slice().order(ByteOrder.LITTLE_ENDIAN));
        }

        String text(long from, long length) {
            byte[] bytes = new byte[(int) length];
            data.get((int) from, bytes);
            return new String(bytes, StandardCharsets.UTF_8);
        }
    }

    private static Request request(Consumer<Script.Builder> steps) {
        return Request.of(ENCODER.encode(9, Instructions.of(Script.of(steps)).steps()));
    }

    private static Step step(Consumer<Script.Builder> steps) {
        Request request = request(steps);
        assertThat(request.steps()).hasSize(1);
        return request.steps().get(0);
    }

    private static void assertRefused(Consumer<Script.Builder> steps, String message) {
        List<Instruction> instructions = Instructions.of(Script.of(steps)).steps();
        assertThatThrownBy(() -> ENCODER.encode(1, instructions))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(message);
    }

    private static void assertTaken(Consumer<Script.Builder> steps) {
        List<Instruction> instructions = Instructions.of(Script.of(steps)).steps();
        assertThatCode(() -> ENCODER.encode(1, instructions)).doesNotThrowAnyException();
    }

    // --- what is told ---

    @Test
    void aRequestHasItsNumberAndItsStepsInOrder() {
        Request request = request(b -> b.putInt(0, 7).getLong(8).leave());

        assertThat(request.id()).isEqualTo(9);
        assertThat(request.steps())
                .extracting(Step::operation)
                .containsExactly(Operation.PUT, Operation.GET, Operation.BREAK);
        assertThat(request.data().remaining()).isZero();
    }

    @Test
    void anAccessTellsAllThatItNeeds() {
        assertThat(step(b -> b.compareAndExchange(40, 4, 11, 22, MemoryOrder.ACQUIRE_RELEASE)))
                .isEqualTo(new Step(Operation.CAS, 4, MemoryOrder.ACQUIRE_RELEASE, 0, 1, 0, 0, 3, 40, 11, 22));
    }

    @Test
    void variablesAndFlagsGoWithIt() {
        Request request = request(b -> {
            Operand.Var where = b.var();
            Operand.Var value = b.var();
            b.indexed(where, i -> i.getLong(-8).into(value));
            b.check(value, Comparison.UNSIGNED_LESS, 5);
            b.calculate(value, Arithmetic.SHL, where);
        });

        assertThat(request.steps())
                .containsExactly(
                        new Step(Operation.GET, 8, MemoryOrder.OPAQUE, 0, 1, 2, 1, 3, -8, 0, 0),
                        new Step(Operation.CHECK, 8, MemoryOrder.OPAQUE, 6, 0, 0, 2, 0, 0, 5, 0),
                        new Step(Operation.ALU, 0, MemoryOrder.OPAQUE, 6, 2, 2, 2, 0, 0, 1, 0));
    }

    @Test
    void aSegmentIsToldByItsSlotAndTheFirstIsMeantWhereNoneIsNamed() {
        assertThat(step(b -> b.getByte(0)).slot()).isEqualTo(3);
        assertThat(step(b -> b.in("log", i -> i.getByte(0))).slot()).isEqualTo(5);
        assertThat(step(b -> b.at(0x10000, i -> i.getByte(0))).slot()).isEqualTo(255);
        assertThat(step(b -> b.leave()).slot()).isZero();
    }

    @Test
    void copyingTellsBothSegments() {
        assertThat(step(b -> b.copy(8, "log", 16, 24)))
                .isEqualTo(new Step(Operation.COPY, 0, MemoryOrder.OPAQUE, 5, 0, 0, 0, 3, 8, 24, 16));
    }

    @Test
    void detachingTellsTheSlot() {
        assertThat(Request.of(ENCODER.encode(1, List.of(Instruction.detach("log"))))
                        .steps())
                .extracting(Step::slot)
                .containsExactly(5);
        assertThatThrownBy(() -> ENCODER.encode(1, List.of(Instruction.detach("lag"))))
                .hasMessage("helper 'writer' has no segment 'lag' attached, only 'data', 'log'");
    }

    @Test
    void bytesStandBehindTheStepsOneAfterTheOther() {
        Request request = request(b -> b.putBytes(4, new byte[] {'a', 'b', 'c'}).echo("zoë"));
        Step put = request.steps().get(0);
        Step echo = request.steps().get(1);

        assertThat(put).isEqualTo(new Step(Operation.PUT_BYTES, 0, MemoryOrder.OPAQUE, 0, 0, 0, 0, 3, 4, 3, 0));
        assertThat(request.text(put.b(), put.a())).isEqualTo("abc");
        assertThat(request.text(echo.b(), echo.a())).isEqualTo("zoë");
        assertThat(request.data().remaining()).isEqualTo(7);
    }

    @Test
    void aCallTellsItsArgumentsAndThenTheBytesThatTheyMean() {
        Request request = request(b -> {
            b.echo("xyz");
            b.call(LibcCall.OPEN, Operand.text("/a"), Operand.number(-2), b.var());
            b.call(LibcCall.READ, Operand.number(1), Operand.place("log", 100), Operand.number(0));
            b.call(LibcCall.PIPE, Operand.room(24));
            b.call(LibcCall.GETPID);
        });
        Step open = request.steps().get(1);
        Step read = request.steps().get(2);
        Step pipe = request.steps().get(3);
        Step getpid = request.steps().get(4);

        assertThat(open).isEqualTo(new Step(Operation.CALL, 0, MemoryOrder.OPAQUE, 0, 1, 0, 0, 0, 3, 10, 3));
        assertArgument(request, open, 0, Wire.ARG_DATA, 0, 3, 3 + 3 * 16);
        assertThat(request.text(3 + 3 * 16, 3)).isEqualTo("/a\0");
        assertArgument(request, open, 1, Wire.ARG_IMM, 0, 0, -2);
        assertArgument(request, open, 2, Wire.ARG_REG, 0, 0, 1);

        assertThat(read.offset()).as("behind the text").isEqualTo(3 + 3 * 16 + 3);
        assertArgument(request, read, 0, Wire.ARG_IMM, 0, 0, 1);
        assertArgument(request, read, 1, Wire.ARG_SEG, 5, 0, 100);

        assertThat(pipe.offset()).isEqualTo(read.offset() + 3 * 16);
        assertArgument(request, pipe, 0, Wire.ARG_OUT, 0, 24, 0);

        assertThat(getpid.offset()).isEqualTo(pipe.offset() + 16);
        assertThat(getpid.a()).as("calls are counted from 1").isEqualTo(1);
        assertThat(getpid.b()).isZero();
    }

    private static void assertArgument(
            Request request, Step call, int number, int kind, int slot, int length, long value) {
        int at = (int) call.offset() + number * Wire.ARG_SIZE;
        ByteBuffer data = request.data();
        assertThat(List.of((int) data.get(at), (int) data.get(at + 1), (int) data.getShort(at + 2)))
                .as("kind, slot and padding of argument %d", number)
                .containsExactly(kind, slot, 0);
        assertThat(data.getInt(at + 4)).isEqualTo(length);
        assertThat(data.getLong(at + 8)).isEqualTo(value);
    }

    @Test
    void severalTextsOfACallFollowEachOther() {
        Request request = request(b -> b.call(LibcCall.EXEC, Operand.text("/bin/a"), Operand.input(new byte[] {1, 2})));
        Step call = request.steps().get(0);

        assertArgument(request, call, 0, Wire.ARG_DATA, 0, 7, 32);
        assertArgument(request, call, 1, Wire.ARG_DATA, 0, 2, 39);
        assertThat(request.text(32, 9)).isEqualTo("/bin/a\0\1\2");
    }

    @Test
    void waitingForACheckpointTellsNameCountAndPatience() {
        Request request = request(b -> b.echo("ab").awaitCheckpoint("ready", 4, Duration.ofMillis(3)));
        Step step = request.steps().get(1);

        assertThat(step).isEqualTo(new Step(Operation.CHECKPOINT, 0, MemoryOrder.OPAQUE, 0, 0, 0, 0, 63, 0, 22, 2));
        assertThat(request.data().getLong(2)).isEqualTo(3_000_000);
        assertThat(request.data().getInt(10)).isEqualTo(4);
        assertThat(request.data().getInt(14)).as("names behind the first").isZero();
        assertThat(request.text(18, 6)).isEqualTo("ready\0");
        assertThat(request.data().remaining()).isEqualTo(24);
    }

    @Test
    void reachingACheckpointTellsItsName() {
        Request request = request(b -> b.reach("ready"));

        assertThat(request.steps().get(0).slot()).isEqualTo(63);
        assertThat(request.text(16, 6)).isEqualTo("ready\0");
    }

    @Test
    void aBarrierTellsWhoWaitsAndThenAllForWhom() {
        Request request = request(b -> b.barrier("start", Party.helper("reader"), Party.SELF));

        assertThat(request.data().getLong(0)).isEqualTo(Duration.ofSeconds(30).toNanos());
        assertThat(request.data().getInt(8)).isZero();
        assertThat(request.data().getInt(12)).isEqualTo(3);
        assertThat(request.text(16, request.steps().get(0).a() - 16)).isEqualTo("start\0writer\0reader\0writer\0");
    }

    // --- what is refused ---

    @Test
    void aBarrierIsForItsHelperAndForNoMoreThanFit() {
        assertRefused(
                b -> b.barrier("start", Party.helper("reader"), Party.TEST),
                "barrier 'start' is for [reader, test]: helper 'writer', which waits at it, must be among them, and there"
                        + " can be at most 64");
        assertTaken(b -> b.barrier("start", parties(64)));
        List<Instruction> tooMany =
                Instructions.of(Script.of(b -> b.barrier("start", parties(65)))).steps();
        assertThatThrownBy(() -> ENCODER.encode(1, tooMany)).hasMessageEndingWith("there can be at most 64");
        assertRefused(
                b -> b.barrier("start", "writer", "x".repeat(48)),
                "'" + "x".repeat(48) + "' cannot be the name of a party of barrier 'start': it has 1 to 47 bytes");
        assertRefused(b -> b.reach(""), "'' cannot be the name of a checkpoint: it has 1 to 47 bytes");
    }

    /** The helper, and others. */
    private static String[] parties(int count) {
        return IntStream.range(0, count)
                .mapToObj(i -> i == 0 ? "writer" : "party" + i)
                .toArray(String[]::new);
    }

    @Test
    void withoutASegmentTheRemedyIsToAttachOne() {
        ScriptEncoder bare = new ScriptEncoder("bare", List.of(), Duration.ofSeconds(30));
        List<Instruction> get = Instructions.of(Script.of(b -> b.getByte(0))).steps();

        assertThatThrownBy(() -> bare.encode(1, get))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("helper 'bare' has no segment attached; attach(segment) one");
        assertThatCode(() -> bare.encode(
                        1, Instructions.of(Script.of(b -> b.exit(3))).steps()))
                .as("what needs none")
                .doesNotThrowAnyException();
    }

    @Test
    void aLabelThatIsNotAttachedIsRefusedWithThoseThatAre() {
        assertRefused(
                b -> b.in("lag", i -> i.getByte(0)),
                "helper 'writer' has no segment 'lag' attached, only 'data', 'log'");
    }

    @ParameterizedTest
    @CsvSource({"4088, 8", "4092, 4", "4094, 2", "4095, 1", "0, 8"})
    void anAccessMayTouchTheLastByte(long offset, int width) {
        assertThat(step(b -> b.get(offset, width, MemoryOrder.OPAQUE)).offset()).isEqualTo(offset);
    }

    @ParameterizedTest
    @CsvSource({"4096, 8", "4096, 1", "-8, 8", "4104, 8", "9223372036854775800, 8"})
    void anAccessOutsideIsRefused(long offset, int width) {
        assertRefused(
                b -> b.get(offset, width, MemoryOrder.OPAQUE),
                "offset " + offset + " and " + width + " bytes are not within segment 'data' of 4096 bytes");
    }

    @Test
    void aRangeMayBeWholeOrEmptyAndNotLonger() {
        assertTaken(b -> b.fill(0, 4096, (byte) 1)
                .fill(4096, 0, (byte) 1)
                .getBytes(4090, 6)
                .crc32(0, 4096));
        assertRefused(
                b -> b.fill(1, 4096, (byte) 1), "offset 1 and 4096 bytes are not within segment 'data' of 4096 bytes");
        assertRefused(
                b -> b.fill(0, -1, (byte) 1), "offset 0 and -1 bytes are not within segment 'data' of 4096 bytes");
        assertRefused(
                b -> b.putBytes(4095, new byte[2]),
                "offset 4095 and 2 bytes are not within segment 'data' of 4096 bytes");
    }

    @Test
    void whatIsCopiedMustBeWithinItsSegmentToo() {
        assertTaken(b -> b.copy(0, "log", 0, 100).copy(0, "log", 100, 0).copy(0, "log", 99, 1));
        assertRefused(
                b -> b.copy(0, "log", 1, 100), "offset 1 and 100 bytes are not within segment 'log' of 100 bytes");
        assertRefused(b -> b.copy(0, "log", -1, 1), "offset -1 and 1 bytes are not within segment 'log' of 100 bytes");
        assertRefused(
                b -> b.copy(0, "log", 101, 0), "offset 101 and 0 bytes are not within segment 'log' of 100 bytes");
        assertRefused(b -> b.copy(0, "lag", 0, 1), "helper 'writer' has no segment 'lag' attached, only 'data', 'log'");
    }

    @ParameterizedTest
    @CsvSource({"1, 2", "2, 4", "4, 8", "4089, 8"})
    void anAccessThatIsNotAlignedIsRefused(long offset, int width) {
        String remedy = " is not a multiple of " + width + ", as an access of " + width + " bytes by a helper needs";

        if (offset + width <= 4096) {
            assertRefused(
                    b -> b.put(offset, width, 1, MemoryOrder.OPAQUE),
                    "offset " + offset + " in segment 'data' of 4096 bytes" + remedy);
        }
        assertRefused(
                b -> b.at(0x10000 + offset, i -> i.put(0, width, 1, MemoryOrder.OPAQUE)),
                "address 0x" + Long.toHexString(0x10000 + offset) + remedy);
        assertTaken(b -> b.at(b.var(), i -> i.put(offset, width, 1, MemoryOrder.OPAQUE)));
        assertTaken(b -> b.indexed(b.var(), i -> i.put(offset, width, 1, MemoryOrder.OPAQUE)));
    }

    @Test
    void aRangeByItsAddressNeedNotBeAligned() {
        assertTaken(b -> b.at(0x10001, i -> i.fill(0, 3, (byte) 0)));
    }

    @Test
    void whereAVariableTellsThePlaceOnlyTheHelperCanCheckIt() {
        assertThat(step(b -> b.indexed(b.var(), i -> i.getLong(1 << 20))).slot())
                .isEqualTo(3);
    }

    @ParameterizedTest
    @ValueSource(ints = {3, 5, 6, 7, 16, -1, Integer.MIN_VALUE})
    void anAccessHasTheWidthOfAMachinesNumber(int width) {
        assertRefused(
                b -> b.get(0, width, MemoryOrder.OPAQUE), "an access has a width of 1, 2, 4 or 8 bytes, not " + width);
    }

    @ParameterizedTest
    @EnumSource
    void loadsAndStoresHaveTheOrdersThatTheyCanHave(MemoryOrder order) {
        switch (order) {
            case OPAQUE, VOLATILE -> assertTaken(b -> b.get(0, 8, order).put(0, 8, 1, order));
            case ACQUIRE -> assertTaken(b -> b.get(0, 8, order));
            case RELEASE -> assertTaken(b -> b.put(0, 8, 1, order));
            default -> {}
        }
        if (order == MemoryOrder.RELEASE || order == MemoryOrder.ACQUIRE_RELEASE) {
            assertRefused(b -> b.get(0, 8, order), "a load has OPAQUE, ACQUIRE or VOLATILE order, not " + order);
        }
        if (order == MemoryOrder.ACQUIRE || order == MemoryOrder.ACQUIRE_RELEASE) {
            assertRefused(b -> b.put(0, 8, 1, order), "a store has OPAQUE, RELEASE or VOLATILE order, not " + order);
        }
        assertTaken(b -> b.getAndAdd(0, 8, 1, order));
    }

    @Test
    void loopsAndConditionsMayBeNestedSixteenDeep() {
        assertTaken(nested(16));
        assertRefused(nested(17), "loops and conditions are nested deeper than 16");
        assertTaken(b -> IntStream.range(0, 20).forEach(i -> b.repeat(2, Script.Builder::leave)));
        assertTaken(b -> nested(15).accept(b.when(Comparison.EQUAL, 1, Script.Builder::leave)));
    }

    private static Consumer<Script.Builder> nested(int depth) {
        return depth == 0
                ? Script.Builder::leave
                : b -> {
                    if (depth % 2 == 0) {
                        b.repeat(2, nested(depth - 1));
                    } else {
                        b.when(Comparison.EQUAL, 1, nested(depth - 1));
                    }
                };
    }

    @Test
    void aScriptThatIsTooLongIsRefusedWithTheRemedy() {
        assertTaken(b -> IntStream.range(0, 65536).forEach(i -> b.leave()));
        assertRefused(
                b -> IntStream.range(0, 65537).forEach(i -> b.leave()),
                "a script of 65537 steps and 0 bytes of data is too long: at most 65536 steps and 4194304 bytes in all;"
                        + " split it");
        int largest = Wire.MAX_BODY - Wire.RUN_SIZE - Wire.INSN_SIZE;
        assertTaken(b -> b.echo("x".repeat(largest)));
        assertRefused(
                b -> b.echo("x".repeat(largest + 1)),
                "a script of 1 steps and " + (largest + 1) + " bytes of data is too long: at most 65536 steps and"
                        + " 4194304 bytes in all; split it");
    }

    @Test
    void anArgumentOfTheWrongKindIsRefusedWithItsNumber() {
        assertRefused(b -> b.call(LibcCall.CLOSE, Operand.text("x")), "close(\"x\"): argument 1 is a number");
        assertRefused(
                b -> b.call(LibcCall.READ, Operand.number(0), Operand.number(0), Operand.room(1)),
                "read(0, 0, room for 1): argument 3 is a number");
        assertRefused(b -> b.call(LibcCall.UNLINK, Operand.room(8)), "unlink(room for 8): argument 1 is a string");
    }

    @Test
    void stringsAndStructuresMayBeAddresses() {
        assertTaken(b -> b.call(LibcCall.FSTAT, Operand.number(0), Operand.number(1))
                .call(LibcCall.PIPE, Operand.place("data", 0))
                .call(LibcCall.UNLINK, Operand.number(1))
                .call(LibcCall.UNLINK, b.var()));
    }

    @Test
    void aPointerMayBeAnything() {
        assertTaken(b -> b.call(LibcCall.SHMDT, Operand.number(1))
                .call(LibcCall.SHMDT, b.var())
                .call(LibcCall.SHMDT, Operand.room(8))
                .call(LibcCall.SHMDT, Operand.input(new byte[] {1}))
                .call(LibcCall.SHMDT, Operand.place("", 4096))
                .call(LibcCall.SHMDT, Operand.place("log", 0)));
        assertTaken(b -> b.call(LibcCall.PIPE, Operand.input(new byte[] {1})));
    }

    @ParameterizedTest
    @ValueSource(longs = {-1, 101})
    void aPlaceOutsideItsSegmentIsRefused(long offset) {
        assertRefused(
                b -> b.call(LibcCall.SHMDT, Operand.place("log", offset)),
                "offset " + offset + " and 0 bytes are not within segment 'log' of 100 bytes");
    }

    @Test
    void singleAccessIsAMessageWithoutAScript() {
        Instruction put = Instruction.builder(Operation.PUT)
                .at("log", 16)
                .width(8)
                .order(MemoryOrder.RELEASE)
                .a(42)
                .build();
        ByteBuffer in = ByteBuffer.wrap(ENCODER.access(9, put)).order(ByteOrder.LITTLE_ENDIAN);
        assertThat(in.getInt()).as("length").isEqualTo(in.remaining()).isEqualTo(Wire.ACCESS_SIZE);
        assertThat(in.getInt()).as("type").isEqualTo(Wire.TYPE_ACCESS);
        assertThat(in.getInt()).as("id").isEqualTo(9);
        assertThat(Step.of(in)).isEqualTo(new Step(Operation.PUT, 8, MemoryOrder.RELEASE, 0, 0, 0, 0, 5, 16, 42, 0));
        assertThat(in.hasRemaining()).isFalse();
    }
}
