package scenario;

/** A goal of the build that fails it. */
public final class ThrowingGoal {
    private ThrowingGoal() {}

    public static void main(String[] arguments) {
        throw new IllegalStateException("as it should");
    }
}
