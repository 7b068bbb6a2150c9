package io.github.shmkit.maven;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import org.apache.maven.execution.ExecutionEvent;
import org.apache.maven.execution.ExecutionListener;
import org.apache.maven.model.Plugin;
import org.apache.maven.plugin.MojoExecution;
import org.junit.jupiter.api.Test;

class SessionEventsTests {
    private final List<String> heard = new ArrayList<>();
    private final ExecutionListener mavens = proxy(ExecutionListener.class, (method, argument) -> {
        heard.add(method);
        return null;
    });
    private final ExecutionListener listener = SessionEvents.around(mavens, new Hearer());

    @Test
    void passesEveryEventOn() throws Exception {
        for (Method method : ExecutionListener.class.getMethods()) {
            method.invoke(listener, event("maven-jar-plugin", "jar"));
        }

        assertThat(heard)
                .filteredOn(event -> !event.startsWith("first: "))
                .containsExactlyElementsOf(Arrays.stream(ExecutionListener.class.getMethods())
                        .map(Method::getName)
                        .toList());
    }

    @Test
    void isFirstToHearOfGoalsAndOfTheEnd() {
        listener.mojoStarted(event("maven-surefire-plugin", "test"));
        listener.mojoFailed(event("maven-surefire-plugin", "test"));
        listener.sessionEnded(event("maven-surefire-plugin", "test"));

        assertThat(heard)
                .containsExactly(
                        "first: test begins",
                        "mojoStarted",
                        "first: test ended",
                        "mojoFailed",
                        "first: end",
                        "sessionEnded");
    }

    @Test
    void passesAnErrorOnAsItIs() {
        IllegalStateException thrown = new IllegalStateException("listener");
        ExecutionListener failing = SessionEvents.around(
                proxy(ExecutionListener.class, (method, argument) -> {
                    throw thrown;
                }),
                new Hearer());

        assertThatThrownBy(() -> failing.sessionStarted(event("", ""))).isSameAs(thrown);
    }

    @Test
    void needsNoOtherListener() {
        SessionEvents.around(null, new Hearer()).sessionEnded(event("", ""));

        assertThat(heard).containsExactly("first: end");
    }

    @Test
    void isEqualToItselfOnly() {
        assertThat(new HashSet<>(List.of(listener, mavens))).contains(listener).hasSize(2);
        assertThat(listener.toString()).startsWith("shmkit around ");
    }

    private static ExecutionEvent event(String artifactId, String goal) {
        Plugin plugin = new Plugin();
        plugin.setArtifactId(artifactId);
        MojoExecution execution = new MojoExecution(plugin, goal, "id");
        return proxy(ExecutionEvent.class, (method, argument) -> method.equals("getMojoExecution") ? execution : null);
    }

    private final class Hearer implements SessionEvents.Hearer {
        @Override
        public void goalBegins(ExecutionEvent event) {
            heard.add("first: " + event.getMojoExecution().getGoal() + " begins");
        }

        @Override
        public void goalEnded(ExecutionEvent event) {
            heard.add("first: " + event.getMojoExecution().getGoal() + " ended");
        }

        @Override
        public void sessionEnds() {
            heard.add("first: end");
        }
    }

    private interface Answer {
        Object to(String method, Object argument);
    }

    private static <T> T proxy(Class<T> type, Answer answer) {
        return type.cast(Proxy.newProxyInstance(
                type.getClassLoader(), new Class<?>[] {type}, (self, method, arguments) -> switch (method.getName()) {
                    case "toString" -> "a " + type.getSimpleName();
                    case "equals" -> self == arguments[0];
                    case "hashCode" -> 1;
                    default -> answer.to(method.getName(), arguments == null ? null : arguments[0]);
                }));
    }
}
