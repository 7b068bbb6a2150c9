package io.github.shmkit.internal.helper;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.shmkit.internal.script.Operation;
import io.github.shmkit.script.Arithmetic;
import io.github.shmkit.script.Comparison;
import io.github.shmkit.script.MemoryOrder;
import io.github.shmkit.script.ScriptResult.Status;
import io.github.shmkit.syscall.LibcCall;
import io.github.shmkit.syscall.Linux;
import io.github.shmkit.syscall.Operand;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The numbers of proto.h, which C is compiled with, are those of Java. */
class ProtoTests {
    private static final Pattern ENTRY = Pattern.compile("X\\((\\w+), (\\d+)");

    private final String header = read();

    private static String read() {
        try {
            return Files.readString(Path.of("src/main/c/agent/proto.h"));
        } catch (IOException e) {
            throw new AssertionError("run with native-helper as the working directory", e);
        }
    }

    /** The entries of one list of names, in the order of their numbers, which begin at 0 and have no gaps. */
    private List<String> names(String list) {
        Map<String, Integer> entries = entries(list);
        assertThat(entries.values())
                .containsExactlyElementsOf(java.util.stream.IntStream.range(0, entries.size())
                        .boxed()
                        .toList());
        return List.copyOf(entries.keySet());
    }

    private Map<String, Integer> entries(String list) {
        int start = header.indexOf("#define " + list + "(X)");
        assertThat(start).as(list).isPositive();
        int end = header.indexOf("\n\n", start);
        Map<String, Integer> entries = new LinkedHashMap<>();
        Matcher matcher = ENTRY.matcher(header.substring(start, end));
        while (matcher.find()) {
            entries.put(matcher.group(1), Integer.valueOf(matcher.group(2)));
        }
        assertThat(entries).as(list).hasSizeGreaterThan(3);
        return entries;
    }

    private long constant(String name) {
        Matcher matcher =
                Pattern.compile("#define " + name + " (0x)?([0-9a-f]+)").matcher(header);
        assertThat(matcher.find()).as(name).isTrue();
        return Long.parseLong(matcher.group(2), matcher.group(1) == null ? 10 : 16);
    }

    private static List<String> namesOf(Enum<?>[] values) {
        return Arrays.stream(values).map(Enum::name).toList();
    }

    /** The API has the names of VarHandle, the helper those of stdatomic.h. */
    private static final Map<MemoryOrder, String> ORDERS_IN_C = Map.of(
            MemoryOrder.OPAQUE, "RELAXED",
            MemoryOrder.ACQUIRE, "ACQUIRE",
            MemoryOrder.RELEASE, "RELEASE",
            MemoryOrder.ACQUIRE_RELEASE, "ACQ_REL",
            MemoryOrder.VOLATILE, "SEQ_CST");

    @Test
    void enumsHaveTheSameNamesInTheSameOrder() {
        assertThat(namesOf(Operation.values())).isEqualTo(names("PROTO_OPS"));
        assertThat(Arrays.stream(MemoryOrder.values()).map(ORDERS_IN_C::get).toList())
                .isEqualTo(names("PROTO_ORDERS"));
        assertThat(namesOf(Arithmetic.values())).isEqualTo(names("PROTO_ALU"));
        assertThat(namesOf(Status.values())).isEqualTo(names("PROTO_STATUSES"));
        assertThat(names("PROTO_COMPARISONS"))
                .containsExactly("EQ", "NE", "LT", "LE", "GT", "GE", "ULT", "ULE", "UGT", "UGE", "ALL_SET", "ANY_SET")
                .hasSameSizeAs(Comparison.values());
    }

    @Test
    void callsHaveTheSameNumbersAndSignatures() {
        Map<String, String> signatures = new LinkedHashMap<>();
        int start = header.indexOf("#define PROTO_CALLS(X)");
        Matcher matcher = Pattern.compile("X\\((\\w+), (\\d+), \"(\\w*)\"\\)")
                .matcher(header.substring(start, header.indexOf("clang-format on", start)));
        while (matcher.find()) {
            signatures.put(matcher.group(1), matcher.group(3));
            assertThat(Integer.parseInt(matcher.group(2))).isEqualTo(signatures.size());
        }
        Map<String, String> here = new LinkedHashMap<>();
        for (LibcCall call : LibcCall.values()) {
            here.put(call.name(), call.signature());
        }
        assertThat(List.copyOf(here.entrySet())).isEqualTo(List.copyOf(signatures.entrySet()));
    }

