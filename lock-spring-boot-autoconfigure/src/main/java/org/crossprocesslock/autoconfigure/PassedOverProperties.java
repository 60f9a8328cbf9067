package org.crossprocesslock.autoconfigure;

import java.util.List;
import java.util.function.Predicate;
import java.util.stream.StreamSupport;

import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName;
import org.springframework.boot.context.properties.source.ConfigurationPropertySources;
import org.springframework.boot.context.properties.source.IterableConfigurationPropertySource;
import org.springframework.core.env.Environment;

/**
 * Properties that are set, but so that the binder would pass over them and the default
 * would hold, silently: those written as lists, as in {@code backend[0]}, since all of
 * ours have one value, and those that are blank, as of <code>${ABSENT:}</code>.
 */
final class PassedOverProperties {

	private static final ConfigurationPropertyName PREFIX = ConfigurationPropertyName.of(LockProperties.PREFIX);

	// its analysis names the choices
	private static final ConfigurationPropertyName BACKEND = ConfigurationPropertyName.of(BackendChoice.PROPERTY);

	private PassedOverProperties() {
	}

	/**
	 * Looks for them.
	 * @throws InvalidLockPropertiesException if there is one
	 */
	static void refuse(Environment environment) {
		List<ConfigurationPropertyName> names = names(environment);
		refuse(names, PassedOverProperties::isListed, "written as part of a list, but no property of locks is a list");
		Binder binder = Binder.get(environment);
		refuse(names, (name) -> isBlank(name, binder), "set, but to nothing");
	}

	private static void refuse(List<ConfigurationPropertyName> names, Predicate<ConfigurationPropertyName> condition,
			String why) {
		List<String> refused = names.stream().filter(condition).map(ConfigurationPropertyName::toString).toList();
		if (!refused.isEmpty()) {
			throw new InvalidLockPropertiesException(refused,
					new IllegalArgumentException(String.join(", ", refused) + " is " + why));
		}
	}

	private static List<ConfigurationPropertyName> names(Environment environment) {
		return StreamSupport.stream(ConfigurationPropertySources.get(environment).spliterator(), false)
			.filter(IterableConfigurationPropertySource.class::isInstance)
			.map(IterableConfigurationPropertySource.class::cast)
			.flatMap(IterableConfigurationPropertySource::stream)
			.filter(PREFIX::isAncestorOf)
			.distinct()
			.toList();
	}

	private static boolean isListed(ConfigurationPropertyName name) {
		return name.toString().contains("[");
	}

	private static boolean isBlank(ConfigurationPropertyName name, Binder binder) {
		Object value = binder.bind(name, Bindable.of(Object.class)).orElse(null);
		return value instanceof CharSequence text && text.toString().isBlank() && !name.equals(BACKEND);
	}

}
