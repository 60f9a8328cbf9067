package org.crossprocesslock.lease;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;

import org.crossprocesslock.lease.Invariant.Violation;

/**
 * Watches the guards of all processes of a {@link Simulation} and says when one of the
 * safety invariants does not hold. What takes time to come true is watched by
 * {@link SimulationLiveness}.
 */
final class SimulationInvariants {

	/** A guard that is open or in commit, whether still held or not. */
	private static final class Guard {

		final SimulatedProcess process;

		final Holding hold;

		final boolean shared;

		boolean seenLost;

		long rowLostAt = -1;

		/** Transactions in commit. */
		int commits;

		boolean closed;

		/** Its user has gone before he got it; it is given back by itself. */
		boolean abandoned;

		Guard(SimulatedProcess process, Holding hold, boolean shared) {
			this.process = process;
			this.hold = hold;
			this.shared = shared;
		}

		/**
		 * Nobody tells when an abandoned one is given back: it shows at some time later.
		 * One that is closed while a transaction begins to commit stays until that is
		 * over, for the machine before for the transaction.
		 */
		boolean isGone() {
			if (this.closed && this.commits == 0 && !this.hold.isInCommit()) {
				return true;
			}
			return this.abandoned && (this.hold.closed || !this.process.isGranted(this.hold));
		}

	}

	private final Simulation simulation;

	/** The tokens of the grants that keep their keys and became guards. */
	private final Map<String, Set<Long>> keeping = new HashMap<>();

	private final Map<String, List<Guard>> guards = new LinkedHashMap<>();

	/** The greatest token of each key, among all processes and in each of them. */
	private final Map<Object, Map<String, Long>> greatestToken = new HashMap<>();

	private final Map<String, Long> rowToken = new HashMap<>();

	/** For each process that has had the key: whether another one has had it since. */
	private final Map<String, Map<SimulatedProcess, Boolean>> takenSince = new HashMap<>();

	/** The tokens under which transactions have committed, in this order. */
	private final Map<String, List<Long>> commits = new HashMap<>();

	private long grants;

	private long committed;

	SimulationInvariants(Simulation simulation) {
		this.simulation = simulation;
	}

	long grants() {
		return this.grants;
	}

	/** Whether anybody believes to hold the key, paused or not. */
	boolean isHeld(String key) {
		return of(key).stream().anyMatch((guard) -> guard.process.believes(guard.hold));
	}

	boolean hasGuard(SimulatedProcess process, String key) {
		return of(key).stream().anyMatch((guard) -> guard.process == process && !guard.abandoned);
	}

	private List<Guard> of(String key) {
		return this.guards.computeIfAbsent(key, (name) -> new ArrayList<>());
	}

	private static String key(Holding hold) {
		return hold.grant().key.name;
	}

	void granted(SimulatedProcess process, SimulatedRequest request, Holding hold) {
		this.grants++;
		for (SimulatedRequest other : process.callers.waiting().values()) {
			if (other == request) {
				break;
			}
			if (other.key.equals(request.key)) {
				throw violation(Invariant.FIFO,
						process.name + " let a request for " + request.key + " overtake one that came before it");
			}
		}
		String key = key(hold);
		of(key).removeIf(Guard::isGone);
		boolean joins = of(key).stream().anyMatch((guard) -> guard.hold.grant() == hold.grant());
		boolean handedOver = !joins && hold.token() != hold.grant().token;
		if (handedOver && !process.isGranted(hold)) {
			throw violation(Invariant.HANDED_HELD, process.name + " handed over " + key + " after its deadline");
		}
		keeps(process, request, hold);
		tokenGrows(process, hold, joins);
		isDirtyIfTaken(process, hold);
		of(key).add(new Guard(process, hold, request.shared));
	}

	private void tokenGrows(SimulatedProcess process, Holding hold, boolean joins) {
		// a process that does not know yet that it has lost the row may go on with tokens
		// that others have left behind, which is what fences it off
		Object comparedIn = this.simulation.clockIsSetForward() ? process : this.simulation;
		long token = process.sabotage.token(hold);
		long before = greatestTokens(comparedIn).getOrDefault(key(hold), 0L);
		if (joins ? token != before : token <= before) {
			throw violation(Invariant.TOK_GROWS,
					"token " + token + " of " + key(hold) + " in " + process.name + " comes after " + before);
		}
		greatestTokens(this.simulation).merge(key(hold), token, Math::max);
		greatestTokens(process).put(key(hold), token);
	}

