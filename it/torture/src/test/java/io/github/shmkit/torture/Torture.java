package io.github.shmkit.torture;

/** How much there is to be, and where its figures go. */
final class Torture {
    private Torture() {}

    /** Whether the profile "torture" asks for the long form. */
    static boolean isLong() {
        return System.getProperty("shmkit.torture", "short").equals("long");
    }

    /** Prints a result, for people and for the log. */
    @SuppressWarnings("SystemOut")
    static void report(String text) {
        System.out.println(text);
    }
}
