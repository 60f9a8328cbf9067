package org.crossprocesslock.lease;

import java.time.Duration;
import java.util.List;

import org.crossprocesslock.lease.LeaseStore.AcquireOrder;
import org.crossprocesslock.lease.LeaseStore.ReleaseOrder;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/** What the simulated store shows of rows that a fenced transaction has locked. */
class SimulatedStoreTests {

	private static final AcquireOrder KEY = new AcquireOrder("key", null, false);

	private final SimulatedStore store = new SimulatedStore(() -> this.micros, Duration.ofSeconds(1));

	private long micros = 1_000_000;

	@Test
	void aFenceHoldsOnlyForTheLeaseAndTokenInTheRow() {
		long token = taken("a");
		assertThat(this.store.fence("key", "a", token + 1)).isFalse();
		assertThat(this.store.fence("key", "b", token)).isFalse();
		assertThat(this.store.fence("key", "a", token)).isTrue();
	}

	@Test
	void aFencedRowIsBusyUntilTheLastTransactionHasEnded() {
		long token = taken("a");
		this.store.fence("key", "a", token);
		this.store.fence("key", "a", token);
		this.store.endFence("key");
		AcquireOrder order = new AcquireOrder("key", "a", false);
		assertThat(this.store.acquire("b", Long.MAX_VALUE, List.of(order)))
			.hasOnlyElementsOfType(LeaseStore.Busy.class);
		this.store.endFence("key");
		assertThat(this.store.acquire("b", Long.MAX_VALUE, List.of(order)))
			.hasOnlyElementsOfType(LeaseStore.Granted.class);
	}

	@Test
	void aReleaseThatMeetsAFencedRowFreesTheOthersAndSaysSo() {
		long token = taken("a");
		var unused = this.store.acquire("a", Long.MAX_VALUE, List.of(new AcquireOrder("other", null, false)));
		this.store.fence("key", "a", token);
		List<ReleaseOrder> orders = List.of(new ReleaseOrder("key", "a", token),
				new ReleaseOrder("other", "a", this.store.tokenOf("other")));
		assertThat(this.store.release(orders, List.of())).containsExactly("key");
		assertThat(this.store.leaseIdOf("key")).isEqualTo("a");
		assertThat(this.store.leaseIdOf("other")).isNull();
	}

	@Test
	void aFencedRowIsNotPurged() {
		long token = taken("a");
		this.store.fence("key", "a", token);
		this.store.locks.put("key", new SimulatedStore.LockRow(null, token, "a"));
		this.micros += 10_000_000;
		this.store.purge(Duration.ofSeconds(1));
		assertThat(this.store.tokenOf("key")).isEqualTo(token);
		this.store.endFence("key");
		this.store.purge(Duration.ofSeconds(1));
		assertThat(this.store.tokenOf("key")).isZero();
	}

	private long taken(String leaseId) {
		var unused = this.store.acquire(leaseId, Long.MAX_VALUE, List.of(KEY));
		return this.store.tokenOf("key");
	}

}