	private Map<String, Long> greatestTokens(Object among) {
		return this.greatestToken.computeIfAbsent(among, (any) -> new HashMap<>());
	}

	private void keeps(SimulatedProcess process, SimulatedRequest request, Holding hold) {
		Set<Long> tokens = this.keeping.computeIfAbsent(key(hold), (key) -> new HashSet<>());
		if (request.keeps) {
			tokens.add(hold.token());
		}
		else if (tokens.contains(hold.grant().token)) {
			throw violation(Invariant.KEPT_AT_LEAST, process.name + " has handed on " + key(hold) + " that it keeps");
		}
	}

	/** Nobody keeps the key any more: an operator has taken it away. */
	void takenAway(String key) {
		this.simulation.store.endKeeping(key);
	}

	private void isKeptAtLeast() {
		for (SimulatedStore.LastGrant early : this.simulation.store.takenEarly) {
			if (this.keeping.getOrDefault(early.key(), Set.of()).contains(early.token())) {
				throw violation(Invariant.KEPT_AT_LEAST,
						early.key() + " was granted before the grant of token " + early.token() + " lets go of it");
			}
		}
	}

	private void rowTokenGrows(String key) {
		long token = this.simulation.store.tokenOf(key);
		long before = this.rowToken.getOrDefault(key, 0L);
		if (token > 0 && token < before) {
			throw violation(Invariant.TOK_GROWS,
					"the token in the row of " + key + " has fallen from " + before + " to " + token);
		}
		this.rowToken.put(key, Math.max(token, before));
	}

	private void isDirtyIfTaken(SimulatedProcess process, Holding hold) {
		Map<SimulatedProcess, Boolean> since = this.takenSince.computeIfAbsent(key(hold),
				(name) -> new LinkedHashMap<>());
		since.replaceAll((other, taken) -> taken || other != process);
		boolean taken = since.computeIfAbsent(process, (any) -> false);
		// where two have the key at once it is not said who had it last
		if (taken && !hold.grant().key.row.isDirty() && !this.simulation.clockIsSetForward()) {
			throw violation(Invariant.DIRTY_TRUE,
					process.name + " finds " + key(hold) + " clean though another process has had it since");
		}
	}

	void clearsDirty(SimulatedProcess process, Holding hold) {
		if (process.believes(hold)) {
			this.takenSince.getOrDefault(key(hold), Map.of()).replace(process, false);
		}
	}

	void lost(SimulatedProcess process, Holding hold) {
		if (process.isGranted(hold)) {
			throw violation(Invariant.NO_REVIVE,
					process.name + " believes in a guard of " + key(hold) + " though it was told that it is lost");
		}
	}

	void looked(SimulatedProcess process, Holding hold, boolean held) {
		for (Guard guard : of(key(hold))) {
			if (guard.hold == hold) {
				if (held && guard.seenLost) {
					throw violation(Invariant.NO_REVIVE, process.name + " holds " + key(hold) + " again");
				}
				guard.seenLost |= !held;
			}
		}
	}

	void closed(Holding hold) {
		change(hold, (guard) -> guard.closed = true);
	}

	void abandoned(Holding hold) {
		change(hold, (guard) -> guard.abandoned = true);
		// what nobody has used keeps nobody out
		this.keeping.getOrDefault(key(hold), new HashSet<>()).remove(hold.token());
	}

	/** From now on the guard counts as one that is open, closed or not. */
	void commitBegun(Holding hold) {
		change(hold, (guard) -> guard.commits++);
	}

	void commitEnded(Holding hold) {
		change(hold, (guard) -> guard.commits--);
	}

	private void change(Holding hold, Consumer<Guard> change) {
		of(key(hold)).stream().filter((guard) -> guard.hold == hold).forEach(change);
		of(key(hold)).removeIf(Guard::isGone);
	}

	/** How many transactions have committed under guards of the key. */
	long commits(String key) {
		return committedUnder(key).size();
	}

	private List<Long> committedUnder(String key) {
		return this.commits.computeIfAbsent(key, (any) -> new ArrayList<>());
	}

