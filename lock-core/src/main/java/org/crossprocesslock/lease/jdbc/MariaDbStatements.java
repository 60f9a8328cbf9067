package org.crossprocesslock.lease.jdbc;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.stream.Stream;

import org.crossprocesslock.engine.TimeSource;

/** MariaDB, where an update can refuse to wait for a row. */
final class MariaDbStatements extends MySqlStatements {

	/**
	 * Flushes the log once: an insert of what a select finds flushes it twice (11.4). A
	 * locked row ends it with an error, which would be logged by the driver, so it is
	 * caught in the server: nothing is changed then.
	 */
	private static final String CHANGE = """
			begin not atomic declare exit handler for 1205 begin end;
			set statement innodb_lock_wait_timeout = 0 for
			update {lock} s {primary} set {change} where {condition}; end""";

	private MariaDbStatements(TableNames tables, Limits limits) {
		super(tables, limits, Dialect.MARIADB);
	}

	static LeaseStatements of(TableNames tables, Limits limits) {
		return new MariaDbStatements(tables, limits);
	}

	/**
	 * If one of several rows is locked the others are changed in the other way. So is
	 * what has waited, since a locked row ends it at once and a locked table does not:
	 * the other way says so.
	 */
	@Override
	int change(Connection connection, int rows, String condition, List<?> conditionParameters, String change,
			List<?> changeParameters) throws SQLException {
		long started = TimeSource.SYSTEM.nanos();
		int changed = update(connection, about(CHANGE, 0).replace("{condition}", condition).replace("{change}", change),
				Stream.concat(changeParameters.stream(), conditionParameters.stream()).toArray());
		boolean waited = TimeSource.SYSTEM.nanos() - started > limits().lockWait().toNanos() / 2;
		return (changed > 0 || (rows == 1 && !waited)) ? changed
				: super.change(connection, rows, condition, conditionParameters, change, changeParameters);
	}

}
