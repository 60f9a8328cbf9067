package org.crossprocesslock.lease.jdbc;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.List;

import org.crossprocesslock.Holder;
import org.crossprocesslock.StoredKey;
import org.crossprocesslock.lease.LeaseStore.KeyLook;
import org.crossprocesslock.lease.LeaseStore.LeaseLook;

/** The statements for people who look and put things right, on every product. */
final class InspectionStatements {

	private static final String END_HOLDER = """
			update {lease} set renewals = {last} where lease_id in (
			  select lease_id from {lock} where lock_key = ? and token = ?
			)""";

	/** Frees a key that nobody has any more, only its last grant keeps it. */
	private static final String END_KEEPING = """
			update {lock} set kept_until = null, kept_for = null where lock_key = ? and token = ? and {kept}
			and (lease_id is null or lease_id not in (select lease_id from {lease}))""";

	/** Limited before it is joined, so that no more is read than asked for. */
	private static final String LIST_KEYS = """
			select l.lock_key, l.token, l.lease_id, s.holder, s.expires_at - {clock}, s.renewals = {last},
			       {kept-micros}
			from (select lock_key, token, lease_id, kept_until, kept_for from {lock} where lock_key > ?
			      order by lock_key {limit}) l
			left join {lease} s on s.lease_id = l.lease_id
			order by l.lock_key""";

	private static final String LIST_HOLDERS = """
			select lease_id, holder, expires_at - {clock}, renewals = {last} from {lease} where lease_id > ?
			order by lease_id {limit}""";

	private final LeaseStatements statements;

	InspectionStatements(LeaseStatements statements) {
		this.statements = statements;
	}

	/** Has the lease renewed no more that the key is held by under the token. */
	boolean endHolder(Connection connection, String key, long token) throws SQLException {
		return this.statements.update(connection, this.statements.format(END_HOLDER), key, token) > 0;
	}

	/** Has the last grant of the key, which has the token, not keep it any more. */
	boolean endKeeping(Connection connection, String key, long token) throws SQLException {
		return this.statements.update(connection, this.statements.format(END_KEEPING), key, token) > 0;
	}

	List<StoredKey> keys(Connection connection, String after, int limit) throws SQLException {
		return this.statements.query(connection, this.statements.format(LIST_KEYS), (row) -> {
			String leaseId = row.getString(3);
			return new StoredKey(row.getString(1), row.getLong(2), (leaseId != null) ? holder(leaseId, row, 4) : null,
					LeaseStatements.kept(row, 7));
		}, after, limit);
	}

	List<Holder> holders(Connection connection, String after, int limit) throws SQLException {
		return this.statements.query(connection, this.statements.format(LIST_HOLDERS),
				(row) -> holder(row.getString(1), row, 2), after, limit);
	}

	private static Holder holder(String leaseId, ResultSet row, int column) throws SQLException {
		String name = row.getString(column);
		return (name != null) ? new Holder(leaseId, name, Duration.of(row.getLong(column + 1), ChronoUnit.MICROS),
				row.getBoolean(column + 2)) : new Holder(leaseId, null, null, false);
	}

	/** The same of what a look has found. */
	static StoredKey stored(KeyLook look) {
		LeaseLook lease = look.lease();
		String leaseId = look.leaseId();
		Holder holder = (leaseId == null) ? null
				: (lease != null) ? new Holder(leaseId, lease.holder(), lease.remaining(), isLast(lease.counter()))
						: new Holder(leaseId, null, null, false);
		return new StoredKey(look.key(), look.token(), holder, look.kept());
	}

	private static boolean isLast(long counter) {
		return Long.toString(counter).equals(LeaseStatements.LAST_RENEWAL);
	}

}
