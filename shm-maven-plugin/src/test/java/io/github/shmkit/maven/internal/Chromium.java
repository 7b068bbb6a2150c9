package io.github.shmkit.maven.internal;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.WebSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** A headless browser with one page, driven by its DevTools protocol. */
final class Chromium implements AutoCloseable {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Pattern LISTENING = Pattern.compile("DevTools listening on ws://([0-9.:]+)/.*");
    private static final int ANSWER_SECONDS = 120; // guards against a browser that hangs, however loaded the machine is
    private static final String LOADED = "Page.loadEventFired";

    private final Process process;
    private final WebSocket socket;
    private final AtomicInteger ids = new AtomicInteger();
    private final Map<Integer, CompletableFuture<JsonNode>> answers = new ConcurrentHashMap<>();
    private final List<String> complaints = Collections.synchronizedList(new ArrayList<>());
    private volatile CompletableFuture<Void> loaded = new CompletableFuture<>();

    private Chromium(Process process, URI page) {
        this.process = process;
        this.socket = HttpClient.newHttpClient()
                .newWebSocketBuilder()
                .buildAsync(page, new Hearer())
                .orTimeout(ANSWER_SECONDS, TimeUnit.SECONDS)
                .join();
    }

    /** The browser on the PATH; empty for none. */
    static Optional<Path> program() {
        return Stream.of("chromium", "chromium-browser", "google-chrome")
                .flatMap(name -> Stream.of(System.getenv("PATH").split(File.pathSeparator, -1))
                        .map(folder -> Path.of(folder, name)))
                .filter(Files::isExecutable)
                .findFirst();
    }

    static Chromium start(Path profile) throws IOException, InterruptedException {
        ProcessBuilder builder = new ProcessBuilder(
                        program().orElseThrow().toString(),
                        "--headless=new",
                        "--no-sandbox", // needs what a container often denies; it sees our own pages only
                        "--disable-gpu",
                        "--disable-dev-shm-usage", // leaves our objects alone
                        "--no-first-run",
                        "--disable-background-networking",
                        "--disable-component-update",
                        "--force-color-profile=srgb",
                        "--hide-scrollbars",
                        "--remote-debugging-port=0",
                        "--user-data-dir=" + profile,
                        "about:blank")
                .redirectErrorStream(true);
        builder.environment().put("TMPDIR", profile.getParent().toString()); // so that all of it goes with the folder
        Process process = builder.start();
        try {
            BufferedReader said = process.inputReader();
            for (String line; (line = said.readLine()) != null; ) {
                Matcher matcher = LISTENING.matcher(line);
                if (matcher.matches()) {
                    drain(said);
                    Chromium browser = new Chromium(process, page(matcher.group(1)));
                    for (String domain : List.of("Page", "Runtime", "Log")) {
                        browser.send(domain + ".enable", Map.of());
                    }
                    return browser;
                }
            }
            throw new IOException("the browser ended with code " + process.waitFor());
        } catch (IOException | RuntimeException e) {
            process.destroyForcibly();
            throw e;
        }
    }

    /** So that it never waits for a reader. */
    private static void drain(BufferedReader said) {
        Thread reader = new Thread(() -> said.lines().forEach(line -> {}), "chromium's output");
        reader.setDaemon(true);
        reader.start();
    }

    private static URI page(String address) throws IOException, InterruptedException {
        HttpRequest list = HttpRequest.newBuilder(URI.create("http://" + address + "/json/list"))
                .build();
        String body = HttpClient.newHttpClient()
                .send(list, HttpResponse.BodyHandlers.ofString())
                .body();
        for (JsonNode target : JSON.readTree(body)) {
            if (target.get("type").asText().equals("page")) {
                return URI.create(target.get("webSocketDebuggerUrl").asText());
            }
        }
        throw new IOException("the browser has no page: " + body);
    }

    private final class Hearer implements WebSocket.Listener {
        private final StringBuilder message = new StringBuilder();

        @Override
        public CompletionStage<?> onText(WebSocket from, CharSequence data, boolean last) {
            message.append(data);
            if (last) {
                hear(message.toString());
                message.setLength(0);
            }
            from.request(1);
            return CompletableFuture.completedFuture(null);
        }
    }

