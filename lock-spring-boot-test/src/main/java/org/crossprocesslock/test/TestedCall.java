package org.crossprocesslock.test;

import java.util.List;

import org.assertj.core.api.AssertProvider;
import org.jspecify.annotations.Nullable;

/**
 * A call that is over: which keys were granted while it ran, and how it ended. To be
 * given to AssertJ's {@code assertThat}.
 *
 * @see LockTester#call
 * @since 0.1.0
 */
public final class TestedCall implements AssertProvider<TestedCallAssert> {

	private final List<String> keys;

	private final List<String> stillHeld;

	private final @Nullable Object result;

	private final @Nullable Throwable failure;

	TestedCall(GrantedKeys granted, @Nullable Object result, @Nullable Throwable failure) {
		this.keys = granted.all();
		this.stillHeld = granted.stillHeld();
		this.result = result;
		this.failure = failure;
	}

	/**
	 * The keys that were granted while the call ran, in that order.
	 * @return the keys, one that was granted twice twice
	 */
	public List<String> keys() {
		return this.keys;
	}

	/**
	 * Those of the {@link #keys()} whose guards were still open when the call was over.
	 * @return the keys
	 */
	public List<String> stillHeld() {
		return this.stillHeld;
	}

	/**
	 * The result of the call.
	 * @return the result, {@code null} if there was none or the call has failed
	 */
	public @Nullable Object result() {
		return this.result;
	}

	/**
	 * What the call has thrown.
	 * @return the failure, {@code null} if there was none
	 */
	public @Nullable Throwable failure() {
		return this.failure;
	}

	/**
	 * Called by AssertJ.
	 */
	@Override
	public TestedCallAssert assertThat() {
		return new TestedCallAssert(this);
	}

	@Override
	public String toString() {
		return "call that was granted " + this.keys
				+ ((this.failure != null) ? " and failed with " + this.failure : "");
	}

}
