package io.github.shmkit;

/**
 * Who has to come to a barrier.
 *
 * @param name of a helper
 * @since 0.1.0
 */
public record Party(String name) {
    /** The one who calls. */
    public static final Party SELF = new Party("");

    /** The test itself, and all threads of it together. */
    public static final Party TEST = new Party("test");

    /**
     * A helper.
     *
     * @param name its name
     * @return the party
     * @throws IllegalArgumentException if no helper can have that name
     */
    public static Party helper(String name) {
        Party party = new Party(name);
        if (party.equals(SELF) || party.equals(TEST)) {
            throw new IllegalArgumentException("no helper can be named '" + name
                    + "'; use Party.TEST for the test itself, Party.SELF for the caller");
        }
        return party;
    }
}