    @Test
    void constantsAreTheSame() {
        assertThat(constant("PROTO_MAGIC")).isEqualTo(Wire.MAGIC);
        assertThat(constant("PROTO_VERSION")).isEqualTo(Wire.VERSION);
        assertThat(constant("PROTO_MAX_BODY")).isEqualTo(Wire.MAX_BODY);
        assertThat(constant("PROTO_MAX_NAME")).isEqualTo(Wire.MAX_NAME);
        assertThat(constant("PROTO_HELLO_SIZE")).isEqualTo(Wire.HELLO_SIZE);
        assertThat(constant("PROTO_RUN_SIZE")).isEqualTo(Wire.RUN_SIZE);
        assertThat(constant("PROTO_ACCESS_SIZE")).isEqualTo(Wire.ACCESS_SIZE);
        assertThat(constant("PROTO_REPLY_SIZE")).isEqualTo(Wire.REPLY_SIZE);
        assertThat(constant("PROTO_RESULT_SIZE")).isEqualTo(Wire.RESULT_SIZE);
        assertThat(constant("PROTO_ARG_SIZE")).isEqualTo(Wire.ARG_SIZE);
        assertThat(constant("PROTO_SEG_RAW")).isEqualTo(Wire.SEG_RAW);
        assertThat(constant("PROTO_REGS")).isEqualTo(Operand.Var.COUNT);
        assertThat(constant("PROTO_RECORD_SIZE")).isEqualTo(Operand.RECORD_SIZE);
        assertThat(constant("PROTO_SIG_COUNT")).isEqualTo(Linux.SIG_COUNT);
        assertThat(entries("PROTO_ARGS"))
                .containsExactly(
                        Map.entry("IMM", Wire.ARG_IMM),
                        Map.entry("REG", Wire.ARG_REG),
                        Map.entry("SEG", Wire.ARG_SEG),
                        Map.entry("DATA", Wire.ARG_DATA),
                        Map.entry("OUT", Wire.ARG_OUT));
        assertThat(constant("PROTO_INSN_SIZE")).isEqualTo(Wire.INSN_SIZE);
        assertThat(constant("PROTO_MAX_INSNS")).isEqualTo(Wire.MAX_INSNS);
        assertThat(constant("PROTO_MAX_RESULTS")).isEqualTo(Wire.MAX_RESULTS);
        assertThat(constant("PROTO_MAX_REPLY_BYTES")).isEqualTo(Wire.MAX_REPLY_BYTES);
        assertThat(constant("PROTO_MAX_DEPTH")).isEqualTo(Wire.MAX_DEPTH);
        assertThat(constant("PROTO_SLOTS")).isEqualTo(Wire.SLOTS);
        assertThat(constant("PROTO_FLAG_KEEP")).isEqualTo(Wire.FLAG_KEEP);
        assertThat(constant("PROTO_FLAG_READONLY")).isEqualTo(Wire.FLAG_READONLY);
        assertThat(entries("PROTO_METHODS"))
                .containsEntry("PATH", Wire.METHOD_PATH)
                .containsEntry("SHMID", Wire.METHOD_SHMID);
        assertThat(entries("PROTO_TYPES"))
                .containsExactly(
                        Map.entry("HELLO", Wire.TYPE_HELLO),
                        Map.entry("RUN", Wire.TYPE_RUN),
                        Map.entry("REPLY", Wire.TYPE_REPLY),
                        Map.entry("FAULT", Wire.TYPE_FAULT),
                        Map.entry("CHILD_EXIT", Wire.TYPE_CHILD_EXIT),
                        Map.entry("ACCESS", Wire.TYPE_ACCESS));
    }
}
