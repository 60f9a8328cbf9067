package org.crossprocesslock.autoconfigure;

import org.crossprocesslock.lease.jdbc.JdbcLeaseStore;

/**
 * Beans of this type have the last word on the auto-configured store of leases. They are
 * called at start, in their order, after all properties have been applied.
 * <p>
 * The tables and the dialect belong to the properties: the tables have been looked for,
 * and perhaps created, before. The lease duration has to be that of the manager.
 * </p>
 *
 * @since 0.1.0
 */
@FunctionalInterface
public interface JdbcLeaseStoreBuilderCustomizer {

	/**
	 * Changes settings.
	 * @param builder the settings so far
	 */
	void customize(JdbcLeaseStore.Builder builder);

}
