package org.crossprocesslock.lease.jdbc;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

import org.crossprocesslock.lease.jdbc.LeaseStatements.Survey;
import org.crossprocesslock.lease.jdbc.LeaseStatements.TableKey;

/**
 * What PostgreSQL knows of the tables. Asked outside of {@code begin} and {@code commit}:
 * it may be another database.
 */
final class PostgresCatalog {

	/**
	 * All in one statement, since a start waits for its answer. A table is where its name
	 * leads by the rules of the database; or else where there is such a table that the
	 * user has no right to see; or else where it would be created. Without a schema to
	 * create anything in it stays as it is. In the quotes of the database. Row-level
	 * security hides rows: a lease that is not seen would pass for dead. An index counts
	 * that is checked at once, for all rows and for the first column alone: no other one
	 * stops an insert. A crash empties an unlogged table, and a standby has nothing of
	 * it; a temporary one is there for one session.
	 */
	private static final String SURVEY = """
			with wanted as (
			  select name, columns, place, parse_ident(name) as parts
			  from (values (?::text, '{{lease-columns}}'::text[], 1),
			               (?, '{{lock-columns}}', 2)) as n (name, columns, place)
			),
			path as (
			  select case when trim(e) in ('"$user"', '$user') then current_user::text else trim(e, ' "') end as schema, place
			  from unnest(string_to_array(current_setting('search_path'), ',')) with ordinality as p (e, place)
			),
			found as (
			  select w.*, coalesce(
			    case when w.parts[2] is null then to_regclass(w.name)::oid end,
			    (select c.oid from pg_catalog.pg_class c
			     join pg_catalog.pg_namespace n on n.oid = c.relnamespace
			     left join path on path.schema = n.nspname
			     where c.relname = coalesce(w.parts[2], w.parts[1])
			     and case when w.parts[2] is null then path.schema is not null else n.nspname = w.parts[1] end
			     order by path.place limit 1)) as oid
			  from wanted w
			)
			select coalesce(quote_ident(n.nspname) || '.' || quote_ident(c.relname),
			         case when f.parts[2] is null
			         then quote_ident(current_schema()) || '.' || quote_ident(f.parts[1]) end, f.name),
			       f.columns[1], quote_ident(current_user),
			       case when not has_schema_privilege(n.oid, 'usage') then quote_ident(n.nspname) end,
			       (select string_agg(p.privilege, ', ' order by p.place)
			        from unnest(array['select', 'insert', 'update', 'delete']) with ordinality as p (privilege, place)
			        where not has_table_privilege(c.oid, p.privilege)),
			       row_security_active(c.oid),
			       (select count(*) from pg_catalog.pg_attribute a
			        where a.attrelid = c.oid and a.attname = any(f.columns) and not a.attisdropped)
			         = cardinality(f.columns),
			       c.oid is null or exists (select from pg_catalog.pg_index i
			         join pg_catalog.pg_attribute a on a.attrelid = i.indrelid and a.attnum = i.indkey[0]
			         where i.indrelid = c.oid and i.indisunique and i.indimmediate and i.indisvalid
			         and i.indpred is null and i.indnkeyatts = 1 and a.attname = f.columns[1]),
			       c.relpersistence = 'u', c.relpersistence = 't'
			from found f
			left join pg_catalog.pg_class c on c.oid = f.oid
			left join pg_catalog.pg_namespace n on n.oid = c.relnamespace
			order by f.place"""
		.replace("{lease-columns}", LeaseStatements.LEASE_COLUMNS)
		.replace("{lock-columns}", LeaseStatements.LOCK_COLUMNS);

	private PostgresCatalog() {
	}

	/** Where the names of the tables lead, and what is there. */
	static Survey survey(Connection connection, TableNames tables) throws SQLException {
		try (PreparedStatement statement = PostgresStatements.prepareUnnamed(connection, SURVEY)) {
			LeaseStatements.bind(statement, tables.leaseName(), tables.lockName());
			try (ResultSet row = statement.executeQuery()) {
				Findings findings = new Findings();
				TableKey lease = findings.read(row);
				TableKey lock = findings.read(row);
				return new Survey(tables.at(lease.table(), lock.table()), findings.condition());
			}
		}
	}

	/** Texts in the first column of whatever a query answers. */
	static List<String> texts(Connection connection, String sql, Object... parameters) throws SQLException {
		try (PreparedStatement statement = PostgresStatements.prepareUnnamed(connection, sql)) {
			LeaseStatements.bind(statement, parameters);
			try (ResultSet row = statement.executeQuery()) {
				List<String> texts = new ArrayList<>();
				while (row.next()) {
					texts.add(row.getString(1));
				}
				return texts;
			}
		}
	}

	/** About both tables, read one after the other. */
	private static final class Findings {

		private final Set<String> usageGrants = new LinkedHashSet<>();

		private final List<String> grants = new ArrayList<>();

		private final List<String> policies = new ArrayList<>();

		private final List<String> keys = new ArrayList<>();

		private boolean complete = true;

		/** Reads the next row and answers which table it is about. */
		TableKey read(ResultSet row) throws SQLException {
			row.next();
			TableKey key = new TableKey(row.getString(1), row.getString(2));
			String to = " to " + row.getString(3);
			String schema = row.getString(4);
			if (schema != null) {
				this.usageGrants.add("grant usage on schema " + schema + to);
			}
			String rights = row.getString(5);
			if (rights != null) {
				this.grants.add("grant " + rights + " on " + key.table() + to);
			}
			if (row.getBoolean(6)) {
				this.policies.add("alter table " + key.table() + " disable row level security");
			}
			this.complete &= row.getBoolean(7);
			if (!row.getBoolean(8)) {
				this.keys.add(LeaseStatements.addKey(key));
			}
			if (row.getBoolean(9)) {
				this.keys
					.add("alter table " + key.table() + " set logged /* instead of unlogged, which a crash empties */");
			}
			if (row.getBoolean(10)) {
				this.keys.add("drop table " + key.table() + " /* which is temporary, for one session */");
			}
			return key;
		}

		JdbcLeaseSchema.Condition condition() {
			List<String> missing = new ArrayList<>(this.usageGrants);
			missing.addAll(this.grants);
			missing.addAll(this.policies);
			return new JdbcLeaseSchema.Condition(missing, missing.isEmpty() && this.complete, this.keys);
		}

	}

}
