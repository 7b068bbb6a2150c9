package io.github.shmkit.internal.ipc;

/** A System V object of a session, or one that somebody else removes. */
abstract class SysvObject extends ClosedOnce {
    private final Identity.OfSysv identity;
    private final String label;
    private final boolean ours;

    SysvObject(Identity.OfSysv identity, String label, boolean ours) {
        this.identity = identity;
        this.label = label;
        this.ours = ours;
    }

    public Identity identity() {
        return identity;
    }

    public int id() {
        return identity.id();
    }

    public int key() {
        return identity.key();
    }

    public String label() {
        return label;
    }

    @Override
    void remove() {
        if (ours) {
            removeById();
        }
    }

    abstract void removeById();
}
