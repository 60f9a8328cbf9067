package org.crossprocesslock.lease.jdbc;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import java.sql.Statement;
import java.util.ConcurrentModificationException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;

import javax.sql.DataSource;

import org.crossprocesslock.Background;
import org.h2.api.ErrorCode;
import org.h2.message.DbException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.postgresql.ds.PGSimpleDataSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

/** What errors of the databases mean, where it can be had as the database raises them. */
class ErrorMeaningTests {

	private static final DataSource POSTGRES = EmbeddedPostgresServer.newDatabase();

	private static ErrorMeaning postgres(SQLException ex) {
		return ErrorMeaning.of(ex, ErrorMeaning.POSTGRESQL);
	}

	private static void execute(Connection connection, String sql) throws SQLException {
		try (Statement statement = connection.createStatement()) {
			statement.execute(sql);
		}
	}

	/** PostgreSQL raises whatever one tells it to. */
	@ParameterizedTest
	@CsvSource({ "40001,MADE_WAY", "40P01,MADE_WAY", "55P03,LOCKED", "22001,BAD_ROW", "22021,BAD_ROW", "23505,BAD_ROW",
			"23514,BAD_ROW", "44000,BAD_ROW", "0A000,STALE_SESSION", "25006,STALE_SESSION", "26000,STALE_SESSION",
			"42P05,STALE_SESSION", "42P01,MISSING", "42703,MISSING", "3F000,MISSING", "42501,NO_RIGHT",
			"28000,PERMANENT", "28P01,PERMANENT", "3D000,PERMANENT", "0P000,PERMANENT", "42601,PERMANENT",
			"42883,PERMANENT", "08000,TEMPORARY", "08001,TEMPORARY", "08003,TEMPORARY", "08004,TEMPORARY",
			"08006,TEMPORARY", "08P01,TEMPORARY", "25P02,TEMPORARY", "25P03,TEMPORARY", "25P04,TEMPORARY",
			"53000,TEMPORARY", "53100,TEMPORARY", "53200,TEMPORARY", "53300,TEMPORARY", "53400,TEMPORARY",
			"55006,TEMPORARY", "57014,TEMPORARY", "57P01,TEMPORARY", "57P02,TEMPORARY", "57P03,TEMPORARY",
			"58030,TEMPORARY", "XX000,TEMPORARY" })
	void stateOfPostgres(String state, ErrorMeaning meaning) throws Exception {
		try (Connection connection = POSTGRES.getConnection()) {
			SQLException ex = catchThrowableOfType(SQLException.class, () -> execute(connection,
					"do $$ begin raise exception 'so it is' using errcode = '" + state + "'; end $$"));
			assertThat(ex.getSQLState()).isEqualTo(state);
			assertThat(postgres(ex)).isEqualTo(meaning);
		}
	}

	@ParameterizedTest
	@CsvSource(delimiter = '|', textBlock = """
			create table planned (id int); prepare plan as select * from planned; \
			alter table planned alter id type bigint; execute plan | cached plan must not change result type
			execute gone                                           | prepared statement "gone" does not exist
			prepare twice as select 1; prepare twice as select 1   | prepared statement "twice" already exists
			begin read only; create table written (id int)         | cannot execute CREATE TABLE in a read-only
			""")
	void sessionThatIsStale(String statements, String message) throws Exception {
		try (Connection connection = POSTGRES.getConnection()) {
			SQLException ex = catchThrowableOfType(SQLException.class, () -> execute(connection, statements));
			assertThat(ex.getMessage()).contains(message);
			assertThat(postgres(ex)).isEqualTo(ErrorMeaning.STALE_SESSION);
		}
	}

	@Test
	void loginsThatAreRefused() throws Exception {
		assertThat(postgres(refused((database) -> database.setDatabaseName("nowhere"))))
			.isEqualTo(ErrorMeaning.PERMANENT);
		assertThat(postgres(refused((database) -> database.setUser("nobody")))).isEqualTo(ErrorMeaning.PERMANENT);
		try (Connection connection = POSTGRES.getConnection()) {
			execute(connection, "create role crowded login connection limit 0");
		}
		assertThat(postgres(refused((database) -> database.setUser("crowded")))).isEqualTo(ErrorMeaning.TEMPORARY);
		assertThat(postgres(refused((database) -> database.setPortNumbers(new int[] { 1 }))))
			.isEqualTo(ErrorMeaning.TEMPORARY);
	}

