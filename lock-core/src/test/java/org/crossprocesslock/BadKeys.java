package org.crossprocesslock;

import java.util.stream.Stream;

import org.junit.jupiter.params.provider.Arguments;

import static org.junit.jupiter.params.provider.Arguments.arguments;

/**
 * Keys that must be refused, each with the way an error message shows it.
 */
final class BadKeys {

	private BadKeys() {
	}

	static Stream<Arguments> all() {
		return Stream.concat(
				Stream
					.of("", " ", "a b", "a/b", "a\\b", "a<b>", "a:b", "a*", "a%", "a'", ".abc", "_abc", "-abc", "abc-",
							"abc.", "abc_", ".", "..", "../etc/passwd", "/abs", "~", "a;drop table lock")
					.map((key) -> arguments(key, key)),
				Stream.of(arguments("k".repeat(201), "k".repeat(60) + "..."),
						arguments("schl\u00fcssel", "schl\\u00fcssel"), arguments("\u0430bc", "\\u0430bc"),
						arguments("\u0661", "\\u0661"), arguments("a\nb", "a\\u000ab"),
						arguments("a\u0000b", "a\\u0000b"), arguments("a\u001b[31mb", "a\\u001b[31mb"),
						arguments("a\u007fb", "a\\u007fb"), arguments("a\u202eb", "a\\u202eb"),
						arguments("a\ud83d\udd12", "a\\ud83d\\udd12")));
	}

}
