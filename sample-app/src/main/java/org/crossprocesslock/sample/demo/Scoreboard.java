package org.crossprocesslock.sample.demo;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;

import org.jspecify.annotations.Nullable;

/** What the demo knows from the events of its workers. Used by one thread. */
final class Scoreboard {

	private final int orders;

	private final boolean locked;

	private final Mishap mishap;

	private final Map<Integer, Integer> numbered = new TreeMap<>();

	private final List<String> failures = new ArrayList<>();

	private int ready;

	private int running;

	private int holder;

	private long token;

	private boolean held;

	private int victim;

	private long struckAt;

	private boolean overtaken;

	private boolean continued;

	private boolean failed;

	private @Nullable Duration takeOver;

	Scoreboard(int orders, int workers, boolean locked, Mishap mishap) {
		this.orders = orders;
		this.mishap = mishap;
		this.locked = locked;
		this.running = workers;
		for (int worker = 1; worker <= workers; worker++) {
			this.numbered.put(worker, 0);
		}
	}

	void record(Sighting sighting) {
		int worker = sighting.worker();
		switch (sighting.event().kind()) {
			case READY -> this.ready++;
			case ACQUIRED -> acquired(sighting);
			case RELEASED -> released(sighting);
			case NUMBERED -> {
				this.numbered.merge(worker, 1, Integer::sum);
				this.overtaken |= this.takeOver != null && worker != this.victim;
			}
			case FAILED -> this.failed |= worker == this.victim;
			case EXITED -> exited(sighting);
			case LOST, STALLED, FINISHED -> {
			}
		}
	}

	private void acquired(Sighting sighting) {
		// pipes are read by several threads: only a greater token is news
		if (sighting.event().number() <= this.token) {
			return;
		}
		if (this.struckAt != 0 && this.takeOver == null && sighting.worker() != this.victim) {
			this.takeOver = Duration.ofNanos(sighting.nanoTime() - this.struckAt);
		}
		this.holder = sighting.worker();
		this.token = sighting.event().number();
		this.held = true;
	}

	private void released(Sighting sighting) {
		if (sighting.event().number() == this.token) {
			this.held = false;
		}
	}

	private void exited(Sighting sighting) {
		this.running--;
		boolean killed = this.mishap == Mishap.KILLED && this.struckAt != 0 && sighting.worker() == this.victim;
		if (sighting.event().number() != 0 && !killed) {
			this.failures.add("worker " + sighting.worker() + " ended with exit code " + sighting.event().number());
		}
	}

	boolean allReady() {
		return this.ready == this.numbered.size();
	}

	/** Whether there is nothing more to come. */
	boolean isOver() {
		boolean failedToStart = !allReady() && !this.failures.isEmpty();
		return this.running == 0 || failedToStart;
	}

	void fail(String failure) {
		this.failures.add(failure);
	}

	/**
	 * Names the worker to strike, once, in the middle of the run: the one that has the
	 * lock or had it last, so that it soon stands in the middle of an invoice.
	 */
	Optional<Integer> chooseVictim() {
		if (this.victim != 0 || total() * 2 < this.orders || total() == 0) {
			return Optional.empty();
		}
		this.victim = this.locked ? this.holder : busiest();
		return Optional.of(this.victim);
	}

	void struck(long nanoTime) {
		this.struckAt = nanoTime;
	}

	/**
	 * Names the worker to continue, once, after another has committed what it had begun.
	 */
	Optional<Integer> chooseToContinue() {
		if (this.mishap != Mishap.STOPPED || this.continued || !this.overtaken) {
			return Optional.empty();
		}
		this.continued = true;
		return Optional.of(this.victim);
	}

	/** Whether a worker was continued with its work half done. */
	boolean isContinued() {
		return this.continued;
	}

	/** Whether that worker was told that it had lost the lock. */
	boolean isContinuedInVain() {
		return this.continued && this.failed;
	}

	int victim() {
		return this.victim;
	}

	Optional<Duration> takeOver() {
		return Optional.ofNullable(this.takeOver);
	}

	List<String> failures() {
		return this.failures;
	}

	String progress() {
		String each = this.numbered.entrySet()
			.stream()
			.map((entry) -> "worker " + entry.getKey() + ": " + entry.getValue()
					+ (this.struckAt != 0 && entry.getKey() == this.victim ? fate() : ""))
			.collect(Collectors.joining(", "));
		return String.format(Locale.ROOT, "%5d numbered of %d | %s | %s", total(), this.orders, lock(), each);
	}

	private String fate() {
		if (this.mishap == Mishap.KILLED) {
			return " (killed)";
		}
		return this.continued ? " (continued)" : " (stopped)";
	}

	private String lock() {
		if (!this.locked) {
			return "no lock";
		}
		if (!this.held) {
			return "lock free, last token " + this.token;
		}
		return "lock held by worker " + this.holder + ", token " + this.token;
	}

	private int total() {
		return this.numbered.values().stream().mapToInt(Integer::intValue).sum();
	}

	private int busiest() {
		return this.numbered.entrySet().stream().max(Map.Entry.comparingByValue()).map(Map.Entry::getKey).orElseThrow();
	}

}
