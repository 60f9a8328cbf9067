package org.crossprocesslock.autoconfigure.metrics;

import java.util.Arrays;

import io.micrometer.common.docs.KeyName;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.docs.MeterDocumentation;

/**
 * Every meter of the locks: the only source of names, types, descriptions and tags. All
 * tags have few values; the evaluated key is none of them. Times are in the unit of the
 * registry, and what is counted is in the name.
 */
enum LockMeters implements MeterDocumentation {

	/** Time from a request to its end. */
	WAIT("cross.process.lock.wait", Meter.Type.TIMER, "Time from the request of a lock to its outcome", LockTag.NAME,
			LockTag.BACKEND, LockTag.OUTCOME),

	/** Time from a grant to its end. */
	HOLD("cross.process.lock.hold", Meter.Type.TIMER, "Time from the grant of a lock to its release", LockTag.NAME,
			LockTag.BACKEND),

	/** Requests that wait at the moment. */
	WAITING("cross.process.lock.waiting", Meter.Type.LONG_TASK_TIMER,
			"Requests that wait for a lock now, and for how long", LockTag.NAME, LockTag.BACKEND),

	/** Locks that are held at the moment. */
	HELD("cross.process.lock.held", Meter.Type.LONG_TASK_TIMER, "Locks that this process holds now, and for how long",
			LockTag.NAME, LockTag.BACKEND),

	/** Guards that were lost. */
	LOST("cross.process.lock.lost", Meter.Type.COUNTER, "Locks lost while they were held", LockTag.NAME,
			LockTag.BACKEND),

	/** Delays between two polls of a busy key. */
	BACKOFF("cross.process.lock.backoff", Meter.Type.TIMER, "Delays between two polls of a busy key", LockTag.BACKEND),

	/** Answers to renewals. */
	RENEWALS("cross.process.lock.renewals", Meter.Type.COUNTER, "Renewals of this process's lease, by outcome",
			LockTag.BACKEND, LockTag.OUTCOME),

	/** Leases that were lost. */
	LEASES_LOST("cross.process.lock.leases.lost", Meter.Type.COUNTER, "Leases lost by this process", LockTag.BACKEND),

	/** Transactions that came to the check before their commit. */
	COMMITS("cross.process.lock.commits", Meter.Type.COUNTER,
			"Transactions under a lock that were checked before their commit, by outcome", LockTag.BACKEND,
			LockTag.OUTCOME),

	/** Whether keys can be had. */
	OPEN("cross.process.lock.open", Meter.Type.GAUGE,
			"1 while locks can be acquired or none was requested yet, 0 while they cannot", LockTag.BACKEND),

	/**
	 * The length of the lease. Only of a backend with leases, as the three that follow.
	 */
	LEASE_DURATION("cross.process.lock.lease.duration", Meter.Type.GAUGE,
			"How long the lease of this process lasts without a renewal", LockTag.BACKEND),

	/** The early warning: the lease is over when this comes near to its duration. */
	RENEWAL_AGE("cross.process.lock.lease.renewal.age", Meter.Type.GAUGE,
			"Time since the last renewal of this process's lease that was answered", LockTag.BACKEND),

	/** Whether wake-ups are heard. */
	LISTENING("cross.process.lock.listening", Meter.Type.GAUGE,
			"1 while waiters are notified by the database, 0 while they poll", LockTag.BACKEND),

	/** Whether the connections are the library's own. */
	OWN_CONNECTIONS("cross.process.lock.connections.own", Meter.Type.GAUGE,
			"1 while locks have connections of their own, 0 while they borrow the application's", LockTag.BACKEND),

	/** Events that the meters have missed. */
	EVENTS_DROPPED("cross.process.lock.events.dropped", Meter.Type.COUNTER,
			"Events that these meters have missed because there were too many", LockTag.BACKEND);

	private final String name;

	private final Meter.Type type;

	private final String description;

	// copied when handed out
	@SuppressWarnings("ImmutableEnumChecker")
	private final LockTag[] tags;

	LockMeters(String name, Meter.Type type, String description, LockTag... tags) {
		this.name = name;
		this.type = type;
		this.description = description;
		this.tags = tags;
	}

	@Override
	public String getName() {
		return this.name;
	}

	@Override
	public Meter.Type getType() {
		return this.type;
	}

	@Override
	public KeyName[] getKeyNames() {
		return Arrays.copyOf(this.tags, this.tags.length, KeyName[].class);
	}

	String getDescription() {
		return this.description;
	}

	/** What tells meters of one name apart. */
	enum LockTag implements KeyName {

		/** The name of the request, from a small fixed set, never the key. */
		NAME("name"),

		/** The backend of the manager. */
		BACKEND("backend"),

		/** How a request, a renewal or the check of a transaction ended. */
		OUTCOME("outcome");

		private final String key;

		LockTag(String key) {
			this.key = key;
		}

		@Override
		public String asString() {
			return this.key;
		}

	}

}
