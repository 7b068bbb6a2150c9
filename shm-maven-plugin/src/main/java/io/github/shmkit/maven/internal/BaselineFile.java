package io.github.shmkit.maven.internal;

import io.github.shmkit.internal.ipc.Identity;
import io.github.shmkit.internal.ipc.IpcObject;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/**
 * The objects that were there at some moment, in a file for steps of a CI job that are commands of their own.
 *
 * @param identities what tells each from every other
 */
record BaselineFile(Set<String> identities) {
    static final int SCHEMA = 1;
    private static final String REMEDY = "; make a new one with shm:snapshot";

    static BaselineFile of(Collection<IpcObject> objects) {
        Set<String> identities = new HashSet<>();
        objects.forEach(object -> identities.add(identity(object)));
        return new BaselineFile(identities);
    }

    boolean contains(IpcObject object) {
        return identities.contains(identity(object));
    }

    /** Not the name, by which somebody could hide a new object behind an old one's; not what changes in a life. */
    private static String identity(IpcObject object) {
        if (object.identity() instanceof Identity.OfFile file) {
            return object.kind() + " " + Long.toUnsignedString(file.device()) + " "
                    + Long.toUnsignedString(file.inode()) + " " + file.btimeNanos();
        }
        Identity.OfSysv sysv = (Identity.OfSysv) object.identity();
        return object.kind() + " " + sysv.id() + " " + sysv.creatorUid();
    }

    /** Writes it; the folder is made. */
    void write(Path file) throws IOException {
        Map<String, Object> content = new LinkedHashMap<>();
        content.put("schema", SCHEMA);
        content.putAll(domain());
        content.put("objects", identities.stream().sorted().toList());
        try (OwnFolder folder = OwnFolder.create(OwnFolder.of(file))) {
            folder.replace(file.getFileName(), Json.write(content));
        }
    }

    /**
     * Reads one.
     *
     * @throws BadInputException if it is none, or is of another boot or host, where the same identity means another object
     */
    static BaselineFile read(Path file) throws BadInputException {
        String name = "shm.baseline: " + Printable.text(file.toString());
        Object content;
        try (OwnFolder folder = OwnFolder.open(OwnFolder.of(file))) {
            content = Json.read(new String(folder.read(file.getFileName()), StandardCharsets.UTF_8));
            if (Json.number(content, "schema") != SCHEMA) {
                throw new BadInputException(name + " is another release's" + REMEDY);
            }
            for (Map.Entry<String, String> here : domain().entrySet()) {
                if (!Json.text(content, here.getKey()).equals(here.getValue())) {
                    throw new BadInputException(name + " is of another boot, host or container (" + here.getKey()
                            + " differs)" + REMEDY + " where it is checked");
                }
            }
            Set<String> identities = new HashSet<>();
            for (Object object : Json.list(content, "objects")) {
                identities.add(String.valueOf(object));
            }
            return new BaselineFile(identities);
        } catch (NoSuchFileException e) {
            throw new BadInputException(name + " does not exist" + REMEDY + " before the step that is checked");
        } catch (IOException e) {
            throw new BadInputException(name + " cannot be read: " + Printable.text(OwnFolder.reason(e)) + REMEDY
                    + " in a folder that only you can write to");
        } catch (IllegalArgumentException e) {
            throw new BadInputException(
                    name + " is no baseline: " + Printable.text(String.valueOf(e.getMessage())) + REMEDY);
        }
    }

    /** Where and when an identity means what it says. */
    private static Map<String, String> domain() throws IOException {
        Map<String, String> domain = new LinkedHashMap<>();
        domain.put(
                "boot",
                Files.readString(Path.of("/proc/sys/kernel/random/boot_id")).trim());
        domain.put(
                "ipcNamespace",
                Files.readSymbolicLink(Path.of("/proc/self/ns/ipc")).toString());
        domain.put("shmDevice", String.valueOf(Files.getAttribute(Path.of("/dev/shm"), "unix:dev")));
        return domain;
    }

    /** The uid of this user. */
    static long uid() {
        try {
            return ((Number) Files.getAttribute(Path.of("/proc/self"), "unix:uid")).longValue();
        } catch (IOException e) {
            return -1;
        }
    }

    /** As many as there are. */
    int size() {
        return identities.size();
    }
}
