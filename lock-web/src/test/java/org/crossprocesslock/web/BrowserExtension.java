package org.crossprocesslock.web;

import java.util.Map;
import java.util.Objects;
import java.util.Optional;

import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/** Starts the one browser of all test classes, and closes the tabs of each test. */
final class BrowserExtension implements ExecutionCondition, ParameterResolver, AfterEachCallback {

	private static final Namespace NAMESPACE = Namespace.create(BrowserExtension.class);

	private static final String NONE = "No browser: the tests of lock-web do not run without the Debian packages chromium and "
			+ "chromium-driver, or their like on the path";

	@Override
	public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
		if (browser(context).isPresent()) {
			return ConditionEvaluationResult.enabled("there is a browser");
		}
		return ConditionEvaluationResult.disabled(NONE);
	}

	@Override
	public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
		return parameter.getParameter().getType() == Browser.class;
	}

	@Override
	public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
		return browser(context).orElseThrow();
	}

	@Override
	public void afterEach(ExtensionContext context) {
		browser(context).orElseThrow().closeTabs();
	}

	private static Optional<Browser> start() {
		Optional<Browser> browser = Browser.start(Map.of());
		if (browser.isEmpty()) {
			if ("required".equals(System.getenv("BROWSER_TESTS"))) {
				throw new IllegalStateException(NONE + ", but BROWSER_TESTS=required");
			}
			System.out.println(NONE);
		}
		return browser;
	}

	private static Optional<Browser> browser(ExtensionContext context) {
		return Objects.requireNonNull(context.getRoot()
			.getStore(NAMESPACE)
			.computeIfAbsent("browser", (key) -> new Started(start()), Started.class)).browser;
	}

	private record Started(Optional<Browser> browser) implements AutoCloseable {

		@Override
		public void close() {
			this.browser.ifPresent(Browser::close);
		}

	}

}
