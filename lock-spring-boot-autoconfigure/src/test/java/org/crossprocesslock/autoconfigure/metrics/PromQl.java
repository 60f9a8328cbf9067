package org.crossprocesslock.autoconfigure.metrics;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Reads the part of Prometheus's query language that the dashboard and the alerts use,
 * and refuses everything else.
 */
final class PromQl {

	private static final Set<String> AGGREGATIONS = Set.of("sum", "max", "min");

	/** Functions of a time range. */
	private static final Set<String> OF_RANGES = Set.of("rate", "increase", "max_over_time");

	private static final List<Set<String>> OPERATORS = List.of(Set.of("or"), Set.of("and", "unless"),
			Set.of("==", "!=", "<=", "<", ">=", ">"), Set.of("+", "-"), Set.of("*", "/"));

	private static final Pattern TOKEN = Pattern
		.compile("\\s*(?:(?<word>[a-z_][a-z0-9_]*)|(?<number>[0-9.]+)|(?<text>\"[^\"]*\")|(?<range>\\[[^]]*])"
				+ "|(?<sign>==|!=|<=|>=|=~|!~|[-+*/<>=(){},]))");

	private static final Pattern RANGE = Pattern.compile("\\[(\\d+[smhd]|\\$__range|\\$__rate_interval)]");

	private final String expression;

	private final List<String> tokens = new ArrayList<>();

	private final List<Selector> selectors = new ArrayList<>();

	private final Set<String> grouping = new TreeSet<>();

	private int next;

	private PromQl(String expression) {
		this.expression = expression;
		Matcher matcher = TOKEN.matcher(expression.strip());
		int end = 0;
		while (end < expression.strip().length()) {
			if (!matcher.find(end) || matcher.start() != end) {
				throw refusal("what stands at " + end);
			}
			this.tokens.add(matcher.group().strip());
			end = matcher.end();
		}
	}

	static PromQl parse(String expression) {
		PromQl read = new PromQl(expression);
		read.operation(0);
		if (read.next < read.tokens.size()) {
			throw read.refusal("what follows token " + read.next);
		}
		return read;
	}

	List<Selector> selectors() {
		return this.selectors;
	}

	/** The labels by which values are added up. */
	Set<String> grouping() {
		return this.grouping;
	}

	private void operation(int level) {
		if (level == OPERATORS.size()) {
			value();
			return;
		}
		operation(level + 1);
		while (OPERATORS.get(level).contains(peek())) {
			take();
			operation(level + 1);
		}
	}

	private void value() {
		String token = take();
		if (token.equals("(")) {
			operation(0);
			expect(")");
		}
		else if (AGGREGATIONS.contains(token)) {
			if (peek().equals("by")) {
				take();
				labels();
			}
			expect("(");
			operation(0);
			expect(")");
		}
		else if (OF_RANGES.contains(token)) {
			expect("(");
			selector(take(), token);
			expect(")");
		}
		else if (Character.isLetter(token.charAt(0))) {
			selector(token, "");
		}
		else if (!Character.isDigit(token.charAt(0))) {
			throw refusal("'" + token + "'");
		}
	}

	private void labels() {
		expect("(");
		do {
			this.grouping.add(take());
		}
		while (isTaken(","));
		expect(")");
	}

	private void selector(String metric, String function) {
		Map<String, String> matchers = new LinkedHashMap<>();
		if (isTaken("{")) {
			do {
				String label = take();
				if (!Set.of("=", "!=", "=~", "!~").contains(take())) {
					throw refusal("the matcher of " + label);
				}
				matchers.put(label, take().replace("\"", ""));
			}
			while (isTaken(","));
			expect("}");
		}
		boolean ranged = peek().startsWith("[");
		if (ranged != !function.isEmpty() || (ranged && !RANGE.matcher(take()).matches())) {
			throw refusal("the range of " + metric);
		}
		this.selectors.add(new Selector(metric, matchers, function));
	}

	private String peek() {
		return (this.next < this.tokens.size()) ? this.tokens.get(this.next) : "";
	}

	private String take() {
		if (this.next == this.tokens.size()) {
			throw refusal("its end");
		}
		return this.tokens.get(this.next++);
	}

	private boolean isTaken(String token) {
		boolean taken = peek().equals(token);
		this.next += taken ? 1 : 0;
		return taken;
	}

	private void expect(String token) {
		if (!isTaken(token)) {
			throw refusal("'" + peek() + "' instead of '" + token + "'");
		}
	}

	private IllegalArgumentException refusal(String what) {
		return new IllegalArgumentException("In '" + this.expression + "' " + what + " is not understood");
	}

	/**
	 * What is read of one metric.
	 *
	 * @param metric its name
	 * @param matchers the values that labels are compared with
	 * @param function the function of its range, empty for its last value
	 */
	record Selector(String metric, Map<String, String> matchers, String function) {

	}

}
