package io.github.shmkit.maven;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.GeneralCodingRules.NO_CLASSES_SHOULD_ACCESS_STANDARD_STREAMS;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.library.dependencies.SliceAssignment;
import com.tngtech.archunit.library.dependencies.SliceIdentifier;
import org.assertj.core.api.Assertions;
import org.jspecify.annotations.NullMarked;

@AnalyzeClasses(packages = "io.github.shmkit", importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTests {
    private static final int CLASSES_MIN = 20;

    private static final DescribedPredicate<JavaClass> PLUGIN = resideInAPackage("io.github.shmkit.maven..");

    private static final DescribedPredicate<JavaClass> GENERATED =
            describe("generated", type -> type.getSimpleName().equals("HelpMojo"));

    @ArchTest
    static void looksAtSomething(JavaClasses classes) {
        Assertions.assertThat(classes.that(PLUGIN)).hasSizeGreaterThan(CLASSES_MIN);
    }

    @ArchTest
    static final ArchRule knowsNeitherJnaNorJunit = noClasses()
            .that(PLUGIN)
            .should()
            .dependOnClassesThat(resideInAnyPackage("com.sun.jna..", "org.junit..", "io.github.shmkit.junit.."));

    @ArchTest
    static final ArchRule usesOnlyTheUpperLayersOfTheNativeHelper = noClasses()
            .that(PLUGIN)
            .should()
            .dependOnClassesThat(resideInAPackage("io.github.shmkit.internal..")
                    .and(not(resideInAnyPackage(
                            "io.github.shmkit.internal.sweep",
                            "io.github.shmkit.internal.session",
                            "io.github.shmkit.internal.guard",
                            "io.github.shmkit.internal.ipc")))
                    .and(not(describe("raw names", type -> type.getSimpleName().equals("RawName")))));

    @ArchTest
    static final ArchRule onlyTheMojosAndTheExtensionKnowMaven = noClasses()
            .that()
            .resideInAPackage("io.github.shmkit.maven.internal..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("org.apache.maven..", "org.codehaus.plexus..", "org.slf4j..");

    @ArchTest
    static final ArchRule nothingPrintsPastTheLog =
            NO_CLASSES_SHOULD_ACCESS_STANDARD_STREAMS.because("Maven's log is where users look");

    @ArchTest
    static final ArchRule nobodyEndsTheJvm = noClasses()
            .that(PLUGIN)
            .should()
            .callMethod(System.class, "exit", int.class)
            .orShould()
            .callMethod(Runtime.class, "halt", int.class);

    @ArchTest
    static final ArchRule allIsNullMarked = classes()
            .that(PLUGIN.and(not(GENERATED)))
            .should(com.tngtech.archunit.lang.conditions.ArchConditions.be(describe(
                    "in a null-marked package", type -> type.getPackage().isAnnotatedWith(NullMarked.class))));

    @ArchTest
    static final ArchRule hasNoCycles =
            slices().assignedFrom(new Rooms()).should().beFreeOfCycles();

    /** The mojos' package is one, too, which a pattern of packages below it would leave out. */
    private static final class Rooms implements SliceAssignment {
        @Override
        public SliceIdentifier getIdentifierOf(JavaClass type) {
            return PLUGIN.test(type) ? SliceIdentifier.of(type.getPackageName()) : SliceIdentifier.ignore();
        }

        @Override
        public String getDescription() {
            return "one for each package of the plugin";
        }
    }
}
