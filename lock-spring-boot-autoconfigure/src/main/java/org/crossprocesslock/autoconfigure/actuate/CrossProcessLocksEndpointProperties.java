package org.crossprocesslock.autoconfigure.actuate;

import java.util.HashSet;
import java.util.Set;

import org.springframework.boot.actuate.endpoint.Show;
import org.springframework.boot.context.properties.ConfigurationProperties;

/**
 * Properties of the {@link CrossProcessLocksEndpoint}.
 *
 * @since 0.1.0
 */
@ConfigurationProperties(CrossProcessLocksEndpointProperties.PREFIX)
public class CrossProcessLocksEndpointProperties {

	static final String PREFIX = "management.endpoint.crossprocesslocks";

	static final String SHOW_KEYS = PREFIX + ".show-keys";

	/**
	 * Who sees the keys of locks, which may be personal data. Others see asterisks, and
	 * cannot ask for a key.
	 */
	private Show showKeys = Show.WHEN_AUTHORIZED;

	/**
	 * Roles of which one is needed to see keys when that is for the authorized only. If
	 * empty, everybody who is authenticated is authorized.
	 */
	private final Set<String> roles = new HashSet<>();

	/**
	 * Who sees keys.
	 * @return who
	 */
	public Show getShowKeys() {
		return this.showKeys;
	}

	/**
	 * Sets who sees keys.
	 * @param showKeys who
	 */
	public void setShowKeys(Show showKeys) {
		this.showKeys = showKeys;
	}

	/**
	 * Roles of which one is needed.
	 * @return the roles
	 */
	public Set<String> getRoles() {
		return this.roles;
	}

}