	/** Codes and states as the servers send them. */
	@ParameterizedTest
	@CsvSource({ "40001,1213,MADE_WAY", "HY000,1020,MADE_WAY", "HY000,1412,MADE_WAY", "40001,1205,LOCKED",
			"HY000,1205,LOCKED", "HY000,3572,LOCKED", "23000,1062,BAD_ROW", "22001,1406,BAD_ROW", "HY000,3819,BAD_ROW",
			"23000,4025,BAD_ROW", "HY000,1366,BAD_ROW", "22003,1690,BAD_ROW", "HY000,1290,STALE_SESSION",
			"25006,1792,STALE_SESSION", "HY000,1836,STALE_SESSION", "HY000,1243,STALE_SESSION", "42S02,1146,MISSING",
			"42S22,1054,MISSING", "42000,1049,MISSING", "42000,1142,NO_RIGHT", "42000,1044,NO_RIGHT",
			"28000,1045,PERMANENT", "3D000,1046,PERMANENT", "42000,1064,PERMANENT", "HY000,1273,PERMANENT",
			"08004,1040,TEMPORARY", "42000,1203,TEMPORARY", "42000,1226,TEMPORARY", "08S01,1053,TEMPORARY",
			"70100,1317,TEMPORARY", "70100,1969,TEMPORARY", "08S01,0,TEMPORARY", "08000,-1,TEMPORARY",
			"HY000,1021,TEMPORARY", "HY000,22,TEMPORARY", "HY000,23,TEMPORARY", "HY000,28,TEMPORARY",
			"HY000,42,TEMPORARY" })
	void codeOfMySqlAndMariaDb(String state, int code, ErrorMeaning meaning) {
		SQLException ex = new SQLException("so it is", state, code);
		assertThat(ErrorMeaning.of(ex, ErrorMeaning.MYSQL)).isEqualTo(meaning);
		assertThat(ErrorMeaning.isPermanentAnywhere(new SQLException("no connection", "08001", ex)))
			.isEqualTo(meaning.isPermanent());
	}

	private static SQLException refused(java.util.function.Consumer<PGSimpleDataSource> change) {
		PGSimpleDataSource database = new PGSimpleDataSource();
		database.setUrl(((PGSimpleDataSource) POSTGRES).getUrl());
		change.accept(database);
		return catchThrowableOfType(SQLException.class, () -> database.getConnection().close());
	}

	@Test
	void sessionThatIsEnded() throws Exception {
		try (Connection connection = POSTGRES.getConnection()) {
			assertThat(postgres(catchThrowableOfType(SQLException.class,
					() -> execute(connection, "select pg_terminate_backend(pg_backend_pid())"))))
				.isEqualTo(ErrorMeaning.TEMPORARY);
		}
	}

	@Test
	void whatAPoolMakesOfIt() {
		SQLException password = new SQLException("password authentication failed", "28P01");
		assertThat(postgres(new SQLTransientConnectionException("no connection", null, password)))
			.isEqualTo(ErrorMeaning.PERMANENT);
		assertThat(postgres(new SQLException("no connection", "08001", new IllegalStateException("pool", password))))
			.isEqualTo(ErrorMeaning.PERMANENT);
		assertThat(postgres(new SQLTransientConnectionException("no connection", "08001")))
			.isEqualTo(ErrorMeaning.TEMPORARY);
		assertThat(postgres(new SQLException("no state"))).isEqualTo(ErrorMeaning.TEMPORARY);
	}

	@Test
	void causesThatLeadInACircleAreGoneThroughOnce() throws Exception {
		SQLException first = new SQLException("first");
		SQLException second = new SQLException("second", first);
		first.initCause(second);
		assertThat(Background.call(() -> postgres(first)).join()).isEqualTo(ErrorMeaning.TEMPORARY);
		assertThat(Background.call(() -> ErrorMeaning.isPermanentAnywhere(first)).join()).isFalse();
		assertThat(Background.call(() -> EndedSession.isSaidBy(first)).join()).isFalse();
	}

	/** As H2 makes it, in this process and as a server sends it: without the cause. */
	@Test
	void statementOfH2ThatMetAChangeOfItsTablesIsAskedAgain() {
		SQLException met = DbException.toSQLException(new ConcurrentModificationException());
		assertThat(ErrorMeaning.of(met, ErrorMeaning.H2)).isEqualTo(ErrorMeaning.MADE_WAY);
		assertThat(ErrorMeaning.of(new SQLException(met.getMessage(), met.getSQLState(), met.getErrorCode()),
				ErrorMeaning.H2))
			.isEqualTo(ErrorMeaning.MADE_WAY);
		assertThat(ErrorMeaning.of(DbException.toSQLException(new IllegalStateException()), ErrorMeaning.H2))
			.isEqualTo(ErrorMeaning.TEMPORARY);
	}

