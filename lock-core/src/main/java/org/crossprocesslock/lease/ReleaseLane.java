package org.crossprocesslock.lease;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.OptionalLong;
import java.util.function.Consumer;

import org.crossprocesslock.engine.Backoff;
import org.crossprocesslock.lease.LeaseStore.ReleaseOrder;
import org.jspecify.annotations.Nullable;

/**
 * What is to be said to the store about keys that are given up, and to other processes,
 * and the one statement of these that is under way (rule 11). Beside {@link KeyLane},
 * whose acquires wait for the disk: neither waits for the other.
 */
final class ReleaseLane {

	/**
	 * A release on its way, the guard that waits for it if there is one, and how often
	 * the row has been found locked.
	 */
	record Releasing(KeyState key, ReleaseOrder order, @Nullable Hold hold, int lockedTimes) {

	}

	private final LeaseOptions options;

	private final LeaseKeeper lease;

	private final UnflushedReleases unflushed;

	private final Consumer<Effect> effects;

	private final Deque<Releasing> toRelease = new ArrayDeque<>();

	private final Deque<Notice> toTell = new ArrayDeque<>();

	/** What has found its row locked: others do not wait for it. */
	private final Schedule<Releasing> toTryAgain;

	private final List<Releasing> releasesUnderWay = new ArrayList<>();

	private boolean underWay;

	ReleaseLane(LeaseOptions options, LeaseKeeper lease, UnflushedReleases unflushed, Instants now,
			Consumer<Effect> effects) {
		this.options = options;
		this.toTryAgain = new Schedule<>(now.nanos());
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
		this.toRelease.add(new Releasing(key, new ReleaseOrder(key.key, leaseId, token), hold, 0));
	}

	/**
	 * The row was found locked: releases it again, which nobody waits for. At once for
	 * the first time, since most locks are those of somebody who has found the key taken.
	 */
	void again(Releasing locked, Instants now) {
		locked.key().rowLocked = true;
		int times = locked.lockedTimes();
		long pause = (times > 0) ? Backoff.pause(this.options.initialBackoff(), this.options.maxBackoff(), times - 1)
				: 0;
		this.toTryAgain.set(new Releasing(locked.key(), locked.order(), null, times + 1), now.nanos() + pause);
	}

	/** The lease is lost: its rows are free without being released. */
	void forgetLocked() {
		for (Releasing each : this.toTryAgain.takeAll()) {
			each.key().releasing--;
			each.key().rowLocked = false;
		}
	}

	void tell(Notice notice) {
		this.toTell.add(notice);
	}

	OptionalLong nextWake() {
		return this.underWay ? OptionalLong.empty() : this.toTryAgain.next();
	}

	void dispatch(Wants wants, Instants now) {
		if (!this.underWay) {
			this.toRelease.addAll(this.toTryAgain.takeDue(now.nanos()));
		}
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
			return mayTell ? new Command.Release(List.of(), takeNotices()) : null;
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
