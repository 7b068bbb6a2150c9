package io.github.shmkit.junit;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.GeneralCodingRules.NO_CLASSES_SHOULD_ACCESS_STANDARD_STREAMS;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaPackage;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchRule;
import java.util.stream.Stream;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class ArchitectureTests {
    private static final int CLASSES_AT_LEAST = 20;
    private static final String PUBLIC = "io.github.shmkit.junit";
    private static final String INTERNAL = "io.github.shmkit.junit.internal..";
    private static final JavaClasses MODULE = new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests())
            .importPackages(PUBLIC);

    private static final ImportOption OURS = new ImportOption.DoNotIncludeTests();

    private static final JavaClasses WITH_VIOLATIONS = new ClassFileImporter()
            .withImportOption(location -> OURS.includes(location) || location.contains("/Planted$"))
            .importPackages(PUBLIC);

    @Test
    void theModuleIsLookedAt() {
        assertThat(MODULE).hasSizeGreaterThanOrEqualTo(CLASSES_AT_LEAST);
        assertThat(MODULE.contain(ShmExtension.class)).isTrue();
    }

    static final ArchRule NO_MORE_LIBRARIES = classes()
            .should()
            .onlyDependOnClassesThat(resideInAnyPackage(
                    "java..",
                    "org.jspecify.annotations..",
                    "org.junit.jupiter.api..",
                    "org.junit.platform.commons.support..",
                    "org.opentest4j..",
                    "org.awaitility..",
                    "org.hamcrest..",
                    "io.github.shmkit.."));

    private static final DescribedPredicate<JavaClass> HIDDEN = resideInAPackage("io.github.shmkit.internal..")
            .and(DescribedPredicate.not(resideInAnyPackage(
                    "io.github.shmkit.internal.session",
                    "io.github.shmkit.internal.guard",
                    "io.github.shmkit.internal.ipc",
                    "io.github.shmkit.internal.script",
                    "io.github.shmkit.internal.stack",
                    "io.github.shmkit.internal.trace",
                    "io.github.shmkit.internal.helper")));

    static final ArchRule UPPER_LAYERS_ONLY = noClasses().should().dependOnClassesThat(HIDDEN);

    static final ArchRule INTERNAL_IS_BELOW = noClasses()
            .that()
            .resideInAPackage(INTERNAL)
            .should()
            .dependOnClassesThat(resideInAPackage(PUBLIC).or(resideInAPackage("org.junit.jupiter..")));

    static final ArchRule NO_CYCLES =
            slices().matching("io.github.shmkit.(**)").should().beFreeOfCycles();

    static final ArchRule NOTHING_IS_PRINTED = NO_CLASSES_SHOULD_ACCESS_STANDARD_STREAMS;

    /** JUnit deprecated it and will remove it: then one class needs an edit. */
    static final ArchRule ONE_CLASS_NAMES_CLOSEABLE_RESOURCE = noClasses()
            .that()
            .doNotHaveFullyQualifiedName(Stored.class.getName())
            .should()
            .dependOnClassesThat()
            .haveFullyQualifiedName(ExtensionContext.Store.CloseableResource.class.getName());

    /** Each with a class that violates it. */
    static Stream<Arguments> rules() {
        return Stream.of(
                Arguments.of("NO_MORE_LIBRARIES", NO_MORE_LIBRARIES, "Planted$BringsALibrary"),
                Arguments.of("UPPER_LAYERS_ONLY", UPPER_LAYERS_ONLY, "Planted$UsesOs"),
                Arguments.of("INTERNAL_IS_BELOW", INTERNAL_IS_BELOW, "Planted$KnowsItsUser"),
                Arguments.of("NO_CYCLES", NO_CYCLES, "Planted$KnowsItsUser"),
                Arguments.of("NOTHING_IS_PRINTED", NOTHING_IS_PRINTED, "Planted$Prints"),
                Arguments.of(
                        "ONE_CLASS_NAMES_CLOSEABLE_RESOURCE",
                        ONE_CLASS_NAMES_CLOSEABLE_RESOURCE,
                        "Planted$NamesCloseableResource"));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("rules")
    void ruleHolds(String name, ArchRule rule, String violation) {
        rule.check(MODULE);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("rules")
    void ruleSeesWhatIsPlanted(String name, ArchRule rule, String violation) {
        assertThat(rule.evaluate(WITH_VIOLATIONS).getFailureReport().toString()).contains(violation);
    }

    @Test
    void everyPackageIsNullMarked() {
        assertNullMarked(MODULE.getPackage(PUBLIC));
    }

    @Test
    void packagesThatAreNotNullMarkedAreSeen() {
        JavaClasses strangers = new ClassFileImporter().importPackages("com.tngtech.archunit.junit");

        assertThatThrownBy(() -> assertNullMarked(strangers.getPackage("com.tngtech.archunit.junit")))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("com.tngtech.archunit.junit");
    }

    private static void assertNullMarked(JavaPackage top) {
        for (JavaPackage each : top.getSubpackagesInTree()) {
            assertThat(each.isAnnotatedWith(NullMarked.class))
                    .as(each.getName())
                    .isTrue();
        }
        assertThat(top.isAnnotatedWith(NullMarked.class)).as(top.getName()).isTrue();
    }
}
