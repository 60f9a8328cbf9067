package org.crossprocesslock.autoconfigure;

import java.util.List;
import java.util.stream.StreamSupport;

import org.springframework.boot.context.properties.source.ConfigurationPropertyName;
import org.springframework.boot.context.properties.source.ConfigurationPropertySources;
import org.springframework.boot.context.properties.source.IterableConfigurationPropertySource;
import org.springframework.core.env.Environment;

/**
 * Properties written as lists, as in {@code backend[0]}. All of ours have one value, so
 * that the binder would pass over them and the default would hold, silently.
 */
final class ListedProperties {

	private static final ConfigurationPropertyName PREFIX = ConfigurationPropertyName.of(LockProperties.PREFIX);

	private ListedProperties() {
	}

	/**
	 * Looks for them.
	 * @throws InvalidLockPropertiesException if there is one
	 */
	static void refuse(Environment environment) {
		List<String> listed = names(environment);
		if (!listed.isEmpty()) {
			throw new InvalidLockPropertiesException(listed, new IllegalArgumentException(
					String.join(", ", listed) + " is written as part of a list, but no property of locks is a list"));
		}
	}

	private static List<String> names(Environment environment) {
		return StreamSupport.stream(ConfigurationPropertySources.get(environment).spliterator(), false)
			.filter(IterableConfigurationPropertySource.class::isInstance)
			.map(IterableConfigurationPropertySource.class::cast)
			.flatMap(IterableConfigurationPropertySource::stream)
			.filter((name) -> PREFIX.isAncestorOf(name) && name.toString().contains("["))
			.map(ConfigurationPropertyName::toString)
			.distinct()
			.toList();
	}

}
