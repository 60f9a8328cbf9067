package org.crossprocesslock.lease;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;

import org.crossprocesslock.lease.LeaseStore.KeyLook;
import org.jspecify.annotations.Nullable;

/**
 * What processes tell each other about keys: rule 13 of the protocol. Whoever waits tells
 * the process that has the key; that one tells whoever has waited longest when the key is
 * free, and the line of the others goes along.
 */
final class Wants {

	/**
	 * For so long a new request leaves a key alone that was just given up for another
	 * process, which needs the time to hear of it and to take it.
	 */
	static final Duration YIELD = Duration.ofMillis(10);

	/**
	 * The first pause of those who will be told, in steps of the backoff: long enough to
	 * be told before, short enough for when the notice was lost.
	 */
	static final int PATIENT_STEP = 4;

	private static final int MOST_WAITING = 100;

	private final LeaseKeeper lease;

	private final KeyMemory memory;

	private final ReleaseLane releases;

	private final Attempts attempts;

	private final Lingering lingering;

	/** Leases that have told something before, so that they will again. */
	private final Set<String> talking = Collections.newSetFromMap(new LeaseMemory<>());

	private boolean listening;

	Wants(LeaseKeeper lease, KeyMemory memory, ReleaseLane releases, Attempts attempts, Lingering lingering) {
		this.lease = lease;
		this.memory = memory;
		this.releases = releases;
		this.attempts = attempts;
		this.lingering = lingering;
	}

	/** What is told to the lease arrives, or does not any more. */
	void listening(String leaseId, boolean works) {
		if (this.lease.isOpen(leaseId)) {
			this.listening = works;
		}
	}

	void leaseLost() {
		this.listening = false;
	}

	/** Whether the store is to tell whoever has the key that this process waits. */
	boolean tells(KeyState key) {
		return this.listening && key.waiters.stream().anyMatch((waiter) -> !waiter.expired);
	}

	/** The store has told whoever has the key. */
	void told(KeyState key, KeyLook held) {
		key.toldLeaseId = held.leaseId();
		key.toldToken = held.token();
	}

	/**
	 * Tells whoever has the key, once for each of its grants unless more wait here for
	 * their turn.
	 */
	void tell(KeyState key, KeyLook held) {
		LeaseTerm term = this.lease.open();
		if (!this.listening || term == null || held.leaseId() == null) {
			return;
		}
		List<String> waiting = takeAll(key);
		if (!held.leaseId().equals(key.toldLeaseId) || held.token() != key.toldToken) {
			told(key, held);
			waiting.add(0, term.id());
		}
		if (!waiting.isEmpty()) {
			this.releases.tell(new Notice(held.leaseId(), term.id(), Notice.Kind.WANTED, key.key, waiting));
		}
		if (this.talking.contains(held.leaseId())) {
			key.backoffStep = Math.max(key.backoffStep, PATIENT_STEP);
		}
	}

	void noticed(Notice notice, Instants now) {
		if (!this.lease.isOpen(notice.to())) {
			return;
		}
		this.talking.add(notice.from());
		KeyState key = this.memory.find(notice.key());
		boolean waits = key != null && key.grant == null && !key.waiters.isEmpty() && notice.kind() == Notice.Kind.FREE;
		if (key == null || !(waits || hasOrAsksFor(key))) {
			// they would wait for a release that has been
			pass(notice.key(), new ArrayList<>(notice.waiting()));
			return;
		}
		notice.waiting().stream().filter((leaseId) -> !this.lease.isOpen(leaseId)).forEach(key.wants::add);
		if (waits) {
			this.attempts.want(key);
		}
		else if (!key.wants.isEmpty()) {
			this.lingering.wanted(key, now);
		}
	}

	/** The key is about to be given up for those who want it. */
	void giveWay(KeyState key, Instants now) {
		if (!key.wants.isEmpty()) {
			key.yieldedTo = key.wants.iterator().next();
			key.yieldedUntilNanos = now.nanos() + YIELD.toNanos();
			key.backoffStep = PATIENT_STEP;
		}
	}

	/**
	 * Whether a new request must wait for the turn of another process, which is told so
	 * if need be.
	 */
	boolean mustWait(KeyState key, Instants now) {
		String other = key.yieldedTo;
		LeaseTerm term = this.lease.open();
		key.yieldedTo = null;
		if (other == null || term == null || !now.isBefore(key.yieldedUntilNanos)) {
			return false;
		}
		this.releases.tell(new Notice(other, term.id(), Notice.Kind.WANTED, key.key, List.of(term.id())));
		key.backoffStep = PATIENT_STEP;
		return true;
	}

	/** What is told in one step with the release of the key. */
	@Nullable Notice atRelease(KeyState key) {
		return free(key.key, takeLine(key));
	}

	/** Passes on those who wait for a key that this process does not have. */
	void passOn(KeyState key) {
		if (!key.wants.isEmpty() && !hasOrAsksFor(key)) {
			pass(key.key, takeLine(key));
		}
	}

	private static boolean hasOrAsksFor(KeyState key) {
		return key.grant != null || key.asked || key.releasing > 0;
	}

	private void pass(String key, List<String> line) {
		Notice notice = free(key, line);
		if (notice != null) {
			this.releases.tell(notice);
		}
	}

	private @Nullable Notice free(String key, List<String> line) {
		LeaseTerm term = this.lease.open();
		if (line.isEmpty() || term == null) {
			return null;
		}
		return new Notice(line.get(0), term.id(), Notice.Kind.FREE, key, line.subList(1, line.size()));
	}

	/** The others, and behind them this process if somebody waits here as well. */
	private List<String> takeLine(KeyState key) {
		List<String> line = takeAll(key);
		LeaseTerm term = this.lease.open();
		if (!line.isEmpty() && !key.waiters.isEmpty() && this.listening && term != null) {
			line.add(term.id());
		}
		return line;
	}

	/** So many that a notice takes them; the others look, and tell again. */
	private static List<String> takeAll(KeyState key) {
		List<String> taken = new ArrayList<>(key.wants.stream().limit(MOST_WAITING).toList());
		key.wants.clear();
		return taken;
	}

}
