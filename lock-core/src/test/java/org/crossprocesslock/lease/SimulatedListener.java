package org.crossprocesslock.lease;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;

import org.crossprocesslock.LockListener;
import org.crossprocesslock.LockRequest;

/**
 * The listener of one process: hears whether what it is told makes sense, and throws and
 * blocks.
 */
final class SimulatedListener implements LockListener {

	private final SimulatedHost host;

	/** Guards that it has heard of and that are not closed, and how many of each. */
	private final Map<String, Integer> open = new LinkedHashMap<>();

	private long requests;

	private long grants;

	private long refusals;

	private long losses;

	private long lossesDue;

	SimulatedListener(SimulatedHost host) {
		this.host = host;
	}

	@Override
	public void onRequested(LockRequest request) {
		this.requests++;
		heard();
	}

	@Override
	public void onAcquired(LockRequest request, long fencingToken, Duration waited) {
		this.grants++;
		this.open.merge(name(request, fencingToken), 1, Integer::sum);
		heard();
	}

	@Override
	public void onRefused(LockRequest request, Refusal refusal, Duration waited) {
		this.refusals++;
		heard();
	}

	@Override
	public void onLost(LockRequest request, long fencingToken, String reason) {
		this.losses++;
		isOpen(request, fencingToken);
		heard();
	}

	@Override
	public void onReleased(LockRequest request, long fencingToken, Duration held) {
		isOpen(request, fencingToken);
		this.open.computeIfPresent(name(request, fencingToken), (name, open) -> (open > 1) ? open - 1 : null);
		heard();
	}

	@Override
	public void onBackoff(Duration pause) {
		heard();
	}

	@Override
	public void onRenewal(Renewal renewal) {
		heard();
	}

	@Override
	public void onLeaseLost(String reason) {
		heard();
	}

	/** Nothing is missing when all is closed and some time has passed. */
	boolean hasHeardAll() {
		return this.requests == this.grants + this.refusals && this.open.isEmpty() && this.losses >= this.lossesDue;
	}

	/** So many of the guards that were closed since the last call were lost. */
	void mustHaveHeardOf(int lost) {
		this.lossesDue += lost;
	}

	private static String name(LockRequest request, long fencingToken) {
		return request.key() + " under " + fencingToken;
	}

	private void isOpen(LockRequest request, long fencingToken) {
		if (!this.open.containsKey(name(request, fencingToken)) && this.host.isAlive()) {
			throw this.host.violation(Invariant.LISTENER_HEARS,
					"was told the end of a guard that it knows nothing of, " + name(request, fencingToken));
		}
	}

	private void heard() {
		this.host.runsUsersCode();
	}

	@Override
	public String toString() {
		return this.requests + " requests, " + this.grants + " grants, " + this.refusals + " refusals, " + this.losses
				+ " of " + this.lossesDue + " losses, open " + this.open;
	}

}
