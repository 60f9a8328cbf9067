package org.crossprocesslock.autoconfigure.actuate;

import java.util.List;
import java.util.Map;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonInclude.Include;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.actuate.endpoint.OperationResponseBody;

/**
 * What the endpoint answers. Names and formats are stable, and the same over HTTP and
 * JMX: times are texts as ISO 8601 has them, what is not known is left out.
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
	 * A lock manager. One that tells nothing about itself has a type only.
	 *
	 * @param type its class
	 * @param backend the backend that was chosen by auto-configuration
	 * @param reason why it was chosen
	 * @param reach whom its locks exclude
	 * @param status whether keys can be had
	 * @param statusFor for how long this has been so
	 * @param problem why keys cannot be had
	 * @param lease the lease of the process
	 * @param guards how many guards are open
	 * @param requests how many requests wait
	 * @param held what is held, one for each guard
	 * @param waiting what is waited for, one for each key
	 * @param store what the store says, if it was asked
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
	 * @param remaining how long the process may go on to believe in it
	 * @param listening whether others can tell this process something
	 * @param ownConnections whether its connections are outside of the pool
	 */
	@JsonInclude(Include.NON_NULL)
	public record Lease(String holder, @Nullable String id, String duration, @Nullable String renewedAgo,
			@Nullable String remaining, boolean listening, @Nullable Boolean ownConnections) {

	}

	/**
	 * A key that this process has.
	 *
	 * @param key the key
	 * @param name the name for meters
	 * @param mode whom it excludes
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
	 * @param holder who was last seen to have it
	 */
	@JsonInclude(Include.NON_NULL)
	public record Waiting(String key, int requests, String longestWait, @Nullable String holder) {

	}

	/**
	 * What the store says.
	 *
	 * @param problem why it says nothing
	 * @param clock its own time
	 * @param keys keys, if asked for
	 * @param holders processes, if asked for
	 * @param next after what the next page begins, if there is one
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
	 * @param holder whose it is, absent if it is nobody's
	 * @param keptFor for how long nobody else is granted it although it may be nobody's,
	 * because its last grant was to hold it at least for so long; absent if it is not
	 * kept
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
	 * @param ending whether the lease is renewed no more, since an operator wants its end
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
	 * @param holdAtLeast for how long at least nobody else is granted the key, absent if
	 * not at all
	 * @param onBusy what becomes of a call that has waited for so long
	 * @param mode whom it excludes
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
	 * @param lockManagers what each lock manager says, by the names of their beans
	 */
	@JsonInclude(Include.NON_NULL)
	public record Key(String key, Map<String, KeyOfManager> lockManagers) implements OperationResponseBody {

	}

	/**
	 * What one lock manager says about a key.
	 *
	 * @param held by what it is held in this process
	 * @param waiting who waits for it in this process
	 * @param store what the store says
	 */
	@JsonInclude(Include.NON_NULL)
	public record KeyOfManager(List<Held> held, @Nullable Waiting waiting, @Nullable Store store) {

	}

	/**
	 * What has become of a release by force.
	 *
	 * @param outcome RELEASED, LEASE_ENDING, NOT_HELD or CONFLICT
	 * @param present how the key is now, in a conflict
	 */
	@JsonInclude(Include.NON_NULL)
	public record Release(Outcome outcome, @Nullable Key present) implements OperationResponseBody {

	}

	/** What has become of a release by force. */
	public enum Outcome {

		/**
		 * This process held the key; its guards were lost, then it was released. Or
		 * nobody held it any more, and its last grant does not keep it either from now
		 * on.
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
