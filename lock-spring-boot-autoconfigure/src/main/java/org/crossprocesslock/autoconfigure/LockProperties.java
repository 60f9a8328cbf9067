package org.crossprocesslock.autoconfigure;

import java.time.Duration;
import java.util.List;

import org.crossprocesslock.Fencing;
import org.crossprocesslock.LockReach;
import org.crossprocesslock.lease.LeaseOptions;
import org.crossprocesslock.lease.jdbc.JdbcLeaseStore;
import org.crossprocesslock.lease.jdbc.WakeUp;
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
	 * Where locks are kept. Use one backend per data set, for ever: two backends do not
	 * exclude each other.
	 */
	private Backend backend = Backend.AUTO;

	/**
	 * Whom locks have to exclude at least: threads, or the processes of this container,
	 * of this host or of all machines. The start is refused when they exclude fewer, and
	 * a warning about that is left out when they do not. If not set, locks that exclude
	 * fewer than their backend promises are a warning.
	 */
	private @Nullable LockReach requiredReach;

	/**
	 * Whether transactions that run under a lock are checked right before they commit,
	 * and roll back if another process has had the key by then. Concerns transactions on
	 * the DataSource that has the lock tables. An annotated method can say otherwise.
	 */
	private Fencing fencing = Fencing.AUTO;

	private final Lease lease = new Lease();

	private final Backoff backoff = new Backoff();

	private final Purge purge = new Purge();

	private final Jdbc jdbc = new Jdbc();

	private final File file = new File();

	private final Wait wait = new Wait();

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

	public Lease getLease() {
		return this.lease;
	}

	public Backoff getBackoff() {
		return this.backoff;
	}

	public Purge getPurge() {
		return this.purge;
	}

	public Jdbc getJdbc() {
		return this.jdbc;
	}

	public File getFile() {
		return this.file;
	}

	public Wait getWait() {
		return this.wait;
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

	/** What a lock on a file stands for. */
	public enum FileKind {

		/**
		 * The whole directory, for as long as this process runs; a second process is
		 * refused at its start.
		 */
		PID,

		/** One key, while it is held; any number of processes can take part. */
		PER_KEY

	}

	/** Lock of the operating system on a whole directory. */
	public enum PidLock {

		/** What every platform has, at present the same as fcntl. */
		AUTO,

		/** POSIX record lock, or LockFileEx on Windows. */
		FCNTL,

		/** Lock of flock(2); needs the library net.java.dev.jna:jna. */
		FLOCK

	}

	/** What to do about missing tables. */
	public enum InitializeSchema {

		/** Create the tables if they are missing. */
		CREATE_IF_MISSING,

		/** Never create tables; fail to start if they are missing. */
		NEVER

	}

	/** Annotated methods. */
	public static class Annotation {

		/**
		 * Order of the advice that takes the locks: smaller is further outside. Has to be
		 * smaller than that of transactions, or they begin before their lock is taken. By
		 * default it is inside of those that have an order of their own, such as
		 * security, Retryable and Async, and outside of transactions and caches.
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
		 * When a client is told to try again, by the Retry-After header of such an
		 * answer.
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
		 * its lease at start. While a predecessor still runs, only fenced commits are
		 * safe until it notices. Keys stay with a dead process for up to one lease
		 * duration if not set.
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

	/** Pauses between two looks at a busy key in the database. */
	public static class Backoff {

		/**
		 * Pause after the first look at a busy key in the database. Doubles with each
		 * further look.
		 */
		private Duration initialInterval = LeaseOptions.DEFAULT_INITIAL_BACKOFF;

		/**
		 * Longest pause between two looks at a busy key in the database.
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

	/** Removal of unused rows. */
	public static class Purge {

		/**
		 * Time for which the row of a key nobody holds stays. At least the lease
		 * duration.
		 */
		private Duration age = LeaseOptions.DEFAULT_PURGE_AGE;

		public Duration getAge() {
			return this.age;
		}

		public void setAge(Duration age) {
			this.age = age;
		}

	}

	/** The tables. */
	public static class Jdbc {

		/**
		 * What the names of the tables begin with. Every process that works on the same
		 * data needs the same.
		 */
		private String tablePrefix = JdbcLeaseStore.DEFAULT_TABLE_PREFIX;

		/**
		 * Dialect of the database. Detected from the connection if not set.
		 */
		private @Nullable String dialect;

		/**
		 * What to do about missing tables at start.
		 */
		private InitializeSchema initializeSchema = InitializeSchema.CREATE_IF_MISSING;

		/**
		 * Whether to keep connections outside the pool, one or up to four under load,
		 * opened with the URL and the credentials of the DataSource, so that an exhausted
		 * pool cannot cost the lease. Connections are borrowed from the pool where that
		 * is not possible.
		 */
		private boolean ownConnections = true;

		/**
		 * How processes that wait for a key learn that it is free. Takes effect on
		 * PostgreSQL with connections outside the pool.
		 */
		private WakeUp wakeup = JdbcLeaseStore.DEFAULT_WAKE_UP;

		/**
		 * Time for which a key stays with this process after its last guard was closed,
		 * so that its next request costs no statement. Takes effect on PostgreSQL while
		 * notifications arrive. Ends at once when another process says that it wants the
		 * key. At most the lease duration; zero to release every key at once.
		 */
		private Duration linger = LeaseOptions.DEFAULT_LINGER;

		public String getTablePrefix() {
			return this.tablePrefix;
		}

		public void setTablePrefix(String tablePrefix) {
			this.tablePrefix = tablePrefix;
		}

		public @Nullable String getDialect() {
			return this.dialect;
		}

		public void setDialect(@Nullable String dialect) {
			this.dialect = dialect;
		}

		public InitializeSchema getInitializeSchema() {
			return this.initializeSchema;
		}

		public void setInitializeSchema(InitializeSchema initializeSchema) {
			this.initializeSchema = initializeSchema;
		}

		public boolean isOwnConnections() {
			return this.ownConnections;
		}

		public void setOwnConnections(boolean ownConnections) {
			this.ownConnections = ownConnections;
		}

		public WakeUp getWakeup() {
			return this.wakeup;
		}

		public void setWakeup(WakeUp wakeup) {
			this.wakeup = wakeup;
		}

		public Duration getLinger() {
			return this.linger;
		}

		public void setLinger(Duration linger) {
			this.linger = linger;
		}

	}

	/** The lock files. */
	public static class File {

		/**
		 * Existing directory of the lock files, the same for every process that works on
		 * the same data. A directory of the user and the application, below the user's
		 * home, if not set.
		 */
		private @Nullable String directory;

		/**
		 * What a lock on a file stands for. Every process that works on the same data
		 * needs the same.
		 */
		private FileKind kind = FileKind.PID;

		/**
		 * Lock of the operating system that kind pid takes. Every process that works on
		 * the same data needs the same.
		 */
		private PidLock pidLock = PidLock.AUTO;

		public @Nullable String getDirectory() {
			return this.directory;
		}

		public void setDirectory(@Nullable String directory) {
			this.directory = directory;
		}

		public FileKind getKind() {
			return this.kind;
		}

		public void setKind(FileKind kind) {
			this.kind = kind;
		}

		public PidLock getPidLock() {
			return this.pidLock;
		}

		public void setPidLock(PidLock pidLock) {
			this.pidLock = pidLock;
		}

	}

	/** Waiting for other holders. */
	public static class Wait {

		/**
		 * Wait time of annotated methods that do not say their own. Longer than the lease
		 * duration, callers outlive the crash of another holder.
		 */
		private Duration defaultTime = Duration.ofSeconds(15);

		public Duration getDefaultTime() {
			return this.defaultTime;
		}

		public void setDefaultTime(Duration defaultTime) {
			Assert.isTrue(!defaultTime.isNegative(),
					() -> "Default wait time " + defaultTime + " is negative; use zero for a single attempt");
			this.defaultTime = defaultTime;
		}

	}

}
