package io.github.shmkit.internal.guard;

import io.github.shmkit.ShmException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Programs in IPC and mount namespaces of their own; {@code hermetic.h} says what becomes of them there. */
public final class Isolation {
    /** What a report is called once it is complete, and before. */
    public static final String FOUND = ".found";

    public static final String PART = ".part";

    private static final String STAND_IN_FILE = "shmkit-isolate";
    private static final String NUL = "\0";

    private Isolation() {}

    /** Why it is not possible here, with the remedy, in one line; empty where it is. */
    public static Optional<String> hindrance() {
        try (NativeProcess probe = HelperProgram.start("probe", List.of("-"))) {
            byte[] answer = Answers.read(
                    () -> probe.process().getInputStream().readAllBytes(),
                    "the native helper did not say whether namespaces are available");
            String reason = new String(answer, StandardCharsets.UTF_8).trim();
            return probe.endedWell()
                    ? Optional.empty()
                    : Optional.of(reason.isEmpty() ? "the native helper " + probe.end() : reason);
        } catch (ShmException e) {
            return Optional.of(String.valueOf(e.getMessage()));
        }
    }

    /**
     * The command that runs a program in them.
     *
     * @param reports the folder for what it leaves there
     * @param required whether it must not be run without them
     * @param program its absolute path
     * @param arguments the first is its name
     */
    public static List<String> command(
            String session, Path reports, boolean required, String program, List<String> arguments) {
        List<String> command = new ArrayList<>(List.of(
                HelperProgram.path(), "shm-helper", "isolate", session, reports.toString(), mode(required), program));
        command.addAll(arguments);
        return command;
    }

    /**
     * Makes a folder that looks like a Java home, and whose {@code bin/java} runs the real one's in namespaces.
     *
     * @return that program
     */
    public static Path standIn(Path home, String session, Path reports, boolean required, Path java)
            throws IOException {
        Path program = home.resolve("bin/java");
        Files.createDirectories(home.resolve("bin"));
        Path real = java.toRealPath().resolve("../..").normalize();
        for (String beside : List.of("release", "lib")) {
            link(home.resolve(beside), real.resolve(beside));
        }
        String text = String.join(NUL, session, reports.toString(), mode(required), java.toString()) + NUL;
        replace(home.resolve(STAND_IN_FILE), text.getBytes(StandardCharsets.UTF_8), "rw-------");
        replace(program, HelperProgram.bytes(), "rwx------");
        return program;
    }

    private static String mode(boolean required) {
        return required ? "always" : "auto";
    }

    private static void link(Path link, Path target) throws IOException {
        if (!Files.exists(target)) {
            return;
        }
        try {
            Files.createSymbolicLink(link, target);
        } catch (FileAlreadyExistsException e) {
            if (!Files.isSymbolicLink(link)) {
                throw e;
            }
            Files.delete(link);
            Files.createSymbolicLink(link, target);
        }
    }

    /** Never in place: somebody may still execute the old one. Written to the file that was created, whatever has its name. */
    private static void replace(Path file, byte[] content, String permissions) throws IOException {
        Path fresh = file.resolveSibling(file.getFileName() + ".new");
        Files.deleteIfExists(fresh);
        try (SeekableByteChannel channel = Files.newByteChannel(
                fresh,
                Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(permissions)))) {
            ByteBuffer bytes = ByteBuffer.wrap(content);
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
        }
        Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE);
    }
}
