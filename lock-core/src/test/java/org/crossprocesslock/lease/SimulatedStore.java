package org.crossprocesslock.lease;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.LongSupplier;

import org.jspecify.annotations.Nullable;

/**
 * The two tables in memory, with statements that are single steps, as a database shows
 * them at READ COMMITTED. Time is given from outside.
 */
final class SimulatedStore implements LeaseStore {

	private record LeaseRow(String holder, long expiresAt, long duration, long counter) {

	}

	private record LockRow(@Nullable String leaseId, long token, String lastLeaseId) {

	}

	private final Map<String, LeaseRow> leases = new HashMap<>();

	private final Map<String, LockRow> locks = new HashMap<>();

	private final LongSupplier clockMicros;

	private final Duration answerLimit;

	SimulatedStore(LongSupplier clockMicros, Duration answerLimit) {
		this.clockMicros = clockMicros;
		this.answerLimit = answerLimit;
	}

	@Override
	public synchronized void open(String leaseId, String holder, Duration duration) {
		if (this.leases.containsKey(leaseId)) {
			throw new IllegalStateException("Lease id " + leaseId + " was used twice");
		}
		long micros = duration.toNanos() / 1000;
		this.leases.put(leaseId, new LeaseRow(holder, now() + micros, micros, 0));
	}

	@Override
	public synchronized boolean renew(String leaseId) {
		return this.leases.computeIfPresent(leaseId, (id, row) -> new LeaseRow(row.holder(), now() + row.duration(),
				row.duration(), row.counter() + 1)) != null;
	}

	@Override
	public synchronized void end(String leaseId) {
		this.leases.remove(leaseId);
	}

	@Override
	public synchronized int takeOver(String holder) {
		int before = this.leases.size();
		this.leases.values().removeIf((row) -> row.holder().equals(holder));
		return before - this.leases.size();
	}

	@Override
	public synchronized List<AcquireResult> acquire(String leaseId, List<AcquireOrder> orders) {
		List<AcquireResult> results = new ArrayList<>();
		for (AcquireOrder order : orders) {
			LockRow row = this.locks.get(order.key());
			if (row == null || row.leaseId() == null || row.leaseId().equals(order.deadLeaseId())) {
				long token = Math.max((row != null) ? row.token() + TOKENS_PER_GRANT : 0, now());
				this.locks.put(order.key(), new LockRow(leaseId, token, leaseId));
				results.add(new Granted(order.key(), token, (row != null) ? row.lastLeaseId() : null));
			}
			else {
				results.add(new Busy(order.key(), row.leaseId().equals(leaseId) ? row.token() : 0));
			}
		}
		return results;
	}

	@Override
	public synchronized void release(List<ReleaseOrder> orders) {
		for (ReleaseOrder order : orders) {
			this.locks.computeIfPresent(order.key(),
					(key, row) -> (Objects.equals(row.leaseId(), order.leaseId()) && row.token() == order.token())
							? new LockRow(null, row.token(), row.lastLeaseId()) : row);
		}
	}

	@Override
	public synchronized List<KeyLook> look(List<String> keys) {
		List<KeyLook> looks = new ArrayList<>();
		for (String key : keys) {
			LockRow row = this.locks.get(key);
			LeaseRow lease = (row != null && row.leaseId() != null) ? this.leases.get(row.leaseId()) : null;
			looks.add(
					new KeyLook(key, (row != null) ? row.leaseId() : null, (row != null) ? row.token() : 0,
							(lease != null) ? new LeaseLook(lease.holder(),
									Duration.ofNanos((lease.expiresAt() - now()) * 1000),
									Duration.ofNanos(lease.duration() * 1000), lease.counter()) : null));
		}
		return looks;
	}

	@Override
	public synchronized boolean reap(String leaseId) {
		LeaseRow row = this.leases.get(leaseId);
		return row != null && row.expiresAt() <= now() && this.leases.remove(leaseId) != null;
	}

	@Override
	public synchronized boolean reapUnchanged(String leaseId, long counter) {
		LeaseRow row = this.leases.get(leaseId);
		return row != null && row.counter() == counter && this.leases.remove(leaseId) != null;
	}

	@Override
	public synchronized void purge(Duration age) {
		long before = now() - age.toNanos() / 1000;
		this.locks.values().removeIf((row) -> row.leaseId() == null && row.token() < before);
		this.leases.entrySet()
			.removeIf((lease) -> lease.getValue().expiresAt() <= now()
					&& this.locks.values().stream().noneMatch((row) -> lease.getKey().equals(row.leaseId())));
	}

	@Override
	public Duration answerLimit() {
		return this.answerLimit;
	}

	@Override
	public void close() {
	}

	/** The ids of the leases under the name, what a take-over reads first. */
	synchronized List<String> leasesOf(String holder) {
		return this.leases.entrySet()
			.stream()
			.filter((lease) -> lease.getValue().holder().equals(holder))
			.map(Map.Entry::getKey)
			.toList();
	}

	/** The lease id in the row of the key, for assertions. */
	synchronized @Nullable String leaseIdOf(String key) {
		LockRow row = this.locks.get(key);
		return (row != null) ? row.leaseId() : null;
	}

	synchronized boolean isAlive(String leaseId) {
		LeaseRow row = this.leases.get(leaseId);
		return row != null && row.expiresAt() > now();
	}

	synchronized int leaseCount() {
		return this.leases.size();
	}

	private long now() {
		return this.clockMicros.getAsLong();
	}

}
