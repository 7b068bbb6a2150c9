package io.github.shmkit.maven.internal;

import io.github.shmkit.internal.sweep.Survey;
import io.github.shmkit.internal.sweep.SweepPolicy;
import io.github.shmkit.internal.sweep.SweepReport;
import io.github.shmkit.internal.sweep.SweepReport.Finding;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** The goal {@code shm:snapshot}. */
public final class Snapshot {
    private Snapshot() {}

    /**
     * Writes down what is there. Everything, whatever is selected: what is left out would count as new.
     *
     * @return what failed, one line each
     */
    public static List<String> write(Path file, Console console) {
        SweepReport report = Progress.of(
                console,
                progress ->
                        Survey.report(SweepPolicy.standard().withForeign(true).withProgress(progress)));
        report.notes().forEach(note -> console.warn(Printable.text(note)));
        BaselineFile baseline =
                BaselineFile.of(report.findings().stream().map(Finding::object).toList());
        try {
            baseline.write(file);
        } catch (IOException e) {
            return List.of("cannot write the baseline: " + Printable.text(OwnFolder.reason(e))
                    + "; make the folder writable, or give another file as shm.baseline");
        }
        console.info("noted " + Summary.count(baseline.size(), "object", "objects") + " in "
                + Printable.text(file.toString()));
        return List.of();
    }
}
