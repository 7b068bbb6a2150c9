package scenario;

/** A goal of the build that ends the build's JVM. */
public final class ExitingGoal {
    private ExitingGoal() {}

    public static void main(String[] arguments) {
        System.exit(7);
    }
}
