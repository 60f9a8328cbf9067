package org.crossprocesslock.autoconfigure.actuate;

import java.util.List;
import java.util.Map;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonInclude.Include;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.actuate.endpoint.OperationResponseBody;

/**
 * The responses of the endpoint. Names and formats are stable, and the same over HTTP and
 * JMX: times are ISO 8601 texts, and unknown values are left out.
 *
 * @since 0.1.0
 */
public final class LockDescriptors {

	private LockDescriptors() {
	}

	/**
	 * Everything about a process.
	 *
	 * @param lockManagers its lock managers, by the names of their beans
	 * @param methods its annotated methods
	 */
	@JsonInclude(Include.NON_NULL)
	public record Locks(Map<String, Manager> lockManagers, List<Method> methods) implements OperationResponseBody {

	}

	/**
	 * A lock manager. One without an inspection has a type only.
	 *
	 * @param type its class
	 * @param backend the backend that was chosen by auto-configuration
	 * @param reason why it was chosen
	 * @param reach what its locks exclude
	 * @param status whether keys can be acquired
	 * @param statusFor for how long this has been so
	 * @param problem why keys cannot be acquired
	 * @param lease the lease of the process
	 * @param guards how many guards are open
	 * @param requests how many requests wait
	 * @param held what is held, one for each guard
	 * @param waiting what is waited for, one for each key
	 * @param store the contents of the store, if they were requested
	 */
	@JsonInclude(Include.NON_NULL)
	public record Manager(String type, @Nullable String backend, @Nullable String reason, @Nullable String reach,
			@Nullable String status, @Nullable String statusFor, @Nullable String problem, @Nullable Lease lease,
			@Nullable Integer guards, @Nullable Integer requests, @Nullable List<Held> held,
			@Nullable List<Waiting> waiting, @Nullable Store store) {

	}

	/**
	 * The lease of the process.
	 *
	 * @param holder the name under which others see it
	 * @param id the id, while it is open
	 * @param duration how long it lasts without a renewal
	 * @param renewedAgo how long ago it was renewed
	 * @param remaining the time until this process treats it as lost, unless it is
	 * renewed
	 * @param listening whether notifications of other processes arrive
	 * @param ownConnections whether its connections are outside of the pool
	 */
	@JsonInclude(Include.NON_NULL)
	public record Lease(String holder, @Nullable String id, String duration, @Nullable String renewedAgo,
			@Nullable String remaining, boolean listening, @Nullable Boolean ownConnections) {

	}

	/**
	 * A key that this process holds.
	 *
	 * @param key the key
	 * @param name the name for meters
	 * @param mode which other guards it excludes
	 * @param token the fencing token
	 * @param heldFor for how long
	 * @param state HELD, IN_COMMIT, LINGERING, KEPT or LOST
	 */
	@JsonInclude(Include.NON_NULL)
	public record Held(String key, @Nullable String name, String mode, long token, String heldFor, String state) {

	}

	/**
	 * A key that this process waits for.
	 *
	 * @param key the key
	 * @param requests how many requests
	 * @param longestWait how long the first has waited
	 * @param holder the process last seen holding it
	 */
	@JsonInclude(Include.NON_NULL)
	public record Waiting(String key, int requests, String longestWait, @Nullable String holder) {

	}

	/**
	 * The contents of the store.
	 *
	 * @param problem why they could not be read
	 * @param clock its own time
	 * @param keys keys, if requested
	 * @param holders processes, if requested
	 * @param next the value of {@code after} for the next page, if there is one
	 */
	@JsonInclude(Include.NON_NULL)
	public record Store(@Nullable String problem, @Nullable String clock, @Nullable List<Stored> keys,
			@Nullable List<Holder> holders, @Nullable String next) {

	}

	/**
	 * A key in the store.
	 *
	 * @param key the key
	 * @param token the token of the last grant
	 * @param holder the process that holds it, absent if none does
	 * @param keptFor the time for which it stays busy because of the {@code holdAtLeast}
	 * of its last grant, held or not; absent if it is not kept
	 */
	@JsonInclude(Include.NON_NULL)
	public record Stored(String key, long token, @Nullable Holder holder, @Nullable String keptFor) {

	}

	/**
	 * A process in the store.
	 *
	 * @param leaseId the id of its lease
	 * @param name its name; absent if the lease is gone, so that its keys can be taken
	 * @param remaining the time until the lease runs out, negative if it has
	 * @param ending whether an operator has ended the lease, so that it cannot be renewed
	 * @param self whether it is the process that answers
	 */
	@JsonInclude(Include.NON_NULL)
	public record Holder(String leaseId, @Nullable String name, @Nullable String remaining, boolean ending,
			boolean self) {

	}

	/**
	 * An annotated method.
	 *
	 * @param method class, method and types of its parameters
	 * @param name the name for meters
	 * @param key the template of the key
	 * @param waitTime how long a call waits
	 * @param holdAtLeast the minimum time for which the key stays busy after its grant,
	 * absent if there is none
	 * @param onBusy how a call ends that has waited for so long
	 * @param mode which other guards it excludes
	 * @param fencing whether transactions in it are fenced
	 * @param onLost what happens when the lock is lost
	 */
	@JsonInclude(Include.NON_NULL)
	public record Method(String method, String name, String key, String waitTime, @Nullable String holdAtLeast,
			String onBusy, String mode, String fencing, String onLost) {

	}

	/**
	 * Everything about one key.
	 *
	 * @param key the key
	 * @param lockManagers the key in each lock manager, by the names of their beans
	 */
	@JsonInclude(Include.NON_NULL)
	public record Key(String key, Map<String, KeyOfManager> lockManagers) implements OperationResponseBody {

	}

	/**
	 * The state of a key in one lock manager.
	 *
	 * @param held the guards that hold it in this process
	 * @param waiting the requests that wait for it in this process
	 * @param store the key in the store
	 */
	@JsonInclude(Include.NON_NULL)
	public record KeyOfManager(List<Held> held, @Nullable Waiting waiting, @Nullable Store store) {

	}

	/**
	 * What has become of a release by force.
	 *
	 * @param outcome RELEASED, LEASE_ENDING, NOT_HELD, CONFLICT or NOT_KNOWN
	 * @param present the present state of the key, in a conflict
	 */
	@JsonInclude(Include.NON_NULL)
	public record Release(Outcome outcome, @Nullable Key present) implements OperationResponseBody {

	}

	/** What has become of a release by force. */
	public enum Outcome {

		/**
		 * This process held the key; its guards were lost, then it was released. Or it
		 * was not held but kept by {@code holdAtLeast}, which has ended.
		 */
		RELEASED,

		/** Another process holds it; its lease is renewed no more. */
		LEASE_ENDING,

		/** Nobody holds it. */
		NOT_HELD,

		/** It is held under another token. */
		CONFLICT,

		/** The store has not answered: what was asked of it may be done or not. */
		NOT_KNOWN

	}

}
