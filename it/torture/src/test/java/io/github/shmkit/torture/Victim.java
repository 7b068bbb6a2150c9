package io.github.shmkit.torture;

import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;

import java.util.Map;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;

/** A test JVM that makes and closes segments of every kind, with helper processes, until it is killed. */
public final class Victim {
    private Victim() {}

    public static void main(String[] args) {
        Jvm.endWithParent();
        var request = LauncherDiscoveryRequestBuilder.request()
                .selectors(selectClass(BusyTest.class))
                .configurationParameters(Map.of("junit.jupiter.execution.parallel.enabled", "false"))
                .build();
        LauncherFactory.create().execute(request);
    }
}
