package org.crossprocesslock.lease.jdbc;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

import org.crossprocesslock.lease.jdbc.LeaseStatements.TableKey;

/**
 * What PostgreSQL knows of the tables. Asked outside of {@code begin} and {@code commit}:
 * it may be another database.
 */
final class PostgresCatalog {

	/**
	 * Where the name leads by the rules of the database; or else where there is such a
	 * table that the user has no right to see; or else where it would be created. Without
	 * a schema to create anything in it stays as it is. In the quotes of the database.
	 */
	private static final String FIND = """
			with path as (
			  select case when trim(e) in ('"$user"', '$user') then current_user::text else trim(e, ' "') end as schema, place
			  from unnest(string_to_array(current_setting('search_path'), ',')) with ordinality as p (e, place)
			)
			select coalesce(
			  (select quote_ident(n.nspname) || '.' || quote_ident(c.relname)
			   from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
			   where c.oid = case when w.parts[2] is null then to_regclass(w.name) end),
			  (select quote_ident(n.nspname) || '.' || quote_ident(c.relname)
			   from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
			   left join path on path.schema = n.nspname
			   where c.relname = coalesce(w.parts[2], w.parts[1])
			   and case when w.parts[2] is null then path.schema is not null else n.nspname = w.parts[1] end
			   order by path.place limit 1),
			  case when w.parts[2] is null then quote_ident(current_schema()) || '.' || quote_ident(w.parts[1]) end,
			  w.name)
			from (select name, place, parse_ident(name) as parts
			      from (values (?::text, 1), (?::text, 2)) as n (name, place)) w
			order by w.place""";

	/** Row-level security hides rows: a lease that is not seen would pass for dead. */
	private static final String MISSING_GRANTS = """
			with found as (
			  select w.name, w.place, c.oid as table_id, n.oid as schema_id, n.nspname
			  from (values (?::text, 1), (?::text, 2)) as w (name, place)
			  join pg_catalog.pg_namespace n on n.nspname = (parse_ident(w.name))[1]
			  join pg_catalog.pg_class c on c.relnamespace = n.oid and c.relname = (parse_ident(w.name))[2]
			)
			select distinct 'grant usage on schema ' || quote_ident(nspname) || ' to ' || quote_ident(current_user)
			from found where not has_schema_privilege(schema_id, 'usage')
			union all (
			  select 'grant ' || string_agg(p.privilege, ', ' order by p.place) || ' on ' || f.name || ' to '
			         || quote_ident(current_user)
			  from found f,
			       unnest(array['select', 'insert', 'update', 'delete']) with ordinality as p (privilege, place)
			  where not has_table_privilege(f.table_id, p.privilege)
			  group by f.name, f.place order by f.place
			)
			union all
			select 'alter table ' || name || ' disable row level security'
			from found where row_security_active(table_id)""";

	/**
	 * One that is checked at once, for all rows and for the column alone: no other one
	 * stops an insert.
	 */
	private static final String IS_UNIQUE = """
			select bool_or(coalesce(i.indisunique and i.indimmediate and i.indisvalid and i.indpred is null
			  and i.indnkeyatts = 1 and a.attname = w.parts[3], false))
			from (select parse_ident(?) || ? as parts) w
			join pg_catalog.pg_namespace n on n.nspname = w.parts[1]
			join pg_catalog.pg_class c on c.relnamespace = n.oid and c.relname = w.parts[2]
			left join pg_catalog.pg_index i on i.indrelid = c.oid
			left join pg_catalog.pg_attribute a on a.attrelid = c.oid and a.attnum = i.indkey[0]""";

	/**
	 * A crash empties an unlogged table, and a standby has nothing of it; a temporary one
	 * is there for one session.
	 */
	private static final String NOT_KEPT = """
			select case c.relpersistence
			       when 'u' then 'alter table ' || w.name || ' set logged /* instead of unlogged, which a crash empties */'
			       else 'drop table ' || w.name || ' /* which is temporary, for one session */' end
			from (values (?::text, 1), (?::text, 2)) as w (name, place)
			join pg_catalog.pg_namespace n on n.nspname = (parse_ident(w.name))[1]
			join pg_catalog.pg_class c on c.relnamespace = n.oid and c.relname = (parse_ident(w.name))[2]
			where c.relpersistence <> 'p'
			order by w.place""";

	private PostgresCatalog() {
	}

	static TableNames find(Connection connection, TableNames tables) throws SQLException {
		List<String> names = texts(connection, FIND, tables.lease(), tables.lock());
		return tables.at(names.get(0), names.get(1));
	}

	static List<String> missingGrants(Connection connection, TableNames tables) throws SQLException {
		return texts(connection, MISSING_GRANTS, tables.leaseName(), tables.lockName());
	}

	static boolean isUnique(Connection connection, TableKey key) throws SQLException {
		return !"f".equals(texts(connection, IS_UNIQUE, key.table(), key.column()).get(0));
	}

	static List<String> notKept(Connection connection, TableNames tables) throws SQLException {
		return texts(connection, NOT_KEPT, tables.leaseName(), tables.lockName());
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

}