	/** A transaction commits in the store that has seen only the first so many others. */
	void committed(Holding hold, long seen) {
		String key = key(hold);
		long greatest = Math.max(greatestTokens(this.simulation).getOrDefault(key, 0L),
				this.simulation.store.tokenOf(key));
		if (hold.token() < greatest) {
			throw violation(Invariant.NO_STALE_COMMIT, "a transaction committed under token " + hold.token() + " of "
					+ key + " after token " + greatest + " was granted");
		}
		List<Long> all = committedUnder(key);
		if (all.subList((int) seen, all.size()).stream().anyMatch((token) -> token != hold.token())) {
			throw violation(Invariant.NO_STALE_COMMIT, "a transaction committed under token " + hold.token() + " of "
					+ key + " that had read before one committed under another token");
		}
		all.add(hold.token());
		this.committed++;
	}

	/** How many fenced transactions have committed. */
	long committed() {
		return this.committed;
	}

	/** The process is no more, in one way or the other. */
	void ended(SimulatedProcess process) {
		this.guards.values().forEach((all) -> all.removeIf((guard) -> guard.process == process));
		this.takenSince.values().forEach((since) -> since.remove(process));
	}

	/** A process has stopped in order. */
	void stopped(SimulatedProcess process) {
		if (!process.callers.waiting().isEmpty()) {
			throw violation(Invariant.CLOSE_ENDS,
					process.name + " has stopped but left " + process.callers.waiting().size() + " requests waiting");
		}
		if (this.guards.values()
			.stream()
			.flatMap(List::stream)
			.anyMatch((guard) -> guard.process == process && process.believes(guard.hold))) {
			throw violation(Invariant.CLOSE_ENDS, process.name + " has stopped but still believes in a guard");
		}
	}

	void check() {
		this.simulation.keys.forEach(this::rowTokenGrows);
		this.guards.forEach(this::check);
		isKeptAtLeast();
		for (SimulatedProcess process : this.simulation.processes) {
			if (process.takeHappened() && process.isUp()) {
				isSeenTo(process);
			}
		}
	}

	private void isSeenTo(SimulatedProcess process) {
		LeaseMachine machine = process.host().machine();
		List<String> stranded = (machine != null) ? machine.stranded() : List.of();
		if (!stranded.isEmpty()) {
			throw violation(Invariant.SEEN_TO, process.name + " does nothing about " + stranded);
		}
	}

	private void check(String key, List<Guard> open) {
		open.removeIf(Guard::isGone);
		Guard holder = null;
		for (int i = 0; i < open.size(); i++) {
			Guard guard = open.get(i);
			boolean held = guard.process.believes(guard.hold);
			if (held && guard.seenLost) {
				throw violation(Invariant.NO_REVIVE, guard.process.name + " holds " + key + " again");
			}
			guard.seenLost |= !held;
			// a closed guard in commit excludes others as well, but nobody believes in it
			if (!held || (guard.closed && !this.simulation.watchesRows)) {
				continue;
			}
			if (holder != null && holder.process == guard.process && !(holder.shared && guard.shared)) {
				throw violation(Invariant.EXCLUSIVE,
						guard.process.name + " has two guards of " + key + " that exclude each other");
			}
			if (holder != null && holder.process != guard.process && !this.simulation.clockIsSetForward()) {
				throw violation(Invariant.EXCLUSIVE,
						holder.process.name + " and " + guard.process.name + " both hold " + key);
			}
			holder = guard;
			owns(key, guard);
		}
	}

	private void owns(String key, Guard guard) {
		if (!this.simulation.watchesRows) {
			return;
		}
		Grant grant = guard.hold.grant();
		if (!this.simulation.clockIsSetForward() && !this.simulation.store.hasLease(grant.term.id())) {
			throw violation(Invariant.LEASE_LIVES, guard.process.name + " holds " + key + " but its lease is gone");
		}
		if (this.simulation.store.carries(key, grant.term.id(), grant.token)) {
			guard.rowLostAt = -1;
			return;
		}
		if (!this.simulation.clockIsSetForward()) {
			throw violation(Invariant.OWNS,
					guard.process.name + " holds " + key + " but the row does not carry its lease and token");
		}
		if (guard.rowLostAt < 0) {
			guard.rowLostAt = this.simulation.nanos();
		}
		Duration since = Duration.ofNanos(this.simulation.nanos() - guard.rowLostAt);
		if (since.compareTo(Simulation.OPTIONS.leaseDuration()) > 0) {
			throw violation(Invariant.LOSS_NOTICED,
					guard.process.name + " still believes to hold " + key + " that it lost " + since + " ago");
		}
	}

	private Violation violation(Invariant invariant, String what) {
		return this.simulation.violation(invariant, what);
	}

}
