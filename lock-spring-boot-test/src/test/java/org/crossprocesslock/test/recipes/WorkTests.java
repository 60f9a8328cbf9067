package org.crossprocesslock.test.recipes;

import java.math.BigDecimal;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;

import org.crossprocesslock.LockGuard;
import org.crossprocesslock.LockKeys;
import org.crossprocesslock.LockLostException;
import org.crossprocesslock.LockManager;
import org.crossprocesslock.LockMode;
import org.crossprocesslock.LockRequest;
import org.crossprocesslock.LockTimeoutException;
import org.crossprocesslock.autoconfigure.LockProperties.Backend;
import org.crossprocesslock.test.AutoConfigureCrossProcessLock;

import org.crossprocesslock.test.BusyKey;
import org.crossprocesslock.test.LockTester;
import org.crossprocesslock.test.recipes.Outbox.Message;
import org.junit.jupiter.api.Test;

import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.test.annotation.DirtiesContext;
import org.springframework.test.annotation.DirtiesContext.ClassMode;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Tests that the recipes do what they say where transactions are really fenced.
 */
@SuppressWarnings("NullAway.Init") // Spring sets them
@SpringBootTest(properties = { "spring.batch.job.enabled=false", "cross-process-lock.fencing=auto" })
@AutoConfigureCrossProcessLock(backend = Backend.JDBC)
@DirtiesContext(classMode = ClassMode.AFTER_EACH_TEST_METHOD)
class WorkTests {

	private static final String STOCK = LockKeys.of("stock", "nail");

	@Autowired
	private LockTester locks;

	@Autowired
	private OrderService orders;

	@Autowired
	private BatchWork work;

	@Autowired
	private Invoices invoices;

	@Autowired
	private Reports reports;

	@Autowired
	private Stock stock;

	@Autowired
	private Outbox outbox;

	@Autowired
	private SearchIndex index;

	@Autowired
	private JdbcClient jdbc;

	@Test
	void annotatedTransactionIsFenced() {
		assertThat(this.locks.run(() -> this.orders.bill(1))).heldOnly("billing-1").releasedAll();
		this.locks.loseNext("billing-2");
		assertThat(this.locks.run(() -> this.orders.bill(2))).failedWith(LockLostException.class);
		assertThat(rows("invoice")).isEqualTo(1);
	}

	@Test
	void reportRunsOnce() {
		assertThat(this.locks.run(this.orders::report)).heldOnly("nightly-report");
		assertThat(this.locks.run(this.orders::report)).heldNothing();
		assertThat(this.reports.written()).isEqualTo(1);
	}

	@Test
	void transactionInsideOfACallIsFenced() {
		nails();
		assertThat(this.locks.run(() -> this.orders.reserve("nail"))).heldOnly(STOCK).releasedAll();
		this.locks.loseNext(STOCK);
		assertThat(this.locks.run(() -> this.orders.reserve("nail"))).failedWith(LockLostException.class);
		assertThat(this.stock.left("nail")).isEqualTo(9);
	}

	@Test
	void transactionUnderGuardsIsFenced() {
		nails();
		assertThat(this.locks.run(() -> this.orders.reserveAll(Set.of("nail")))).heldOnly(STOCK).releasedAll();
		this.locks.loseNext(STOCK);
		assertThat(this.locks.run(() -> this.orders.reserveAll(Set.of("nail")))).failedWith(LockLostException.class);
		assertThat(this.stock.left("nail")).isEqualTo(9);
	}

	@Test
	void guardHandsItsTokenOn() throws Exception {
		nails();
		assertThat(this.orders.reserveElsewhere("nail")).isTrue();
		assertThat(this.orders.reserveIfFree("nail")).isTrue();
		assertThat(this.stock.reserve("nail", 1)).as("a late writer").isFalse();
		try (BusyKey busy = this.locks.busy(STOCK)) {
			assertThat(this.orders.reserveIfFree("nail")).isFalse();
		}
		assertThat(this.stock.left("nail")).isEqualTo(8);
	}

	@Test
	void longBatchStopsAtTheNextCommitWhenItsLockIsLost() {
		LongStream.range(0, 250).forEach(this.invoices::add);
		this.locks.loseNext("archive");
		assertThat(this.locks.run(this.work::archive)).failedWith(LockLostException.class);
		assertThat(rows("archive")).isZero();
		assertThat(this.locks.run(this.work::archive)).heldOnly("archive").releasedAll();
		assertThat(rows("archive")).isEqualTo(250);
	}

	@Test
	void messageIsSentAgainWhenItCouldNotBeMarked() {
		this.outbox.write(1, "paid");
		this.locks.loseNext("outbox");
		assertThat(this.locks.run(this.work::sendMessages)).failedWith(LockLostException.class);
		assertThat(this.locks.run(this.work::sendMessages)).heldOnly("outbox").releasedAll();
		assertThat(this.locks.run(this.work::sendMessages)).heldOnly("outbox");
		Message paid = new Message(1, "paid");
		assertThat(this.work.sent()).isEqualTo(List.of(paid, paid));
	}

	@Test
	void severalKeysAreTakenTogether() {
		assertThat(this.locks.run(() -> this.work.transfer(1, 2, BigDecimal.TEN))).held("account-1")
			.held("account-2")
			.releasedAll();
		assertThat(this.locks.run(() -> this.work.close(3, 4))).held("account-3").held("account-4").releasedAll();
	}

	@Test
	void threadsOfAProcessShareAKeyThatIsBusyForOthers() throws Exception {
		LockManager manager = this.locks.lockManager();
		CompletableFuture<LockGuard> shared;
		CompletableFuture<Void> added;
		try (LockGuard before = manager.lock("index", Duration.ZERO)) {
			// those who wait are let in together, others only for a moment where nobody
			// tells them of who waits elsewhere
			shared = manager
				.lockAsync(LockRequest.of("index", Duration.ofMinutes(1)).withMode(LockMode.SHARED_IN_PROCESS));
			added = CompletableFuture.runAsync(() -> this.index.add("a"));
			await().until(() -> manager.inspection().orElseThrow().report("index").waiting(),
					(waiting) -> waiting != null && waiting.requests() == 2);
			assertThat(before.isHeld()).isTrue();
		}
		try (LockGuard another = shared.get(1, TimeUnit.MINUTES)) {
			added.get(1, TimeUnit.MINUTES);
			this.index.rebuild();
			assertThat(this.index.size()).isOne();
			assertThat(another.isHeld()).isTrue();
		}
		this.index.rebuild();
		assertThat(this.index.size()).isZero();
	}

	@Test
	void reactiveWorkHoldsItsLockUntilItIsDone() {
		assertThat(this.locks.run(() -> this.work.refreshPrice("nail").block())).heldOnly("price-nail").releasedAll();
		try (BusyKey busy = this.locks.busy("price-nail")) {
			assertThat(this.locks.run(() -> this.work.refreshPrice("nail").block()))
				.failedWith(LockTimeoutException.class);
		}
	}

	private void nails() {
		this.jdbc.sql("insert into stock values ('nail', 10, 0)").update();
	}

	private int rows(String table) {
		return this.jdbc.sql("select count(*) from " + table).query(Integer.class).single();
	}

}
