package io.github.shmkit.it.jupiter;

import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;

import java.io.PrintStream;
import java.util.Arrays;
import org.junit.platform.engine.DiscoverySelector;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.launcher.Launcher;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestIdentifier;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;

/** Runs the classes that it is given, and tells in lines what became of each test. */
public final class SuiteMain implements TestExecutionListener {
    private final PrintStream out;

    private SuiteMain(PrintStream out) {
        this.out = out;
    }

    /**
     * Runs them.
     *
     * @param classNames of test classes
     */
    public static void main(String[] classNames) {
        Launcher launcher = LauncherFactory.create();
        launcher.execute(
                LauncherDiscoveryRequestBuilder.request()
                        .selectors(Arrays.stream(classNames)
                                .map(name -> (DiscoverySelector) selectClass(name))
                                .toList())
                        .build(),
                listeners());
    }

    private static TestExecutionListener[] listeners() {
        SuiteMain all = new SuiteMain(System.out);
        try {
            Class.forName("org.junit.platform.engine.reporting.FileEntry");
        } catch (ClassNotFoundException e) {
            return new TestExecutionListener[] {all}; // before JUnit 5.12 nothing is published
        }
        return new TestExecutionListener[] {all, new PublishedFiles(System.out)};
    }

    @Override
    public synchronized void executionFinished(TestIdentifier test, TestExecutionResult result) {
        if (test.isTest() || result.getThrowable().isPresent()) {
            out.println(result.getStatus() + " " + test.getUniqueId());
        }
        result.getThrowable().ifPresent(failure -> {
            tell("  thrown ", failure);
            for (Throwable suppressed : failure.getSuppressed()) {
                tell("  suppressed ", suppressed);
            }
            for (Throwable cause = failure.getCause(); cause != null; cause = cause.getCause()) {
                tell("  cause ", cause);
            }
        });
    }

    private void tell(String how, Throwable failure) {
        out.println(how + failure.toString().replace("\n", "\n    "));
    }

    @Override
    public synchronized void executionSkipped(TestIdentifier test, String reason) {
        out.println("SKIPPED " + test.getUniqueId() + " " + reason);
    }
}
