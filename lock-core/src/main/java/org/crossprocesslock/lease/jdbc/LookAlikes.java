package org.crossprocesslock.lease.jdbc;

import java.util.Locale;
import java.util.Map;

/**
 * Databases that speak the protocol of another one, so that its driver takes them for it,
 * while row locks, the clock or notifications are not what they are there.
 */
final class LookAlikes {

	/** By what each says of itself somewhere in its version. */
	private static final Map<String, String> PRODUCTS = Map.ofEntries(Map.entry("cockroach", "CockroachDB"),
			Map.entry("-yb-", "YugabyteDB"), Map.entry("redshift", "Amazon Redshift"),
			Map.entry("greenplum", "Greenplum"), Map.entry("cloudberry", "Apache Cloudberry"),
			Map.entry("gauss", "openGauss"), Map.entry("materialize", "Materialize"),
			Map.entry("risingwave", "RisingWave"), Map.entry("cratedb", "CrateDB"), Map.entry("questdb", "QuestDB"),
			Map.entry("cedardb", "CedarDB"), Map.entry("yellowbrick", "Yellowbrick"), Map.entry("dolt", "Dolt"),
			Map.entry("tidb", "TiDB"), Map.entry("vitess", "Vitess"), Map.entry("oceanbase", "OceanBase"),
			Map.entry("singlestore", "SingleStore"), Map.entry("memsql", "SingleStore"),
			Map.entry("starrocks", "StarRocks"), Map.entry("doris", "Apache Doris"),
			Map.entry("matrixone", "MatrixOne"), Map.entry("clickhouse", "ClickHouse"),
			Map.entry("as a galera cluster", "Galera clusters"),
			Map.entry("as a group with several primaries", "groups of MySQL with several primaries"),
			Map.entry("server protocol using h2", "H2 through the protocol of PostgreSQL"));

	private LookAlikes() {
	}

	/**
	 * Refuses a look-alike, whatever dialect was chosen: a statement that locks nothing
	 * does not fail there, so nobody would notice.
	 * @param version what the database says that it is
	 * @throws UnsupportedDatabaseException if it is one
	 */
	static void refuse(String version) {
		String said = version.toLowerCase(Locale.ROOT);
		for (Map.Entry<String, String> lookAlike : PRODUCTS.entrySet()) {
			if (said.contains(lookAlike.getKey())) {
				throw UnsupportedDatabaseException.lookAlike(lookAlike.getValue(), version, Dialect.supported());
			}
		}
	}

}
