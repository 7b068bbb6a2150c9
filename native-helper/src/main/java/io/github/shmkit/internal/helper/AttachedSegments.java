package io.github.shmkit.internal.helper;

import io.github.shmkit.Segment;
import io.github.shmkit.ShmException;
import io.github.shmkit.internal.script.Instruction;
import io.github.shmkit.script.ScriptResult;
import io.github.shmkit.script.ScriptResult.Status;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** What a native helper has attached, and where. */
final class AttachedSegments {
    /** What the kernel says of a name, and of an id, that is not there any more. */
    private static final Set<String> REMOVED = Set.of("ENOENT", "EINVAL", "EIDRM");

    private static final String REMOVED_BY = "; was it closed or unlinked? If not by this test, then by somebody else: "
            + "systemd-logind removes all IPC objects of a user who logs out, unless logind.conf says RemoveIPC=no";

    private static final String HIDDEN =
            "; an isolated helper sees objects of its own namespaces only: attach the segment at the builder, before start()";

    private final HelperProcess helper;
    private final Connection connection;
    private final Requests requests;
    private final List<ScriptEncoder.Slot> slots;
    private final Optional<SessionCheckpoints> checkpoints;
    private boolean hasControlPage;
    private volatile boolean isolated;

    /**
     * Of one helper.
     *
     * @param slots shared with its requests
     */
    AttachedSegments(
            HelperProcess helper,
            Connection connection,
            Requests requests,
            List<ScriptEncoder.Slot> slots,
            Optional<SessionCheckpoints> checkpoints) {
        this.helper = helper;
        this.connection = connection;
        this.requests = requests;
        this.slots = slots;
        this.checkpoints = checkpoints;
    }

    /** A forked child has what its parent has. */
    void inherit(AttachedSegments parent) {
        slots.addAll(parent.slots);
        hasControlPage = parent.hasControlPage;
        isolated = parent.isolated;
    }

    /** Objects of other namespaces cannot be found from now on. */
    void isolated() {
        isolated = true;
    }

    synchronized void attach(Segment segment) {
        String label = segment.label();
        if (slots.stream().anyMatch(s -> s.label().equals(label))) {
            throw new IllegalArgumentException(helper + " has attached a segment '" + label + "' already");
        }
        Attachment attachment = new Attachment(freeSlot(), label, segment.address(), false);
        attach(attachment);
        slots.add(new ScriptEncoder.Slot(
                attachment.slot(), label, attachment.address().size()));
    }

    synchronized void attachControlPage() {
        if (hasControlPage) {
            return;
        }
        SessionCheckpoints own = checkpoints.orElseThrow(
                () -> new IllegalStateException(helper + " was started without checkpoints and can reach none"));
        attach(new Attachment(
                Wire.CONTROL_SLOT, "checkpoints", own.page().segment().address(), false));
        hasControlPage = true;
    }

    private void attach(Attachment attachment) {
        byte[] request = Attachment.request(requests.nextId(), List.of(attachment));
        checkAttached(connection.send(request, helper.timeouts().answer()), List.of(attachment));
    }

    void attached(Connection.Pending attaching, List<Attachment> attachments) {
        checkAttached(attaching, attachments);
        attachments.forEach(a -> slots.add(
                new ScriptEncoder.Slot(a.slot(), a.label(), a.address().size())));
    }

    private void checkAttached(Connection.Pending attaching, List<Attachment> attachments) {
        ScriptResult result = requests.result(
                attaching, List.of(), Map.of(), helper.timeouts().answer(), false);
        if (result.status() != Status.OK) {
            Attachment failed = attachments.get(result.last());
            throw new ShmException(helper + " cannot attach segment '" + failed.label() + "' ("
                    + failed.address().uri() + "): " + result.errno() + result.explanation()
                    + (!REMOVED.contains(result.errno()) ? "" : isolated ? HIDDEN : REMOVED_BY));
        }
    }

    private int freeSlot() {
        for (int i = 0; i < Wire.CONTROL_SLOT; i++) {
            int number = i;
            if (slots.stream().noneMatch(s -> s.number() == number)) {
                return number;
            }
        }
        throw tooManySegments(helper.toString());
    }

    static IllegalArgumentException tooManySegments(String helper) {
        return new IllegalArgumentException(
                helper + " has " + Wire.CONTROL_SLOT + " segments attached and can have no more");
    }

    synchronized void detach(String label) {
        ScriptEncoder.Slot slot = requests.slot(label);
        requests.call(Instruction.detach(label));
        slots.remove(slot);
    }
}
