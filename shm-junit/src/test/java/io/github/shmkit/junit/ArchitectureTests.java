package io.github.shmkit.junit;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.GeneralCodingRules.NO_CLASSES_SHOULD_ACCESS_STANDARD_STREAMS;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaPackage;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtensionContext;

class ArchitectureTests {
    private static final int CLASSES_AT_LEAST = 20;
    private static final String PUBLIC = "io.github.shmkit.junit";
    private static final String INTERNAL = "io.github.shmkit.junit.internal..";
    private static final JavaClasses MODULE = new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests())
            .importPackages(PUBLIC);

    @Test
    void theModuleIsLookedAt() {
        assertThat(MODULE).hasSizeGreaterThanOrEqualTo(CLASSES_AT_LEAST);
        assertThat(MODULE.contain(ShmExtension.class)).isTrue();
    }

    @Test
    void usesNothingButWhatItsUsersHaveAnyway() {
        classes()
                .should()
                .onlyDependOnClassesThat(resideInAnyPackage(
                        "java..",
                        "org.jspecify.annotations..",
                        "org.junit.jupiter.api..",
                        "org.junit.platform.commons.support..",
                        "org.opentest4j..",
                        "org.awaitility..",
                        "org.hamcrest..",
                        "io.github.shmkit.."))
                .check(MODULE);
    }

    @Test
    void ofTheLayerBelowItUsesTheTopOnly() {
        DescribedPredicate<JavaClass> hidden = resideInAPackage("io.github.shmkit.internal..")
                .and(DescribedPredicate.not(resideInAnyPackage(
                        "io.github.shmkit.internal.session",
                        "io.github.shmkit.internal.guard",
                        "io.github.shmkit.internal.ipc",
                        "io.github.shmkit.internal.script",
                        "io.github.shmkit.internal.stack",
                        "io.github.shmkit.internal.trace",
                        "io.github.shmkit.internal.helper")));
        noClasses().should().dependOnClassesThat(hidden).check(MODULE);
    }

    @Test
    void whatIsInternalKnowsNothingOfWhatIsAboveIt() {
        noClasses()
                .that()
                .resideInAPackage(INTERNAL)
                .should()
                .dependOnClassesThat(resideInAPackage(PUBLIC).or(resideInAPackage("org.junit.jupiter..")))
                .check(MODULE);
    }

    @Test
    void packagesHaveNoCycles() {
        slices().matching("io.github.shmkit.(**)").should().beFreeOfCycles().check(MODULE);
    }

    @Test
    void everyPackageIsNullMarked() {
        for (JavaPackage each : MODULE.getPackage(PUBLIC).getSubpackagesInTree()) {
            assertThat(each.isAnnotatedWith(NullMarked.class))
                    .as(each.getName())
                    .isTrue();
        }
        assertThat(MODULE.getPackage(PUBLIC).isAnnotatedWith(NullMarked.class)).isTrue();
    }

    @Test
    void nobodyWritesToTheStandardStreams() {
        NO_CLASSES_SHOULD_ACCESS_STANDARD_STREAMS.check(MODULE);
    }

    /** JUnit deprecated it and will remove it: then one class needs an edit. */
    @Test
    void oneClassNamesCloseableResource() {
        noClasses()
                .that()
                .doNotHaveFullyQualifiedName(Stored.class.getName())
                .should()
                .dependOnClassesThat()
                .haveFullyQualifiedName(ExtensionContext.Store.CloseableResource.class.getName())
                .check(MODULE);
    }
}