	/** The errors as H2 makes them. */
	@Test
	void codesOfH2() {
		Map<Integer, ErrorMeaning> meanings = Map.ofEntries(Map.entry(ErrorCode.DEADLOCK_1, ErrorMeaning.MADE_WAY),
				Map.entry(ErrorCode.CONCURRENT_UPDATE_1, ErrorMeaning.MADE_WAY),
				Map.entry(ErrorCode.LOCK_TIMEOUT_1, ErrorMeaning.MADE_WAY),
				Map.entry(ErrorCode.DUPLICATE_KEY_1, ErrorMeaning.BAD_ROW),
				Map.entry(ErrorCode.VALUE_TOO_LONG_2, ErrorMeaning.BAD_ROW),
				Map.entry(ErrorCode.CHECK_CONSTRAINT_VIOLATED_1, ErrorMeaning.BAD_ROW),
				Map.entry(ErrorCode.TABLE_OR_VIEW_NOT_FOUND_1, ErrorMeaning.MISSING),
				Map.entry(ErrorCode.TABLE_OR_VIEW_NOT_FOUND_WITH_CANDIDATES_2, ErrorMeaning.MISSING),
				Map.entry(ErrorCode.TABLE_OR_VIEW_NOT_FOUND_DATABASE_EMPTY_1, ErrorMeaning.MISSING),
				Map.entry(ErrorCode.COLUMN_NOT_FOUND_1, ErrorMeaning.MISSING),
				Map.entry(ErrorCode.SCHEMA_NOT_FOUND_1, ErrorMeaning.MISSING),
				Map.entry(ErrorCode.ADMIN_RIGHTS_REQUIRED, ErrorMeaning.NO_RIGHT),
				Map.entry(ErrorCode.NOT_ENOUGH_RIGHTS_FOR_1, ErrorMeaning.NO_RIGHT),
				Map.entry(ErrorCode.WRONG_USER_OR_PASSWORD, ErrorMeaning.PERMANENT),
				Map.entry(ErrorCode.DATABASE_NOT_FOUND_WITH_IF_EXISTS_1, ErrorMeaning.PERMANENT),
				Map.entry(ErrorCode.REMOTE_DATABASE_NOT_FOUND_1, ErrorMeaning.PERMANENT),
				Map.entry(ErrorCode.DATABASE_IS_READ_ONLY, ErrorMeaning.PERMANENT),
				Map.entry(ErrorCode.REMOTE_CONNECTION_NOT_ALLOWED, ErrorMeaning.PERMANENT),
				Map.entry(ErrorCode.FEATURE_NOT_SUPPORTED_1, ErrorMeaning.PERMANENT),
				Map.entry(ErrorCode.SYNTAX_ERROR_1, ErrorMeaning.PERMANENT),
				Map.entry(ErrorCode.CONNECTION_BROKEN_1, ErrorMeaning.TEMPORARY),
				Map.entry(ErrorCode.DATABASE_IS_CLOSED, ErrorMeaning.TEMPORARY),
				Map.entry(ErrorCode.DATABASE_CALLED_AT_SHUTDOWN, ErrorMeaning.TEMPORARY),
				Map.entry(ErrorCode.DATABASE_ALREADY_OPEN_1, ErrorMeaning.TEMPORARY),
				Map.entry(ErrorCode.DATABASE_IS_IN_EXCLUSIVE_MODE, ErrorMeaning.TEMPORARY),
				Map.entry(ErrorCode.OBJECT_CLOSED, ErrorMeaning.TEMPORARY),
				Map.entry(ErrorCode.STATEMENT_WAS_CANCELED, ErrorMeaning.TEMPORARY),
				Map.entry(ErrorCode.IO_EXCEPTION_2, ErrorMeaning.TEMPORARY),
				Map.entry(ErrorCode.OUT_OF_MEMORY, ErrorMeaning.TEMPORARY),
				Map.entry(ErrorCode.GENERAL_ERROR_1, ErrorMeaning.TEMPORARY));
		meanings.forEach((code,
				meaning) -> assertThat(
						ErrorMeaning.of(DbException.get(code, "a", "b").getSQLException(), ErrorMeaning.H2))
					.as("code %d", code)
					.isEqualTo(meaning));
	}

	@Test
	void lockedRowAndMissingTableOfH2() throws Exception {
		DataSource database = H2JdbcLeaseStoreTests.inMemory();
		try (Connection holder = database.getConnection(); Connection other = database.getConnection()) {
			execute(holder, "create table t (id int primary key)");
			execute(holder, "insert into t values (1)");
			holder.setAutoCommit(false);
			execute(holder, "select * from t for update");
			execute(other, "set lock_timeout 1");
			List<Callable<SQLException>> errors = List.of(
					() -> catchThrowableOfType(SQLException.class, () -> execute(other, "delete from t")),
					() -> catchThrowableOfType(SQLException.class, () -> execute(other, "delete from u")));
			assertThat(ErrorMeaning.of(errors.get(0).call(), ErrorMeaning.H2)).isEqualTo(ErrorMeaning.MADE_WAY);
			assertThat(ErrorMeaning.of(errors.get(1).call(), ErrorMeaning.H2)).isEqualTo(ErrorMeaning.MISSING);
		}
	}

}
