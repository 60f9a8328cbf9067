package org.crossprocesslock.autoconfigure;

import java.time.Duration;

import org.crossprocesslock.lease.LeaseOptions;
import org.crossprocesslock.lease.jdbc.JdbcLeaseStore;
import org.crossprocesslock.lease.jdbc.WakeUp;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.sql.init.DatabaseInitializationMode;

/**
 * Locks in a database.
 *
 * @since 0.1.0
 */
public class LockJdbcProperties {

	/**
	 * What the names of the tables begin with. Every process that works on the same data
	 * needs the same.
	 */
	private String tablePrefix = JdbcLeaseStore.DEFAULT_TABLE_PREFIX;

	/**
	 * Database whose statements are used. Detected from the connection if not set.
	 */
	private @Nullable String platform;

	/**
	 * When to create missing tables at start. Tables that are there are never changed.
	 */
	private DatabaseInitializationMode initializeSchema = DatabaseInitializationMode.ALWAYS;

	/**
	 * Whether to keep connections outside the pool, one or up to four under load, opened
	 * with the URL and the credentials of the DataSource, so that an exhausted pool
	 * cannot cost the lease. Connections are borrowed from the pool where that is not
	 * possible.
	 */
	private boolean ownConnections = true;

	/**
	 * How processes that wait for a key learn that it is free. Takes effect on PostgreSQL
	 * with connections outside the pool.
	 */
	private WakeUp wakeUp = JdbcLeaseStore.DEFAULT_WAKE_UP;

	/**
	 * Time for which a key stays with this process after its last guard was closed, so
	 * that its next request costs no statement. Takes effect on PostgreSQL while
	 * notifications arrive. Ends at once when another process requests the key. At most
	 * the lease duration; zero to release every key at once.
	 */
	private Duration linger = LeaseOptions.DEFAULT_LINGER;

	/**
	 * Time after which the row of an unused key is deleted. At least the lease duration.
	 */
	private Duration purgeAge = LeaseOptions.DEFAULT_PURGE_AGE;

	private final Lease lease = new Lease();

	private final Backoff backoff = new Backoff();

	public String getTablePrefix() {
		return this.tablePrefix;
	}

	public void setTablePrefix(String tablePrefix) {
		this.tablePrefix = tablePrefix;
	}

	public @Nullable String getPlatform() {
		return this.platform;
	}

	public void setPlatform(@Nullable String platform) {
		this.platform = platform;
	}

	public DatabaseInitializationMode getInitializeSchema() {
		return this.initializeSchema;
	}

	public void setInitializeSchema(DatabaseInitializationMode initializeSchema) {
		this.initializeSchema = initializeSchema;
	}

	public boolean isOwnConnections() {
		return this.ownConnections;
	}

	public void setOwnConnections(boolean ownConnections) {
		this.ownConnections = ownConnections;
	}

	public WakeUp getWakeUp() {
		return this.wakeUp;
	}

	public void setWakeUp(WakeUp wakeUp) {
		this.wakeUp = wakeUp;
	}

	public Duration getLinger() {
		return this.linger;
	}

	public void setLinger(Duration linger) {
		this.linger = linger;
	}

	public Duration getPurgeAge() {
		return this.purgeAge;
	}

	public void setPurgeAge(Duration purgeAge) {
		this.purgeAge = purgeAge;
	}

	public Lease getLease() {
		return this.lease;
	}

	public Backoff getBackoff() {
		return this.backoff;
	}

	/** The lease of this process. */
	public static class Lease {

		/**
		 * Time for which this process counts as alive without a renewal, and so the
		 * longest time others wait for the keys of a process that died.
		 */
		private Duration duration = LeaseOptions.DEFAULT_LEASE_DURATION;

		/**
		 * Time between two renewals, at most a third of the lease duration. A tenth of
		 * the lease duration if not set.
		 */
		private @Nullable Duration renewInterval;

		/**
		 * Name of this process that stays the same over restarts and that no two running
		 * processes share. Frees the keys of a predecessor that died at once, by ending
		 * its lease at start. If a predecessor still runs, only fenced commits are safe
		 * until it has detected that. If not set, the keys of a dead process stay busy
		 * for up to one lease duration.
		 */
		private @Nullable String holderName;

		public Duration getDuration() {
			return this.duration;
		}

		public void setDuration(Duration duration) {
			this.duration = duration;
		}

		public @Nullable Duration getRenewInterval() {
			return this.renewInterval;
		}

		public void setRenewInterval(@Nullable Duration renewInterval) {
			this.renewInterval = renewInterval;
		}

		public @Nullable String getHolderName() {
			return this.holderName;
		}

		public void setHolderName(@Nullable String holderName) {
			this.holderName = holderName;
		}

	}

	/** Delays between two polls of a busy key. */
	public static class Backoff {

		/**
		 * Delay after the first poll of a busy key. Doubles with each further poll.
		 */
		private Duration initialInterval = LeaseOptions.DEFAULT_INITIAL_BACKOFF;

		/**
		 * Longest delay between two polls of a busy key.
		 */
		private Duration maxInterval = LeaseOptions.DEFAULT_MAX_BACKOFF;

		public Duration getInitialInterval() {
			return this.initialInterval;
		}

		public void setInitialInterval(Duration initialInterval) {
			this.initialInterval = initialInterval;
		}

		public Duration getMaxInterval() {
			return this.maxInterval;
		}

		public void setMaxInterval(Duration maxInterval) {
			this.maxInterval = maxInterval;
		}

	}

}
