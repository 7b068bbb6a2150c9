package io.github.shmkit.internal.helper;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.NotSerializableException;
import java.io.ObjectOutputStream;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class RemoteFailureTests {
    private static final StackTraceElement[] HERE = {new StackTraceElement("my.Test", "test", "Test.java", 12)};
    private static final ClassLoader LOADER = RemoteFailureTests.class.getClassLoader();

    /** What only the helper's side can have. */
    private static final class Unsendable extends RuntimeException {
        private static final long serialVersionUID = 1L;

        Unsendable(String message, Throwable cause) {
            super(message, cause);
        }

        private void writeObject(ObjectOutputStream out) throws IOException {
            throw new NotSerializableException("what it holds");
        }
    }

    private static final class Mute extends IllegalStateException {
        private static final long serialVersionUID = 1L;

        @Override
        public String getMessage() {
            throw new UnsupportedOperationException("mute");
        }
    }

    private static RemoteFailure sent(Throwable thrown) throws IOException {
        return RemoteFailure.of(RemoteFailure.of(thrown).bytes());
    }

    @Test
    void arrivesAsItIsWithTheTestsFramesBehindItsOwn() throws IOException {
        Exception thrown = new IllegalStateException("full", new IOException("disk"));
        String top = thrown.getStackTrace()[0].toString();

        Throwable arrived = sent(thrown).toThrowable(LOADER, "in helper 'a'", HERE);

        assertThat(arrived).isExactlyInstanceOf(IllegalStateException.class).hasMessage("full");
        assertThat(arrived).cause().isExactlyInstanceOf(IOException.class).hasMessage("disk");
        StackTraceElement[] stack = arrived.getStackTrace();
        assertThat(stack[0]).hasToString(top);
        assertThat(stack).hasSize(thrown.getStackTrace().length + 2).endsWith(HERE);
        assertThat(stack[stack.length - 2].getClassName()).isEqualTo("in helper 'a'");
    }

    @Test
    void theHelpersOwnFramesAreLeftAway() throws IOException {
        Exception thrown = new IllegalStateException("full");
        StackTraceElement own = new StackTraceElement("my.Task", "call", "Task.java", 3);
        thrown.setStackTrace(new StackTraceElement[] {
            own,
            new StackTraceElement(JvmMain.class.getName(), "main", "JvmMain.java", 1),
            new StackTraceElement(JvmMain.class.getName() + "$Loop", "run", "JvmMain.java", 2)
        });

        assertThat(sent(thrown).toThrowable(LOADER, "in helper 'a'", HERE).getStackTrace())
                .hasSize(3)
                .startsWith(own)
                .endsWith(HERE);
    }

    @Test
    void whatCannotBeSentArrivesAsTextThatLooksLikeIt() throws IOException {
        RemoteFailure failure = sent(new Unsendable("full", new IOException("disk")));

        Throwable arrived = failure.toThrowable(LOADER, "in helper 'a'", HERE);

        assertThat(arrived).hasToString(Unsendable.class.getName() + ": full");
        assertThat(arrived).cause().hasToString("java.io.IOException: disk").hasNoCause();
        assertThat(arrived.getCause().getStackTrace()[0].getClassName()).isEqualTo(RemoteFailureTests.class.getName());
        assertThat(failure.isAssertion()).isFalse();
    }

    @Test
    void anAssertionStaysOne() throws IOException {
        RemoteFailure failure = sent(new AssertionError("expected 1", new Unsendable("held", null)));

        assertThat(failure.isAssertion()).isTrue();
        assertThat(failure.toThrowable(LOADER, "in helper 'a'", HERE))
                .isInstanceOf(AssertionError.class)
                .hasMessage("java.lang.AssertionError: expected 1")
                .cause()
                .hasToString(Unsendable.class.getName() + ": held");
    }

    @Test
    void aClassThatOnlyTheHelperHasArrivesAsText() throws IOException {
        RemoteFailure failure = sent(new NotSerializableException("x"));
        ClassLoader blind = new ClassLoader(null) {
            @Override
            protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
                throw new NoClassDefFoundError(name);
            }
        };

        assertThat(failure.toThrowable(blind, "in helper 'a'", HERE))
                .hasToString("java.io.NotSerializableException: x");
    }

    @Test
    void aMessageThatCannotBeHadIsSaid() throws IOException {
        assertThat(sent(new Mute()).chain().get(0).describe())
                .isEqualTo(Mute.class.getName()
                        + ": its message could not be had: java.lang.UnsupportedOperationException: mute");
        assertThat(sent(new RuntimeException((String) null)).chain().get(0).describe())
                .isEqualTo("java.lang.RuntimeException");
    }

    @Test
    void aCircleOfCausesEnds() throws IOException {
        Exception first = new Exception("first");
        Exception second = new Exception("second", first);
        first.initCause(second);

        assertThat(sent(first).chain()).extracting(RemoteFailure.Link::message).containsExactly("first", "second");
    }

    @Test
    void aFrameWithoutAFileKeepsNone() throws IOException {
        Exception thrown = new Exception();
        thrown.setStackTrace(new StackTraceElement[] {
            new StackTraceElement("a.B", "c", null, -2), new StackTraceElement("a.B", "d", "B.java", 9)
        });

        assertThat(sent(thrown).chain().get(0).stack()).isEqualTo(Arrays.asList(thrown.getStackTrace()));
    }
}
