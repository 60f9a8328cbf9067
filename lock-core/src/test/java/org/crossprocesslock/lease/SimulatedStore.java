package org.crossprocesslock.lease;

import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.LongSupplier;

import org.jspecify.annotations.Nullable;

/**
 * The two tables in memory, with statements that are single steps, as a database shows
 * them at READ COMMITTED. Time is given from outside. Open to tests that break it.
 */
class SimulatedStore implements LeaseStore {

	/** Few, so that a purge is full within a schedule. */
	static final int PURGE_ROWS = 2;

	record LeaseRow(String holder, long expiresAt, long duration, long counter) {

	}

	record LockRow(@Nullable String leaseId, long token, String lastLeaseId, long keptUntil, long keptFor) {

		LockRow(@Nullable String leaseId, long token, String lastLeaseId) {
			this(leaseId, token, lastLeaseId, 0, 0);
		}

	}

	/** A grant and what it was to keep, in microseconds of the clock. */
	record LastGrant(String key, long token, long until, long keep) {

	}

	/** How others see a row, and for how long. */
	private record Uncommitted(@Nullable LockRow before, long untilMicros) {

	}

	// ordered, so that a seed replays exactly
	final Map<String, LeaseRow> leases = new LinkedHashMap<>();

	final Map<String, LockRow> locks = new LinkedHashMap<>();

	/** How many fenced transactions keep the row share-locked. */
	private final Map<String, Integer> fences = new HashMap<>();

	/** The rows before releases that a crash may undo, the earliest first. */
	private final Map<String, LockRow> unflushed = new LinkedHashMap<>();

	private int crashes;

	private int failOvers;

	/**
	 * For so long the commit of an acquire waits for the disk: others find the row locked
	 * by then, and see it as it was before.
	 */
	Duration commit = Duration.ZERO;

	/** The rows before acquires that are being committed. */
	private final Map<String, Uncommitted> uncommitted = new HashMap<>();

	/** Who passes on what processes tell each other. */
	Consumer<Notice> notices = (notice) -> {
	};

	/** The last grants of keys, apart from the rows. */
	private final Map<String, LastGrant> lastGrants = new HashMap<>();

	/** Grants whose key was taken before they were to let go of it. */
	final Set<LastGrant> takenEarly = new HashSet<>();

	private final LongSupplier clockMicros;

	private final Duration answerLimit;

	SimulatedStore(LongSupplier clockMicros, Duration answerLimit) {
		this.clockMicros = clockMicros;
		this.answerLimit = answerLimit;
	}

	@Override
	public synchronized Kept open(String leaseId, String holder, Duration duration) {
		if (this.leases.containsKey(leaseId)) {
			throw new IllegalStateException("Lease id " + leaseId + " was used twice");
		}
		long micros = duration.toNanos() / 1000;
		flush();
		this.leases.put(leaseId, new LeaseRow(holder, now() + micros, micros, 0));
		return kept();
	}

	@Override
	public synchronized Optional<Kept> renew(String leaseId) {
		flush();
		LeaseRow row = this.leases.get(leaseId);
		if (row == null || row.counter() == Long.MAX_VALUE) {
			return Optional.empty();
		}
		this.leases.put(leaseId, new LeaseRow(row.holder(), now() + row.duration(), row.duration(), row.counter() + 1));
		return Optional.of(kept());
	}

	/** Has the lease renewed no more that the key is held by under the token. */
	synchronized void endLease(String key, long token) {
		flush();
		LockRow row = this.locks.get(key);
		if (row != null && row.leaseId() != null && row.token() == token) {
			endNextTime(row.leaseId());
		}
	}

	void endNextTime(String leaseId) {
		this.leases.computeIfPresent(leaseId,
				(id, lease) -> new LeaseRow(lease.holder(), lease.expiresAt(), lease.duration(), Long.MAX_VALUE));
	}

	private Kept kept() {
		int alive = (int) this.leases.values().stream().filter((lease) -> lease.expiresAt() > now()).count();
		return new Kept(now(), session(), alive);
	}

	/** Ends with every crash. */
	String session() {
		return "after " + this.crashes + " crashes of server " + this.failOvers;
	}

	@Override
	public synchronized void end(String leaseId) {
		flush();
		this.leases.remove(leaseId);
	}

