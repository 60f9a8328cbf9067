package org.crossprocesslock.web;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import org.jspecify.annotations.Nullable;

/**
 * Serves the static files of the class path as Spring Boot would, and a few pages.
 */
final class Site implements AutoCloseable {

	/** A page that has loaded the module says so in its title. */
	private static final String PAGE = """
			<!doctype html><meta charset="utf-8"><link rel="icon" href="data:,"><title>loading</title>
			<script type="module">
				import * as locks from "/cross-process-lock/locks.js";
				window.locks = locks;
				document.title = "ready";
			</script>
			""";

	/** Tells its parent whether it could take the key of its address. */
	private static final String FRAME = """
			<!doctype html><script type="module">
				import { tryLock } from "/cross-process-lock/locks.js";
				const guard = await tryLock(new URLSearchParams(location.search).get("key"));
				parent.postMessage(guard ? "taken" : "busy", "*");
			</script>
			""";

	/**
	 * Runs the text of each message as the body of an asynchronous function that sees the
	 * module.
	 */
	private static final String WORKER = """
			import * as locks from "/cross-process-lock/locks.js";
			const run = (port) => async ({ data, source }) => {
				const answer = (message) => (port ?? source).postMessage(message);
				await new Function("locks", `return (async () => {${data}})()`)(locks)
					.then((value) => answer({ value }), (error) => answer({ error: String(error) }));
			};
			if (globalThis.clients) {
				// a service worker answers whoever asked
				onmessage = run();
			}
			else if (globalThis.onconnect === null) {
				onconnect = ({ ports: [port] }) => port.onmessage = run(port);
			}
			else {
				onmessage = run(globalThis);
			}
			""";

	private static final Map<String, String> TYPES = Map.of("js", "text/javascript", "html", "text/html");

	private final HttpServer server;

	private final ExecutorService threads = Executors.newCachedThreadPool();

	private Site(HttpServer server) {
		this.server = server;
	}

	static Site start() {
		try {
			Site site = new Site(HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0));
			site.server.createContext("/", site::answer);
			site.server.setExecutor(site.threads);
			site.server.start();
			return site;
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	/** A page on this origin, which browsers take for secure. */
	String page() {
		return page("localhost");
	}

	String page(String host) {
		return origin(host) + "/page.html";
	}

	String origin(String host) {
		return "http://" + host + ":" + this.server.getAddress().getPort();
	}

	private void answer(HttpExchange exchange) throws IOException {
		String path = exchange.getRequestURI().getPath();
		byte[] body = body(path);
		String extension = path.substring(path.lastIndexOf('.') + 1);
		exchange.getResponseHeaders().set("Content-Type", TYPES.getOrDefault(extension, "text/html"));
		// a page in a sandboxed frame has an origin of its own
		exchange.getResponseHeaders().set("Access-Control-Allow-Origin", "*");
		exchange.sendResponseHeaders(body == null ? 404 : 200, body == null ? -1 : body.length);
		try (exchange) {
			if (body != null) {
				exchange.getResponseBody().write(body);
			}
		}
	}

	private static byte @Nullable [] body(String path) throws IOException {
		String page = switch (path) {
			case "/page.html" -> PAGE;
			case "/frame.html" -> FRAME;
			case "/worker.js" -> WORKER;
			default -> null;
		};
		if (page != null) {
			return page.getBytes(StandardCharsets.UTF_8);
		}
		try (InputStream resource = Site.class.getResourceAsStream("/META-INF/resources" + path)) {
			return (resource != null) ? resource.readAllBytes() : null;
		}
	}

	@Override
	public void close() {
		this.server.stop(0);
		this.threads.shutdownNow();
	}

}
