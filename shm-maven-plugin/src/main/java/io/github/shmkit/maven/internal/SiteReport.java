package io.github.shmkit.maven.internal;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/** The goal {@code shm:report}. */
public final class SiteReport {
    private SiteReport() {}

    /** Makes a page of what the last check left in the folder. */
    public static void write(Path folder, Path page) throws IOException {
        Path parent = page.getParent();
        if (parent != null) {
            Files.createDirectories(parent);
        }
        Files.writeString(page, HtmlPage.of(read(folder.resolve(Format.JSON.file()))), StandardCharsets.UTF_8);
    }

    private static LeakReport read(Path file) throws IOException {
        try {
            return LeakReport.ofJson(Files.readString(file, StandardCharsets.UTF_8));
        } catch (NoSuchFileException e) {
            return LeakReport.ofNoCheck();
        } catch (IllegalArgumentException e) {
            throw new IOException(file + " is no report of shm:check (" + e.getMessage() + ")", e);
        }
    }

    /** Why there is no page, in one line. */
    public static String failure(IOException e) {
        return "cannot make the report: " + Printable.text(String.valueOf(e)) + "; run shm:check again";
    }
}
