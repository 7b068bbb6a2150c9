package io.github.shmkit.junit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption.Predefined;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.Test;
import org.junit.platform.commons.annotation.Testable;
import org.junit.platform.launcher.TestPlan;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;

class FixtureFilterTests {
    static class FailingCase {
        static final Set<String> RAN = ConcurrentHashMap.newKeySet();

        @Test
        void test() {
            RAN.add("test");
        }
    }

    @Test
    void aLauncherFindsNoTestInAFixture() {
        assertThat(discover(FailingCase.class).countTestIdentifiers(each -> each.isTest()))
                .isZero();
        assertThat(discover(FixtureFilterTests.class).countTestIdentifiers(each -> each.isTest()))
                .isEqualTo(3);
    }

    private static TestPlan discover(Class<?> type) {
        return LauncherFactory.create()
                .discover(LauncherDiscoveryRequestBuilder.request()
                        .selectors(selectClass(type))
                        .build());
    }

    @Test
    void aNestedRunDoes() {
        NestedRun.of(FailingCase.class).allPassed(1);

        assertThat(FailingCase.RAN).containsExactly("test");
    }

    /** A fixture of another name would be run by a pattern, and fail or leave something. */
    @Test
    void allClassesWithinTestClassesThatHaveTestsAreFixtures() {
        JavaClasses all = new ClassFileImporter()
                .withImportOption(Predefined.ONLY_INCLUDE_TESTS)
                .importPackages("io.github.shmkit.junit");
        List<String> within = all.stream()
                .filter(type -> type.getName().contains("$"))
                .filter(type ->
                        type.getMethods().stream().anyMatch(method -> method.isMetaAnnotatedWith(Testable.class)))
                .map(JavaClass::getName)
                .toList();

        assertThat(within).hasSizeGreaterThan(50).allMatch(FixtureFilter::isFixture);
    }
}
