package org.crossprocesslock.autoconfigure;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

import org.jspecify.annotations.Nullable;

import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName;
import org.springframework.boot.context.properties.source.ConfigurationPropertySource;
import org.springframework.boot.context.properties.source.ConfigurationPropertySources;
import org.springframework.boot.context.properties.source.IterableConfigurationPropertySource;
import org.springframework.core.env.Environment;
import org.springframework.core.env.SystemEnvironmentPropertySource;

/**
 * Properties that are set, but so that the binder would pass over them and the default
 * would hold, silently: those written as lists, as in {@code backend[0]}, since all of
 * ours have one value, and those that are blank, as of <code>${ABSENT:}</code>.
 */
final class PassedOverProperties {

	private static final ConfigurationPropertyName PREFIX = ConfigurationPropertyName.of(LockProperties.PREFIX);

	private static final String VARIABLE = LockProperties.PREFIX.replace('-', '_').toUpperCase(Locale.ROOT) + "_";

	// its analysis names the choices
	private static final ConfigurationPropertyName BACKEND = ConfigurationPropertyName.of(BackendChoice.PROPERTY);

	/**
	 * The only list that we read. Empty, it would let every user see what it was to hide.
	 */
	private static final ConfigurationPropertyName ROLES = ConfigurationPropertyName
		.of("management.endpoint.crossprocesslocks.roles");

	private PassedOverProperties() {
	}

	/**
	 * Looks for them.
	 * @throws InvalidLockPropertiesException if there is one
	 */
	static void refuse(Environment environment) {
		Set<ConfigurationPropertyName> names = names(environment);
		Binder binder = Binder.get(environment);
		List<String> listed = new ArrayList<>();
		List<String> blank = new ArrayList<>();
		for (ConfigurationPropertyName name : names) {
			if (isListed(name)) {
				listed.add(name.toString());
			}
			else if (isBlank(name, binder)) {
				blank.add(name.toString());
			}
		}
		if (isBlank(ROLES, binder)) {
			blank.add(ROLES.toString());
		}
		refuse(listed, "written as part of a list, but no property of locks is a list");
		variables(environment).forEach((variable, property) -> {
			if (isBlank(property, binder)) {
				blank.add(variable);
			}
		});
		refuse(blank, "set, but to nothing");
	}

	private static void refuse(List<String> refused, String why) {
		if (!refused.isEmpty()) {
			throw new InvalidLockPropertiesException(refused,
					new IllegalArgumentException(String.join(", ", refused) + " is " + why));
		}
	}

	private static Set<ConfigurationPropertyName> names(Environment environment) {
		Set<ConfigurationPropertyName> names = new LinkedHashSet<>();
		for (ConfigurationPropertySource source : ConfigurationPropertySources.get(environment)) {
			if (source instanceof IterableConfigurationPropertySource all) {
				for (ConfigurationPropertyName name : all) {
					if (PREFIX.isAncestorOf(name)) {
						names.add(name);
					}
				}
			}
		}
		return names;
	}

	/**
	 * Environment variables with an underscore for each dash, by which the binder finds a
	 * property but which it lists under another name. Those of an application may all
	 * have a prefix.
	 * @return what they have after the prefix of ours
	 */
	private static Map<String, String> variables(Environment environment) {
		Map<String, String> variables = new LinkedHashMap<>();
		for (ConfigurationPropertySource each : ConfigurationPropertySources.get(environment)) {
			if (each.getUnderlyingSource() instanceof SystemEnvironmentPropertySource source) {
				for (String variable : source.getPropertyNames()) {
					String name = variable.toUpperCase(Locale.ROOT);
					int start = name.indexOf(VARIABLE);
					if (start >= 0 && mayBeBlank(source.getProperty(variable))) {
						variables.put(variable, name.substring(start + VARIABLE.length()));
					}
				}
			}
		}
		return variables;
	}

	/** Also what is a placeholder of nothing. */
	private static boolean mayBeBlank(@Nullable Object value) {
		return value instanceof CharSequence text && (text.toString().isBlank() || text.toString().contains("${"));
	}

	/** Whether nothing that the variable may stand for has a value. */
	private static boolean isBlank(String property, Binder binder) {
		List<String> names = List.of(PREFIX.toString());
		String separators = ".";
		for (String part : property.toLowerCase(Locale.ROOT).split("_", -1)) {
			String nextTo = separators;
			names = names.stream()
				.flatMap((name) -> nextTo.chars().mapToObj((separator) -> name + (char) separator + part))
				.toList();
			separators = ".-";
		}
		List<ConfigurationPropertyName> known = names.stream()
			.filter(ConfigurationPropertyName::isValid)
			.map(ConfigurationPropertyName::of)
			.toList();
		return known.stream().anyMatch((name) -> isBlank(name, binder))
				&& known.stream().noneMatch((name) -> hasText(name, binder));
	}

	private static boolean hasText(ConfigurationPropertyName name, Binder binder) {
		return binder.bind(name, Bindable.of(Object.class)).isBound() && !isBlank(name, binder);
	}

	private static boolean isListed(ConfigurationPropertyName name) {
		return name.toString().contains("[");
	}

	private static boolean isBlank(ConfigurationPropertyName name, Binder binder) {
		Object value = binder.bind(name, Bindable.of(Object.class)).orElse(null);
		return value instanceof CharSequence text && text.toString().isBlank() && !name.equals(BACKEND);
	}

}
