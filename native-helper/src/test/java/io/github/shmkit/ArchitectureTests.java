package io.github.shmkit;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaPackage;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.library.dependencies.SliceAssignment;
import com.tngtech.archunit.library.dependencies.SliceIdentifier;
import org.jspecify.annotations.NullMarked;

/** The layers: who may use whom. */
@AnalyzeClasses(packages = "io.github.shmkit", importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTests {
    /** An empty scan would pass every rule below. */
    private static final int AT_LEAST = 50;

    @ArchTest
    static final ArchRule LAYERS = layeredArchitecture()
            .consideringOnlyDependenciesInLayers()
            .layer("shared")
            .definedBy("io.github.shmkit")
            .layer("syscall")
            .definedBy("io.github.shmkit.syscall")
            .layer("script")
            .definedBy("io.github.shmkit.script", "io.github.shmkit.internal.script")
            .layer("process")
            .definedBy("io.github.shmkit.process")
            .layer("accesses")
            .definedBy("io.github.shmkit.trace")
            .layer("os")
            .definedBy("io.github.shmkit.internal.os")
            .layer("ipc")
            .definedBy("io.github.shmkit.internal.ipc")
            .layer("guard")
            .definedBy("io.github.shmkit.internal.guard")
            .layer("session")
            .definedBy("io.github.shmkit.internal.session")
            .layer("sweep")
            .definedBy("io.github.shmkit.internal.sweep")
            .layer("trace")
            .definedBy("io.github.shmkit.internal.trace")
            .layer("helper")
            .definedBy("io.github.shmkit.internal.helper")
            .whereLayer("helper")
            .mayNotBeAccessedByAnyLayer()
            .whereLayer("sweep")
            .mayNotBeAccessedByAnyLayer()
            .whereLayer("trace")
            .mayOnlyBeAccessedByLayers("helper")
            .whereLayer("session")
            .mayOnlyBeAccessedByLayers("sweep", "helper")
            .whereLayer("guard")
            .mayOnlyBeAccessedByLayers("session", "sweep", "trace", "helper")
            .whereLayer("ipc")
            .mayOnlyBeAccessedByLayers("session", "sweep", "helper")
            .whereLayer("os")
            .mayOnlyBeAccessedByLayers("ipc", "guard", "session", "sweep", "trace", "helper")
            .whereLayer("accesses")
            .mayOnlyBeAccessedByLayers("trace", "helper")
            .whereLayer("process")
            .mayOnlyBeAccessedByLayers("accesses", "guard", "session", "trace", "helper")
            .whereLayer("script")
            .mayOnlyBeAccessedByLayers("process", "helper")
            .whereLayer("syscall")
            .mayOnlyBeAccessedByLayers("script", "process", "helper");

    @ArchTest
    static final ArchRule NO_CYCLES =
            slices().assignedFrom(new Rooms()).should().beFreeOfCycles();

    /** A script and its instructions are one room: its public type hides them. */
    private static final class Rooms implements SliceAssignment {
        @Override
        public SliceIdentifier getIdentifierOf(JavaClass type) {
            return SliceIdentifier.of(type.getPackageName().replace("internal.script", "script"));
        }

        @Override
        public String getDescription() {
            return "one for each package";
        }
    }

    @ArchTest
    static final ArchRule ONLY_OS_KNOWS_JNA = noClasses()
            .that()
            .resideOutsideOfPackage("io.github.shmkit.internal.os")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("com.sun.jna..");

    @ArchTest
    static final ArchRule NEITHER_JUNIT_NOR_MAVEN =
            noClasses().should().dependOnClassesThat().resideInAnyPackage("org.junit..", "org.apache.maven..");

    @ArchTest
    static final ArchRule NOTHING_IS_PRINTED =
            noClasses().should().accessField(System.class, "out").orShould().accessField(System.class, "err");

    @ArchTest
    static final ArchRule NOBODY_EXITS = noClasses().should().callMethod(System.class, "exit", int.class);

    @ArchTest
    static void everyPackageIsNullMarked(JavaClasses all) {
        assertThat(all.size()).isGreaterThan(AT_LEAST);
        assertThat(all.stream()
                        .map(c -> c.getPackage())
                        .distinct()
                        .filter(p -> !p.getClasses().isEmpty()))
                .allMatch((JavaPackage p) -> p.isAnnotatedWith(NullMarked.class));
        classes().should().notBeAnnotatedWith(Deprecated.class).check(all);
    }
}
