package io.github.shmkit.internal.os;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.shmkit.syscall.Linux;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Our numbers are those of the C compiler's headers. */
class ConstantsTests {
    private static final String INCLUDES = Map.of(
                    "sys", "file ipc mman mount msg prctl resource sem shm socket stat syscall wait",
                    ".",
                            "asm-generic/hugetlb_encode errno fcntl linux/falloc linux/futex linux/memfd mqueue poll pthread sched signal unistd")
            .entrySet()
            .stream()
            .flatMap(e -> Arrays.stream(e.getValue().split(" ", -1)).map(h -> e.getKey() + "/" + h))
            .map(header -> "#include <" + header.replaceFirst("^\\./", "") + ".h>\n")
            .collect(Collectors.joining());

    @TempDir
    private Path directory;

    private static Map<String, Long> constants(Class<?> type) throws IllegalAccessException {
        Map<String, Long> constants = new TreeMap<>();
        for (Field field : type.getDeclaredFields()) {
            if (Modifier.isStatic(field.getModifiers()) && !field.isSynthetic() && field.getType() != String[].class) {
                field.setAccessible(true);
                constants.put(field.getName(), ((Number) field.get(null)).longValue());
            }
        }
        return constants;
    }

    /** Ours are in capitals throughout and begin with one; the C library's headers leave out those for huge pages. */
    private static String inC(String name) {
        return name.startsWith("SYS_")
                ? "SYS_" + name.substring(4).toLowerCase(Locale.ROOT)
                : name.replaceFirst("^SHM_HUGE_", "HUGETLB_FLAG_ENCODE_").replaceFirst("^CS_", "_CS_");
    }

    /** What the compiler makes of these names. */
    private Map<String, Long> compiled(Iterable<String> names) throws Exception {
        Compilers.assumeInstalled("cc");
        StringBuilder program = new StringBuilder("#include <stdio.h>\n" + INCLUDES + "int main(void)\n{\n");
        for (String name : names) {
            String inC = inC(name);
            program.append("printf(\"")
                    .append(name)
                    .append(" %lld\\n\", (long long)")
                    .append(inC)
                    .append(");\n");
        }
        Path source = Files.writeString(directory.resolve("constants.c"), program + "return 0;\n}\n");
        Path binary = directory.resolve("constants");
        assertThat(output("cc", "-D_GNU_SOURCE", source.toString(), "-o", binary.toString()))
                .isEmpty();
        Map<String, Long> values = new TreeMap<>();
        output(binary.toString()).lines().forEach(line -> {
            String[] words = line.split(" ", 2);
            values.put(words[0], Long.parseLong(words[1]));
        });
        return values;
    }

    private static String output(String... command) throws Exception {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(output).isZero();
        return output;
    }

    @Test
    void internalConstantsAreThoseOfTheCompiler() throws Exception {
        Map<String, Long> ours = constants(Constants.class);

        assertThat(ours).hasSizeGreaterThan(60).isEqualTo(compiled(ours.keySet()));
    }

    @Test
    void publicConstantsAreThoseOfTheCompiler() throws Exception {
        Map<String, Long> ours = constants(Linux.class);
        ours.remove("SIG_COUNT"); // shmkit's own

        assertThat(ours).hasSizeGreaterThan(80).isEqualTo(compiled(ours.keySet()));
    }

    @Test
    void errorNumbersAreThoseOfTheCompiler() throws Exception {
        Map<String, Long> ours = constants(Errno.class);
        Map<String, Long> named = IntStream.range(1, 200)
                .boxed()
                .filter(n -> Errno.name(n).startsWith("E"))
                .collect(Collectors.toMap(Errno::name, Integer::longValue, (a, b) -> a, TreeMap::new));

        assertThat(ours).hasSizeGreaterThan(20).isEqualTo(compiled(ours.keySet()));
        assertThat(named).hasSize(131).isEqualTo(compiled(named.keySet()));
        assertThat(Errno.name(0)).isEqualTo("0");
        assertThat(Errno.name(41)).isEqualTo("41");
        assertThat(Errno.name(134)).isEqualTo("134");
        assertThat(Errno.name(-1)).isEqualTo("-1");
    }
}
