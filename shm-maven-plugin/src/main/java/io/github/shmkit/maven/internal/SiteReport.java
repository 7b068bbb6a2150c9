package io.github.shmkit.maven.internal;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/** The goal {@code shm:report}. */
public final class SiteReport {
    private SiteReport() {}

    /** Makes a page of what the last check left in the folder. */
    public static void write(Path folder, Path page) throws IOException {
        try (OwnFolder site = OwnFolder.create(OwnFolder.of(page))) {
            site.replace(page.getFileName(), HtmlPage.of(read(folder)));
        }
    }

    private static LeakReport read(Path path) throws IOException {
        Path file = path.resolve(Format.JSON.file());
        try (OwnFolder folder = OwnFolder.open(path)) {
            return LeakReport.ofJson(new String(folder.read(file.getFileName()), StandardCharsets.UTF_8));
        } catch (NoSuchFileException e) {
            return LeakReport.ofNoCheck();
        } catch (IllegalArgumentException e) {
            throw new IOException(file + " is no report of shm:check (" + e.getMessage() + ")", e);
        }
    }

    /** Why there is no page, in one line. */
    public static String failure(IOException e) {
        return "cannot make the report: " + Printable.text(OwnFolder.reason(e)) + "; run shm:check again";
    }
}
