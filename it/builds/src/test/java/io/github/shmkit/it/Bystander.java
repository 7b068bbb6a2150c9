package io.github.shmkit.it;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/** Another program on the machine, with objects of every kind that are in use or parked; bystander.c describes it. */
public final class Bystander implements AutoCloseable {
    private static final int END_SECONDS = 5;

    private final Process process;
    private final Writer questions;
    private final BufferedReader answers;
    private final int objects;

    private Bystander(Process process, Writer questions, BufferedReader answers, int objects) {
        this.process = process;
        this.questions = questions;
        this.answers = answers;
        this.objects = objects;
    }

    /** Starts it; its mapped files will be in the folder. It ends with this JVM, however that ends. */
    static Bystander start(Path program, Path folder) throws IOException {
        Files.createDirectories(folder);
        Process process = new ProcessBuilder(program.toString(), folder.toString())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        BufferedReader answers = process.inputReader(StandardCharsets.UTF_8);
        String ready = String.valueOf(answers.readLine());
        if (!ready.startsWith("READY ")) {
            process.destroyForcibly();
            throw new IOException("the bystander says " + ready);
        }
        return new Bystander(
                process,
                process.outputWriter(StandardCharsets.UTF_8),
                answers,
                Integer.parseInt(ready.substring("READY ".length())));
    }

    long pid() {
        return process.pid();
    }

    int objects() {
        return objects;
    }

    /** What it says of its objects: "UNTOUCHED n", or which one is not as it was. */
    String look() throws IOException {
        questions.write("look\n");
        questions.flush();
        return String.valueOf(answers.readLine());
    }

    @Override
    public void close() throws IOException {
        questions.close();
        try {
            if (!process.waitFor(END_SECONDS, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }
}
