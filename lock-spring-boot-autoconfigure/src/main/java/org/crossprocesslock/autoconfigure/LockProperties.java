package org.crossprocesslock.autoconfigure;

import java.time.Duration;
import java.util.List;

import org.crossprocesslock.Fencing;
import org.crossprocesslock.LockReach;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.NestedConfigurationProperty;
import org.springframework.core.Ordered;
import org.springframework.util.Assert;

/**
 * Properties of cross-process locks.
 *
 * @since 0.1.0
 */
@ConfigurationProperties(LockProperties.PREFIX)
public class LockProperties {

	/** What the names of all properties begin with. */
	public static final String PREFIX = "cross-process-lock";

	/**
	 * Whether to configure locks. When disabled, annotated methods are refused at start
	 * unless there is a LockManager bean.
	 */
	private boolean enabled = true;

	/**
	 * Where locks are kept. Always use one backend per data set: two backends do not
	 * exclude each other.
	 */
	private Backend backend = Backend.AUTO;

	/**
	 * Minimum scope of exclusion: threads, or the processes of this container, of this
	 * host or of all machines. The start is refused when the backend covers less. If not
	 * set, a backend that covers less than it promises is a warning.
	 */
	private @Nullable LockReach requiredReach;

	/**
	 * Whether transactions that run under a lock are checked right before they commit,
	 * and roll back if another process has acquired the key by then. Concerns
	 * transactions on the DataSource that has the lock tables. The annotation can
	 * override it.
	 */
	private Fencing fencing = Fencing.AUTO;

	/**
	 * Timeout for a busy key, for annotated methods without a wait time of their own. If
	 * it is longer than the lease duration, callers outlive the crash of a holder.
	 */
	private Duration defaultWaitTime = Duration.ofSeconds(15);

	@NestedConfigurationProperty
	private final LockJdbcProperties jdbc = new LockJdbcProperties();

	@NestedConfigurationProperty
	private final LockFileProperties file = new LockFileProperties();

	private final Annotation annotation = new Annotation();

	private final Web web = new Web();

	@NestedConfigurationProperty
	private final LockObservationProperties observation = new LockObservationProperties();

	public boolean isEnabled() {
		return this.enabled;
	}

	public void setEnabled(boolean enabled) {
		this.enabled = enabled;
	}

	public Backend getBackend() {
		return this.backend;
	}

	public void setBackend(Backend backend) {
		this.backend = backend;
	}

	public @Nullable LockReach getRequiredReach() {
		return this.requiredReach;
	}

	public void setRequiredReach(@Nullable LockReach requiredReach) {
		this.requiredReach = requiredReach;
	}

	public Fencing getFencing() {
		return this.fencing;
	}

	public void setFencing(Fencing fencing) {
		this.fencing = fencing;
	}

	public Duration getDefaultWaitTime() {
		return this.defaultWaitTime;
	}

	public void setDefaultWaitTime(Duration defaultWaitTime) {
		Assert.isTrue(!defaultWaitTime.isNegative(),
				() -> "Default wait time " + defaultWaitTime + " is negative; use zero for a single attempt");
		this.defaultWaitTime = defaultWaitTime;
	}

	public LockJdbcProperties getJdbc() {
		return this.jdbc;
	}

	public LockFileProperties getFile() {
		return this.file;
	}

	public Annotation getAnnotation() {
		return this.annotation;
	}

	public Web getWeb() {
		return this.web;
	}

	public LockObservationProperties getObservation() {
		return this.observation;
	}

	/** Where locks are kept. */
	public enum Backend {

		/**
		 * The database of the single, primary or {@code @LockDataSource} DataSource, if
		 * there is one, otherwise files.
		 */
		AUTO,

		/** Leases in a database; excludes threads, processes and machines. */
		JDBC,

		/** Locks of the operating system on files; excludes threads and processes. */
		FILE,

		/** The memory of this process; excludes its threads only. */
		MEMORY

	}

	/** Annotated methods. */
	public static class Annotation {

		/**
		 * Order of the advice that takes the locks: smaller is further outside. Has to be
		 * smaller than that of transactions, or they begin before their lock is taken. By
		 * default it is inside of those that have an order of their own, such as
		 * security, Async and Spring's Retryable, and outside of transactions and caches.
		 */
		private int order = Ordered.LOWEST_PRECEDENCE - 100;

		public int getOrder() {
			return this.order;
		}

		public void setOrder(int order) {
			this.order = order;
		}

	}

	/** Answers to web requests. */
	public static class Web {

		/**
		 * HTTP status of a request that has waited too long for a lock, which may be 423
		 * (Locked), 503 (Service Unavailable), 409 (Conflict) or 429 (Too Many Requests).
		 * If not set, the exception is handled like any other.
		 */
		private @Nullable Integer busyStatus;

		/**
		 * Value of the Retry-After header of such a response.
		 */
		private Duration retryAfter = Duration.ofSeconds(1);

		public @Nullable Integer getBusyStatus() {
			return this.busyStatus;
		}

		public void setBusyStatus(@Nullable Integer busyStatus) {
			Assert.isTrue(busyStatus == null || List.of(423, 503, 409, 429).contains(busyStatus),
					"'busyStatus' must be 423, 503, 409 or 429");
			this.busyStatus = busyStatus;
		}

		public Duration getRetryAfter() {
			return this.retryAfter;
		}

		public void setRetryAfter(Duration retryAfter) {
			Assert.isTrue(!retryAfter.isNegative(), "'retryAfter' must not be negative");
			this.retryAfter = retryAfter;
		}

	}

}
