package org.crossprocesslock.test.shop;

import org.crossprocesslock.LockLostException;
import org.crossprocesslock.LockManager;
import org.crossprocesslock.autoconfigure.LockBackend;
import org.crossprocesslock.autoconfigure.LockProperties.Backend;
import org.crossprocesslock.memory.MemoryLockManager;
import org.crossprocesslock.test.AutoConfigureCrossProcessLock;
import org.crossprocesslock.test.LockTester;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.jdbc.test.autoconfigure.JdbcTest;
import org.springframework.context.annotation.Import;
import org.springframework.transaction.annotation.Propagation;
import org.springframework.transaction.annotation.Transactional;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for slices with a database, with and without the annotation.
 */
@SuppressWarnings("NullAway.Init") // Spring sets them
class SliceTests {

	@Nested
	@JdbcTest
	@Import({ Billing.class, Invoices.class })
	class WithoutAnnotation {

		@Autowired
		private LockManager locks;

		@Autowired
		private Billing billing;

		@Test
		void locksAreInMemory() {
			assertThat(this.locks).isInstanceOf(MemoryLockManager.class);
			this.billing.bill(1);
		}

	}

	@Nested
	@JdbcTest
	@AutoConfigureCrossProcessLock
	@Import({ Billing.class, Invoices.class })
	@Transactional(propagation = Propagation.NOT_SUPPORTED)
	class WithAnnotation {

		@Autowired
		private LockTester locks;

		@Autowired
		private LockBackend backend;

		@Autowired
		private Billing billing;

		@Autowired
		private Invoices invoices;

		@Test
		void locksAreInMemoryAndTested() {
			assertThat(this.backend.name()).isEqualTo("memory");
			this.locks.loseNext("invoice-1");
			assertThat(this.locks.run(() -> this.billing.bill(1))).failedWith(LockLostException.class);
			assertThat(this.invoices.count()).isZero();
		}

	}

	@Nested
	@JdbcTest
	@AutoConfigureCrossProcessLock(backend = Backend.JDBC)
	class WithAnotherBackend {

		@Autowired
		private LockBackend backend;

		@Test
		void locksAreWhereTheTestSays() {
			assertThat(this.backend.name()).isEqualTo("jdbc");
		}

	}

}
