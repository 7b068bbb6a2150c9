package io.github.shmkit.field;

import java.nio.file.Path;
import java.util.Comparator;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentSkipListMap;
import org.junit.platform.engine.reporting.ReportEntry;
import org.junit.platform.engine.support.descriptor.ClassSource;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestIdentifier;
import org.junit.platform.launcher.TestPlan;

/** Collects what the tests of a run have counted, and writes the page when it ends, whatever came of them. */
public final class FieldListener implements TestExecutionListener {
    private final Map<String, Row> rows = new ConcurrentSkipListMap<>();

    /** The service loader makes one. */
    public FieldListener() {}

    @Override
    public void reportingEntryPublished(TestIdentifier test, ReportEntry entry) {
        Map<String, String> cells = entry.getKeyValuePairs();
        String name = cells.get(FieldExtension.ROW);
        if (name != null) {
            rows.put(test.getUniqueId() + name, Row.of(cells));
        }
    }

    @Override
    public void executionSkipped(TestIdentifier test, String reason) {
        test.getSource()
                .filter(ClassSource.class::isInstance)
                .map(source -> ((ClassSource) source).getJavaClass().getAnnotation(Program.class))
                .ifPresent(program -> rows.put(test.getUniqueId(), Row.leftOut(program.name(), reason)));
    }

    /** So that no page is taken for one of this run. */
    @Override
    public void testPlanExecutionStarted(TestPlan plan) {
        folder().ifPresent(FieldPage::delete);
    }

    @Override
    public void testPlanExecutionFinished(TestPlan plan) {
        if (!rows.isEmpty()) {
            folder().ifPresent(folder -> new FieldPage(rows.values().stream()
                            .sorted(Comparator.comparing(Row::program).thenComparing(Row::operation))
                            .toList())
                    .write(folder));
        }
    }

    /** Empty in an IDE, and for the look at the page. */
    private static Optional<Path> folder() {
        return Optional.ofNullable(System.getProperty("field.folder")).map(Path::of);
    }
}
