package io.github.shmkit.maven;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchRule;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Each rule of the architecture sees a violation where there is one. */
class PlantedViolationsTests {
    private static final ImportOption OURS = new ImportOption.DoNotIncludeTests();

    private static final JavaClasses WITH_VIOLATIONS = new ClassFileImporter()
            .withImportOption(location -> OURS.includes(location) || location.contains("/Planted$"))
            .importPackages("io.github.shmkit");

    static Stream<Arguments> planted() {
        return Stream.of(
                Arguments.of("knowsNeitherJnaNorJunit", ArchitectureTests.knowsNeitherJnaNorJunit, "Planted$KnowsJna"),
                Arguments.of(
                        "usesOnlyTheUpperLayersOfTheNativeHelper",
                        ArchitectureTests.usesOnlyTheUpperLayersOfTheNativeHelper,
                        "Planted$UsesOs"),
                Arguments.of(
                        "onlyTheMojosAndTheExtensionKnowMaven",
                        ArchitectureTests.onlyTheMojosAndTheExtensionKnowMaven,
                        "Planted$KnowsMaven"),
                Arguments.of("nothingPrintsPastTheLog", ArchitectureTests.nothingPrintsPastTheLog, "Planted$Prints"),
                Arguments.of("nobodyEndsTheJvm", ArchitectureTests.nobodyEndsTheJvm, "Planted$Exits"),
                Arguments.of("hasNoCycles", ArchitectureTests.hasNoCycles, "Planted$KnowsItsUser"));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("planted")
    void seesWhatIsPlanted(String name, ArchRule rule, String fixture) {
        assertThat(rule.evaluate(WITH_VIOLATIONS).getFailureReport().toString()).contains(fixture);
    }
}
