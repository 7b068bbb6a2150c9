package io.github.shmkit.maven.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class TableTests {
    private final Table table = new Table("KIND", "N", "NAME");

    @Test
    void columnsAreAsWideAsTheirWidestCell() {
        table.add("a", "12345", "x");
        table.add("longer", "1", "longest");

        assertThat(table.lines()).containsExactly("KIND    N      NAME", "a       12345  x", "longer  1      longest");
    }

    @Test
    void longCellShiftsItsOwnRowOnly() {
        table.add("a", "x".repeat(255), "1");
        table.add("b", "y", "2");

        assertThat(table.lines().get(1)).endsWith("x  1");
        assertThat(table.lines().get(2)).isEqualTo("b     y" + " ".repeat(65) + "2");
    }

    @Test
    void aTableWithoutRowsIsItsHead() {
        assertThat(table.lines()).containsExactly("KIND  N  NAME");
    }

    @Test
    void noLineEndsInSpaces() {
        table.add("a", "b", "");
        table.add("", "", "");

        assertThat(table.lines()).containsExactly("KIND  N  NAME", "a     b", "");
    }

    @Test
    void aCharacterOutsideTheBasicPlaneIsOneColumn() {
        table.add("𝄞𝄞𝄞𝄞", "1", "x");
        table.add("abcd", "1", "x");

        assertThat(table.lines()).endsWith("𝄞𝄞𝄞𝄞  1  x", "abcd  1  x");
    }

    @Test
    void coloursChangeNoWidthAndSpareTheHead() {
        table.add("a", "bad", "x");
        table.add("KIND", "N", "y");

        assertThat(table.lines(1, cell -> cell.equals("bad") || cell.equals("N") ? "31" : ""))
                .containsExactly("KIND  N    NAME", "a     \033[31mbad\033[m  x", "KIND  \033[31mN\033[m    y");
        assertThat(table.lines(1, cell -> "")).isEqualTo(table.lines());
    }

    @Test
    void aRowOfAnotherLengthIsRefused() {
        assertThatThrownBy(() -> table.add("a", "b"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("2 cells for 3 columns");
        assertThatThrownBy(() -> table.add("a", "b", "c", "d")).hasMessage("4 cells for 3 columns");
    }
}
