package org.crossprocesslock.lease.jdbc;

import java.sql.SQLException;

import org.crossprocesslock.LockStoreException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

class StoreErrorsTests {

	private static final String BOTH = "stub_lock and stub_lease";

	private final StoreErrors errors = new StoreErrors(new StubStatements());

	private LockStoreException of(String tables, String message, String state) {
		return this.errors.of("read key 'a'", tables, new SQLException(message, state));
	}

	@ParameterizedTest
	@CsvSource(delimiter = '|', textBlock = """
			relation "stub_lock" does not exist              | stub_lock
			relation "app.STUB_LEASE" does not exist         | stub_lease
			column kept_until of stub_lock is not in stub_lease | stub_lock
			there is no such schema                          | stub_lock and stub_lease""")
	void aTableThatIsMissingIsNamed(String message, String table) {
		assertThat(of(BOTH, message, "42P01"))
			.hasMessageStartingWith("Could not read key 'a' in stub_lock and stub_lease: table " + table
					+ " is missing or lacks a column")
			.hasMessageContaining("schema-postgresql.sql")
			.hasMessageEndingWith(message)
			.matches(LockStoreException::isPermanent);
	}

	@Test
	void aRightThatIsMissingIsSaidWithTheStatementThatGrantsIt() {
		assertThat(of("stub_lock", "permission denied", "42501"))
			.hasMessageContaining("grant select, insert, update, delete on stub_lock, stub_lease to <user>")
			.matches(LockStoreException::isPermanent);
	}

	@Test
	void whatMayPassIsSaidAsItIs() {
		assertThat(of("stub_lock", "the server is busy", "53300"))
			.hasMessage("Could not read key 'a' in stub_lock: the server is busy")
			.matches((failure) -> !failure.isPermanent());
	}

	@Test
	void anUncheckedExceptionMayPassUnlessADriverSaysInItThatItWillNot() {
		assertThat(this.errors.ofUnchecked("read key 'a'", "stub_lock", new IllegalStateException("a defect")))
			.hasMessage("Could not read key 'a' in stub_lock: java.lang.IllegalStateException: a defect")
			.matches((failure) -> !failure.isPermanent());
		RuntimeException pool = new IllegalStateException("no connection", new SQLException("password", "28P01"));
		assertThat(this.errors.ofUnchecked("read key 'a'", "stub_lock", pool)).matches(LockStoreException::isPermanent);
	}

	@ParameterizedTest
	@ValueSource(strings = { "28P01", "3D000" })
	void aDatabaseThatRefusesEveryAttemptIsNotTriedAgain(String state) {
		assertThat(StoreErrors.unreachable(new SQLException("refused", state)))
			.hasMessage("Could not connect to the database of cross-process locks: refused")
			.matches(LockStoreException::isPermanent);
	}

	@Test
	void aDatabaseThatWasNotFoundIsNotTriedAgainWhicheverItIs() {
		assertThat(StoreErrors.unreachable(new SQLException("no such file", "90146", 90146)).isPermanent()).isTrue();
	}

	@Test
	void aDatabaseThatIsDownMayComeBack() {
		assertThat(StoreErrors.unreachable(new SQLException("refused", "08001")).isPermanent()).isFalse();
	}

}