    private void hear(String message) {
        try {
            JsonNode node = JSON.readTree(message);
            String method = node.path("method").asText();
            CompletableFuture<JsonNode> answer = answers.remove(node.path("id").asInt());
            if (answer != null) {
                answer.complete(node);
            } else if (method.equals(LOADED)) {
                loaded.complete(null);
            } else if (method.equals("Log.entryAdded")
                    || method.equals("Runtime.consoleAPICalled")
                    || method.equals("Runtime.exceptionThrown")) {
                complaints.add(message);
            }
        } catch (IOException e) {
            complaints.add(e.toString());
        }
    }

    JsonNode send(String method, Map<String, ?> parameters) throws IOException {
        int id = ids.incrementAndGet();
        CompletableFuture<JsonNode> answer = new CompletableFuture<>();
        answers.put(id, answer);
        socket.sendText(JSON.writeValueAsString(Map.of("id", id, "method", method, "params", parameters)), true)
                .join();
        JsonNode node = answer.orTimeout(ANSWER_SECONDS, TimeUnit.SECONDS).join();
        if (node.has("error")) {
            throw new IOException(method + ": " + node.get("error"));
        }
        return node.get("result");
    }

    void open(Path page) throws IOException {
        complaints.clear();
        loaded = new CompletableFuture<>();
        send("Page.navigate", Map.of("url", page.toUri().toString()));
        loaded.orTimeout(ANSWER_SECONDS, TimeUnit.SECONDS).join();
    }

    /** What the page wrote to its console, and what the browser held against it. */
    List<String> complaints() {
        return List.copyOf(complaints);
    }

    /** The value of an expression, which may be a promise. */
    JsonNode evaluate(String expression) throws IOException {
        JsonNode result =
                send("Runtime.evaluate", Map.of("expression", expression, "awaitPromise", true, "returnByValue", true));
        if (result.has("exceptionDetails")) {
            throw new IOException(expression + ": " + result.get("exceptionDetails"));
        }
        return result.get("result").path("value");
    }

    void setWidth(int pixels) throws IOException {
        send(
                "Emulation.setDeviceMetricsOverride",
                Map.of("width", pixels, "height", 900, "deviceScaleFactor", 1, "mobile", false));
    }

    void setMedia(String media, String scheme) throws IOException {
        send(
                "Emulation.setEmulatedMedia",
                Map.of(
                        "media",
                        media,
                        "features",
                        List.of(
                                Map.of("name", "prefers-color-scheme", "value", scheme),
                                Map.of("name", "prefers-reduced-motion", "value", "reduce"))));
    }

    void setScripts(boolean enabled) throws IOException {
        send("Emulation.setScriptExecutionDisabled", Map.of("value", !enabled));
    }

    /** Presses a key and lets it go. */
    void press(String key, int code) throws IOException {
        for (String type : List.of("keyDown", "keyUp")) {
            send(
                    "Input.dispatchKeyEvent",
                    Map.of(
                            "type",
                            type,
                            "key",
                            key,
                            "code",
                            key,
                            "windowsVirtualKeyCode",
                            code,
                            "text",
                            key.equals("Enter") && type.equals("keyDown") ? "\r" : ""));
        }
    }

    void type(String text) throws IOException {
        send("Input.insertText", Map.of("text", text));
    }

    byte[] pdf() throws IOException {
        return Base64.getDecoder()
                .decode(send("Page.printToPDF", Map.of("printBackground", false))
                        .get("data")
                        .asText());
    }

    /** The whole page, or as much of it as the height says, as PNG. */
    byte[] screenshot(int width, int heightMax) throws IOException {
        double height = send("Page.getLayoutMetrics", Map.of())
                .get("cssContentSize")
                .get("height")
                .asDouble();
        Map<String, Object> clip =
                Map.of("x", 0, "y", 0, "width", width, "height", Math.min(height, heightMax), "scale", 1);
        return Base64.getDecoder()
                .decode(send("Page.captureScreenshot", Map.of("captureBeyondViewport", true, "clip", clip))
                        .get("data")
                        .asText());
    }

    @Override
    public void close() {
        socket.abort();
        List<ProcessHandle> children = process.descendants().toList();
        process.destroyForcibly().onExit().join();
        children.forEach(ProcessHandle::destroyForcibly);
        children.forEach(child -> child.onExit().join());
    }
}
