package org.crossprocesslock.lease;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.function.Consumer;

import org.crossprocesslock.lease.LeaseStore.ReleaseOrder;
import org.jspecify.annotations.Nullable;

/**
 * What is to be said to the store about keys that are given up, and to other processes,
 * and the one statement of these that is under way (rule 11). Beside {@link KeyLane},
 * whose acquires wait for the disk: neither waits for the other.
 */
final class ReleaseLane {

	/** A release on its way, and the guard that waits for it if there is one. */
	record Releasing(KeyState key, ReleaseOrder order, @Nullable Hold hold) {

	}

	private final LeaseKeeper lease;

	private final UnflushedReleases unflushed;

	private final Consumer<Effect> effects;

	private final Deque<Releasing> toRelease = new ArrayDeque<>();

	private final Deque<Notice> toTell = new ArrayDeque<>();

	private final List<Releasing> releasesUnderWay = new ArrayList<>();

	private boolean underWay;

	ReleaseLane(LeaseKeeper lease, UnflushedReleases unflushed, Consumer<Effect> effects) {
		this.lease = lease;
		this.unflushed = unflushed;
		this.effects = effects;
	}

	/** Queues a release; from now on this token never becomes a guard (rule 8). */
	void release(KeyState key, String leaseId, long token, @Nullable Hold hold) {
		if (this.lease.isOpen(leaseId)) {
			key.highestReleased = Math.max(key.highestReleased, token);
			this.unflushed.sent(key.key);
		}
		key.releasing++;
		this.toRelease.add(new Releasing(key, new ReleaseOrder(key.key, leaseId, token), hold));
	}

	void tell(Notice notice) {
		this.toTell.add(notice);
	}

	void dispatch(Wants wants) {
		Command.OnKeys command = this.underWay ? null : next(wants);
		if (command != null) {
			this.underWay = true;
			this.effects.accept(new Effect.RunOnKeys(command));
		}
	}

	boolean isQuiet() {
		return !this.underWay && this.toRelease.isEmpty();
	}

	/** The releases of the statement that has just ended. */
	List<Releasing> answered() {
		this.underWay = false;
		List<Releasing> ended = List.copyOf(this.releasesUnderWay);
		this.releasesUnderWay.clear();
		return ended;
	}

	private Command.@Nullable OnKeys next(Wants wants) {
		if (this.toRelease.isEmpty()) {
			boolean mayTell = !this.toTell.isEmpty() && this.lease.open() != null;
			return mayTell ? new Command.Tell(takeNotices()) : null;
		}
		List<Notice> notices = new ArrayList<>();
		while (!this.toRelease.isEmpty() && this.releasesUnderWay.size() < KeyLane.MAX_BATCH) {
			Releasing next = this.toRelease.remove();
			this.releasesUnderWay.add(next);
			Notice notice = wants.atRelease(next.key());
			if (notice != null) {
				notices.add(notice);
			}
		}
		notices.addAll(takeNotices());
		return new Command.Release(this.releasesUnderWay.stream()
			.map(Releasing::order)
			.sorted(Comparator.comparing(ReleaseOrder::key))
			.toList(), notices);
	}

	private List<Notice> takeNotices() {
		List<Notice> notices = new ArrayList<>();
		while (!this.toTell.isEmpty() && notices.size() < KeyLane.MAX_BATCH) {
			notices.add(this.toTell.remove());
		}
		return notices;
	}

}
