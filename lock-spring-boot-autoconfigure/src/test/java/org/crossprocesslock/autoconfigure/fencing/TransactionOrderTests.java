package org.crossprocesslock.autoconfigure.fencing;

import org.crossprocesslock.Fencing;
import org.crossprocesslock.annotation.CrossProcessLocked;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Lazy;
import org.springframework.core.Ordered;
import org.springframework.transaction.annotation.EnableTransactionManagement;
import org.springframework.transaction.annotation.Transactional;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/**
 * Tests for transactions that would begin before the lock of their method is taken.
 */
@ExtendWith(OutputCaptureExtension.class)
class TransactionOrderTests {

	private static final String TOLD = "begins before the lock is taken";

	private final ApplicationContextRunner usual = new FencedApplication().runner();

	private final ApplicationContextRunner outside = new FencedApplication().runner()
		.withUserConfiguration(OutsideOfLocks.class);

	@Test
	void isToldOnceWithTheOrders(CapturedOutput output) {
		this.outside.withBean(Accounts.class).withBean(MoreAccounts.class).run((context) -> {
			assertThat(context).hasNotFailed();
			assertThat(output).containsOnlyOnce(TOLD)
				.contains("transactions has order " + Ordered.HIGHEST_PRECEDENCE)
				.contains("that of locks " + (Ordered.LOWEST_PRECEDENCE - 100))
				.contains("@EnableTransactionManagement");
		});
	}

	@Test
	void isRefusedWhereTheMethodRequiresFencing() {
		this.outside.withBean(Ledger.class)
			.run((context) -> assertThat(context).getFailure()
				.hasMessageContaining("Ledger.post")
				.hasMessageContaining("begin before the lock is taken"));
	}

	@Test
	void isRefusedWhereThePropertyRequiresFencing() {
		this.outside.withBean(Accounts.class)
			.withPropertyValues("cross-process-lock.fencing=required")
			.run((context) -> assertThat(context).getFailure()
				.hasMessageContaining("Accounts.post")
				.hasMessageContaining("begin before the lock is taken"));
	}

	@Test
	void isRefusedInABeanThatIsMadeLater() {
		this.outside.withUserConfiguration(LazyLedger.class).run((context) -> {
			assertThat(context).hasNotFailed();
			assertThatThrownBy(() -> context.getBean(LazyLedger.class)).rootCause()
				.hasMessageContaining("LazyLedger.post")
				.hasMessageContaining("begin before the lock is taken");
		});
	}

	@Test
	void nothingIsToldWhereLocksAreOutside(CapturedOutput output) {
		this.usual.withBean(Accounts.class)
			.withBean(Ledger.class)
			.withPropertyValues("cross-process-lock.fencing=required")
			.run((context) -> assertThat(context).hasNotFailed());
		assertThat(output).doesNotContain(TOLD);
	}

	@Test
	void theOrderOfLocksCanBeMovedOutsideOfTransactions(CapturedOutput output) {
		ApplicationContextRunner ordered = new FencedApplication().runner()
			.withUserConfiguration(Ordered100.class)
			.withBean(Accounts.class);
		ordered.withPropertyValues("cross-process-lock.annotation.order=99", "cross-process-lock.fencing=required")
			.run((context) -> assertThat(context).hasNotFailed());
		assertThat(output).doesNotContain(TOLD);
		ordered.withPropertyValues("cross-process-lock.annotation.order=101", "cross-process-lock.fencing=required")
			.run((context) -> assertThat(context).getFailure()
				.hasMessageContaining("transactions has order 100, that of locks 101")
				.hasMessageContaining("cross-process-lock.annotation.order"));
	}

	@Test
	void nothingIsToldOfAMethodWithoutATransaction(CapturedOutput output) {
		this.outside.withBean(Unrelated.class)
			.withPropertyValues("cross-process-lock.fencing=required")
			.run((context) -> assertThat(context).hasNotFailed());
		assertThat(output).doesNotContain(TOLD);
	}

	@Configuration(proxyBeanMethods = false)
	@EnableTransactionManagement(proxyTargetClass = true, order = Ordered.HIGHEST_PRECEDENCE)
	static class OutsideOfLocks {

	}

	@Configuration(proxyBeanMethods = false)
	@EnableTransactionManagement(proxyTargetClass = true, order = 100)
	static class Ordered100 {

	}

	static class Accounts {

		@CrossProcessLocked(key = "accounts")
		@Transactional
		public void post() {
		}

	}

	static class MoreAccounts extends Accounts {

	}

	static class Ledger {

		@CrossProcessLocked(key = "ledger", fencing = Fencing.REQUIRED)
		@Transactional
		public void post() {
		}

	}

	@Lazy
	@Configuration(proxyBeanMethods = false)
	static class LazyLedger extends Ledger {

		@Override
		@CrossProcessLocked(key = "ledger", fencing = Fencing.REQUIRED)
		@Transactional
		public void post() {
		}

	}

	static class Unrelated {

		@CrossProcessLocked(key = "unrelated")
		public void locked() {
		}

		@Transactional
		public void transactional() {
		}

	}

}
