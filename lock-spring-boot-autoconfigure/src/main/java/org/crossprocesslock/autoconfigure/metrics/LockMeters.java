package org.crossprocesslock.autoconfigure.metrics;

import java.util.Arrays;

import io.micrometer.common.docs.KeyName;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.docs.MeterDocumentation;
import org.jspecify.annotations.Nullable;

/**
 * Every meter of the locks: the only source of names, types, units, descriptions and
 * tags. All tags have few values; the evaluated key is none of them.
 */
enum LockMeters implements MeterDocumentation {

	/** Time from a request to its end. */
	WAIT("cross.process.lock.wait", Meter.Type.TIMER, null, "Time from the request of a lock to its outcome",
			LockTag.NAME, LockTag.BACKEND, LockTag.OUTCOME),

	/** Time from a grant to its end. */
	HOLD("cross.process.lock.hold", Meter.Type.TIMER, null, "Time from the grant of a lock to its release",
			LockTag.NAME, LockTag.BACKEND),

	/** Requests that wait at the moment. */
	WAITING("cross.process.lock.waiting", Meter.Type.GAUGE, "requests", "Requests that wait for a lock", LockTag.NAME,
			LockTag.BACKEND),

	/** Locks that are held at the moment. */
	HELD("cross.process.lock.held", Meter.Type.GAUGE, "locks", "Locks held by this process", LockTag.NAME,
			LockTag.BACKEND),

	/** Guards that were lost. */
	LOST("cross.process.lock.lost", Meter.Type.COUNTER, "locks", "Locks lost while they were held", LockTag.NAME,
			LockTag.BACKEND),

	/** Pauses between two looks at a busy key. */
	BACKOFF("cross.process.lock.backoff", Meter.Type.TIMER, null, "Pauses between two looks at a busy key",
			LockTag.BACKEND),

	/** Answers to renewals. */
	RENEWALS("cross.process.lock.renewals", Meter.Type.COUNTER, "renewals",
			"Renewals of this process's lease, by outcome", LockTag.BACKEND, LockTag.OUTCOME),

	/** Leases that were lost. */
	LEASES_LOST("cross.process.lock.leases.lost", Meter.Type.COUNTER, "leases", "Leases lost by this process",
			LockTag.BACKEND);

	private final String name;

	private final Meter.Type type;

	private final @Nullable String baseUnit;

	private final String description;

	// copied when handed out
	@SuppressWarnings("ImmutableEnumChecker")
	private final LockTag[] tags;

	LockMeters(String name, Meter.Type type, @Nullable String baseUnit, String description, LockTag... tags) {
		this.name = name;
		this.type = type;
		this.baseUnit = baseUnit;
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

	/** The unit, {@code null} for timers, whose unit the registry decides. */
	@Override
	public @Nullable String getBaseUnit() {
		return this.baseUnit;
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

		/** How a request or a renewal ended. */
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
