package org.crossprocesslock.annotation;

import java.io.IOException;
import java.lang.reflect.Method;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.temporal.ChronoUnit;
import java.util.HashMap;
import java.util.Map;
import java.util.regex.Pattern;

import org.crossprocesslock.autoconfigure.LockProperties;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

import org.springframework.boot.convert.DurationStyle;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests that the table of docs/annotation.md has the attributes of the annotation, with
 * their defaults.
 */
class AttributesPageTests {

	private static final Pattern ROW = Pattern.compile("^\\| `(\\w+)` \\| (.*?) \\| (.*) \\|$", Pattern.MULTILINE);

	/** What an empty text stands for. */
	private static final Map<String, String> EMPTY = Map.of("waitTime",
			"`cross-process-lock.default-wait-time`, `"
					+ DurationStyle.SIMPLE.print(new LockProperties().getDefaultWaitTime(), ChronoUnit.SECONDS) + "`",
			"manager", "the only or primary one", "name", "`SimpleClassName.method`");

	@Test
	void tableHasAllAttributesAndTheirDefaults() throws IOException {
		String page = Files.readString(Path.of("../docs/annotation.md"));
		Map<String, String> defaults = new HashMap<>();
		Map<String, String> meanings = new HashMap<>();
		ROW.matcher(page.substring(page.indexOf("## Attributes"), page.indexOf("## How a call can end")))
			.results()
			.forEach((row) -> {
				defaults.put(row.group(1), row.group(2));
				meanings.put(row.group(1), row.group(3));
			});
		Map<String, String> real = new HashMap<>();
		for (Method attribute : CrossProcessLocked.class.getDeclaredMethods()) {
			real.put(attribute.getName(), said(attribute.getName(), attribute.getDefaultValue()));
			if (attribute.getReturnType().isEnum()) {
				for (Object constant : attribute.getReturnType().getEnumConstants()) {
					assertThat(meanings.get(attribute.getName())).contains("`" + constant + "`");
				}
			}
		}
		assertThat(defaults).isEqualTo(real);
	}

	private static String said(String attribute, @Nullable Object value) {
		if (value == null) {
			return "required";
		}
		return value.equals("") ? EMPTY.getOrDefault(attribute, "none") : "`" + value + "`";
	}

}
