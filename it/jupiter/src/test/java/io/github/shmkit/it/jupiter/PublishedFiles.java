package io.github.shmkit.it.jupiter;

import java.io.PrintStream;
import org.junit.platform.engine.reporting.FileEntry;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestIdentifier;

/** Tells what is attached to tests; for JUnit 5.12 and later. */
final class PublishedFiles implements TestExecutionListener {
    private final PrintStream out;

    PublishedFiles(PrintStream out) {
        this.out = out;
    }

    @Override
    public void fileEntryPublished(TestIdentifier test, FileEntry file) {
        out.println("PUBLISHED " + file.getPath().getFileName());
    }
}