	@Override
	public synchronized int takeOver(String holder) {
		flush();
		int before = this.leases.size();
		this.leases.values().removeIf((row) -> row.holder().equals(holder));
		return before - this.leases.size();
	}

	@Override
	public synchronized List<AcquireResult> acquire(String leaseId, long notAfter, List<AcquireOrder> orders) {
		return orders.stream().map((order) -> acquire(leaseId, notAfter, order)).toList();
	}

	private AcquireResult acquire(String leaseId, long notAfter, AcquireOrder order) {
		String key = order.key();
		LockRow row = this.locks.get(key);
		if (isTooLate(notAfter)) {
			return new TooLate(key);
		}
		Uncommitted taken = this.uncommitted.get(key);
		if (taken != null && now() < taken.untilMicros()) {
			return new Busy(look(key, taken.before()));
		}
		if (isFenced(key) || isKept(row) || !mayTake(row, leaseId, order)) {
			KeyLook seen = seenByAcquire(key);
			if (order.waits() && seen.leaseId() != null && !seen.leaseId().equals(leaseId) && isAlive(seen.leaseId())) {
				this.notices.accept(new Notice(seen.leaseId(), leaseId, Notice.Kind.WANTED, key, List.of(leaseId)));
			}
			return new Busy(seen);
		}
		flush();
		long token = nextToken(row);
		long keep = order.keep().toNanos() / 1000;
		this.locks.put(key, new LockRow(leaseId, token, leaseId, (keep > 0) ? now() + keep : 0, keep));
		LastGrant last = this.lastGrants.put(key, new LastGrant(key, token, now() + keep, keep));
		if (last != null && last.until() > now() && last.until() - now() <= 2 * last.keep()) {
			this.takenEarly.add(last);
		}
		if (!this.commit.isZero()) {
			this.uncommitted.put(key, new Uncommitted(row, now() + this.commit.toNanos() / 1000));
		}
		return new Granted(key, token, (row != null) ? row.lastLeaseId() : null);
	}

	/** Nobody is to keep the key any more. */
	void endKeeping(String key) {
		this.lastGrants.remove(key);
	}

	synchronized boolean isKept(String key) {
		return isKept(this.locks.get(key));
	}

	boolean isKept(@Nullable LockRow row) {
		return row != null && row.keptUntil() > now() && row.keptUntil() - now() <= 2 * row.keptFor();
	}

	boolean isTooLate(long notAfter) {
		return now() > notAfter;
	}

	KeyLook seenByAcquire(String key) {
		return look(key);
	}

	boolean mayTake(@Nullable LockRow row, String leaseId, AcquireOrder order) {
		return row == null || row.leaseId() == null || row.leaseId().equals(order.deadLeaseId());
	}

	long nextToken(@Nullable LockRow row) {
		return Math.max((row != null) ? row.token() + TOKENS_PER_GRANT : 0, now());
	}

	@Override
	public synchronized Set<String> release(List<ReleaseOrder> orders, List<Notice> notices) {
		Set<String> locked = new HashSet<>();
		for (ReleaseOrder order : orders) {
			LockRow row = this.locks.get(order.key());
			if (row != null && isMeant(row, order)) {
				if (isFenced(order.key())) {
					locked.add(order.key());
				}
				else {
					this.locks.put(order.key(), released(order, row));
				}
			}
		}
		notices.forEach(this.notices);
		return locked;
	}

	private LockRow released(ReleaseOrder order, LockRow row) {
		if (row.leaseId() != null) {
			this.unflushed.put(order.key(), row);
		}
		return order.unused() ? new LockRow(null, row.token(), row.lastLeaseId())
				: new LockRow(null, row.token(), row.lastLeaseId(), row.keptUntil(), row.keptFor());
	}

	boolean isMeant(LockRow row, ReleaseOrder order) {
		return Objects.equals(row.leaseId(), order.leaseId()) && row.token() == order.token();
	}

	@Override
	public synchronized Looked look(List<String> keys) {
		return new Looked(now(), keys.stream().map(this::look).toList());
	}

	KeyLook look(String key) {
		return look(key, this.locks.get(key));
	}

	private KeyLook look(String key, @Nullable LockRow row) {
		if (row == null) {
			return new KeyLook(key, null, 0, null);
		}
		LeaseRow lease = (row.leaseId() != null) ? this.leases.get(row.leaseId()) : null;
		LeaseLook seen = (lease != null)
				? new LeaseLook(lease.holder(), Duration.ofNanos((lease.expiresAt() - now()) * 1000),
						Duration.ofNanos(lease.duration() * 1000), lease.counter())
				: null;
		Duration kept = isKept(row) ? Duration.ofNanos((row.keptUntil() - now()) * 1000) : null;
		return new KeyLook(key, row.leaseId(), row.token(), seen, kept);
	}

