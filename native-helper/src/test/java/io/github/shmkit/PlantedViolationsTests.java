package io.github.shmkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchRule;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Each rule of the architecture sees a violation where there is one. */
class PlantedViolationsTests {
    private static final ImportOption OURS = new ImportOption.DoNotIncludeTests();

    /** Not all packages: to look for each cycle among them takes its time. */
    private static final JavaClasses WITH_VIOLATIONS = new ClassFileImporter()
            .withImportOption(location -> OURS.includes(location) || location.contains("/Planted$"))
            .importPackages(
                    "io.github.shmkit.internal.ipc", "io.github.shmkit.internal.os", "io.github.shmkit.internal.sweep");

    static Stream<Arguments> planted() {
        return Stream.of(
                Arguments.of("LAYERS", ArchitectureTests.LAYERS, "Planted$UsesSweep"),
                Arguments.of("NO_CYCLES", ArchitectureTests.NO_CYCLES, "Planted$UsesSweep"),
                Arguments.of("ONLY_OS_KNOWS_JNA", ArchitectureTests.ONLY_OS_KNOWS_JNA, "Planted$KnowsJna"),
                Arguments.of(
                        "NEITHER_JUNIT_NOR_MAVEN", ArchitectureTests.NEITHER_JUNIT_NOR_MAVEN, "Planted$KnowsJunit"),
                Arguments.of("NOTHING_IS_PRINTED", ArchitectureTests.NOTHING_IS_PRINTED, "Planted$Prints"),
                Arguments.of("NOBODY_EXITS", ArchitectureTests.NOBODY_EXITS, "Planted$Exits"));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("planted")
    void seesWhatIsPlanted(String name, ArchRule rule, String fixture) {
        assertThat(rule.evaluate(WITH_VIOLATIONS).getFailureReport().toString()).contains(fixture);
    }

    @Test
    void seesPackagesThatAreNotNullMarked() {
        JavaClasses strangers = new ClassFileImporter().importPackages("com.tngtech.archunit.core");

        assertThatThrownBy(() -> ArchitectureTests.everyPackageIsNullMarked(strangers))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("com.tngtech.archunit.core");
    }

    @Test
    void anEmptyScanIsNoPass() {
        JavaClasses none = new ClassFileImporter().importPackages("io.github.shmkit.none");

        assertThatThrownBy(() -> ArchitectureTests.everyPackageIsNullMarked(none))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("greater than");
    }
}
