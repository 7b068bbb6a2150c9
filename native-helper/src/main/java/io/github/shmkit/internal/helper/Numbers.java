package io.github.shmkit.internal.helper;

import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/** The protocol's numbers for the constants of an enum: their order, which ProtoTests compares with proto.h. */
final class Numbers<E extends Enum<E>> {
    private final List<E> constants;
    private final Map<E, Byte> numbers;

    Numbers(Class<E> type) {
        constants = List.of(type.getEnumConstants());
        numbers = new EnumMap<>(type);
        for (int i = 0; i < constants.size(); i++) {
            numbers.put(constants.get(i), (byte) i);
        }
    }

    byte of(E constant) {
        return numbers.getOrDefault(constant, (byte) -1);
    }

    E constant(int number) {
        if (number < 0 || number >= constants.size()) {
            throw new IllegalArgumentException("no number " + number + " among " + constants);
        }
        return constants.get(number);
    }
}