	@Override
	public synchronized boolean reap(String leaseId) {
		flush();
		LeaseRow row = this.leases.get(leaseId);
		return row != null && row.expiresAt() <= now() && this.leases.remove(leaseId) != null;
	}

	@Override
	public synchronized boolean reapUnchanged(String leaseId, long counter) {
		flush();
		LeaseRow row = this.leases.get(leaseId);
		return row != null && row.counter() == counter && this.leases.remove(leaseId) != null;
	}

	@Override
	public synchronized boolean purge(Duration age) {
		flush();
		long before = now() - age.toNanos() / 1000;
		List<String> unused = this.locks.entrySet()
			.stream()
			.filter((lock) -> !isFenced(lock.getKey()) && isUnused(lock.getValue(), before))
			.map(Map.Entry::getKey)
			.limit(PURGE_ROWS)
			.toList();
		unused.forEach(this.locks::remove);
		this.leases.entrySet()
			.removeIf((lease) -> lease.getValue().expiresAt() <= now() && (lease.getValue().expiresAt() <= before
					|| this.locks.values().stream().noneMatch((row) -> lease.getKey().equals(row.leaseId()))));
		return unused.size() == PURGE_ROWS;
	}

	boolean isUnused(LockRow row, long before) {
		return (row.leaseId() == null || !this.leases.containsKey(row.leaseId())) && row.token() < before
				&& !isKept(row);
	}

	/** Whatever is written and flushed takes along what was written before it. */
	void flush() {
		this.unflushed.clear();
	}

	/** How many releases a crash would undo at most. */
	synchronized int unflushed() {
		return this.unflushed.size();
	}

	/** The store ends and comes back without its last releases. */
	synchronized void crash(int undone) {
		this.unflushed.entrySet()
			.stream()
			.skip(this.unflushed.size() - undone)
			.forEach((release) -> this.locks.put(release.getKey(), release.getValue()));
		this.unflushed.clear();
		this.crashes++;
	}

	/** Another server takes over, whose row of the key is the one of an earlier time. */
	synchronized void failOver(String key, LockRow before) {
		crash(0);
		this.failOvers++;
		this.locks.put(key, before);
	}

	/**
	 * The fence check of a transaction: keeps the row locked until {@link #endFence} if
	 * it still carries the lease id and the token.
	 */
	synchronized boolean fence(String key, String leaseId, long token) {
		boolean valid = isFencedFor(this.locks.get(key), leaseId, token);
		if (valid) {
			this.fences.merge(key, 1, Integer::sum);
		}
		return valid;
	}

	boolean isFencedFor(@Nullable LockRow row, String leaseId, long token) {
		return row != null && leaseId.equals(row.leaseId()) && row.token() == token;
	}

	/** The transaction has committed or rolled back. */
	synchronized void endFence(String key) {
		this.fences.computeIfPresent(key, (name, open) -> (open > 1) ? open - 1 : null);
	}

	synchronized boolean isFenced(String key) {
		return this.fences.containsKey(key);
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

	synchronized boolean carries(String key, String leaseId, long token) {
		LockRow row = this.locks.get(key);
		return row != null && leaseId.equals(row.leaseId()) && row.token() == token;
	}

	/** The token in the row of the key, zero if there is none. */
	synchronized long tokenOf(String key) {
		LockRow row = this.locks.get(key);
		return (row != null) ? row.token() : 0;
	}

	/** Whether the row is not kept and names no lease, or one that is gone. */
	synchronized boolean isFree(String key) {
		String leaseId = leaseIdOf(key);
		return !isKept(key) && (leaseId == null || !this.leases.containsKey(leaseId));
	}

	synchronized boolean isAlive(String leaseId) {
		LeaseRow row = this.leases.get(leaseId);
		return row != null && row.expiresAt() > now();
	}

	synchronized boolean hasLease(String leaseId) {
		return this.leases.containsKey(leaseId);
	}

	synchronized int leaseCount() {
		return this.leases.size();
	}

	long now() {
		return this.clockMicros.getAsLong();
	}

}
