package scenario;

/** A goal of the build that ends the build's JVM. */
public final class ExitSeven {
    private ExitSeven() {}

    public static void main(String[] arguments) {
        System.exit(7);
    }
}
