package org.crossprocesslock.test;

import org.assertj.core.api.AbstractAssert;
import org.assertj.core.api.Assertions;
import org.jspecify.annotations.Nullable;

/**
 * AssertJ assertions for a {@link TestedCall}. Each of them but {@link #failedWith} fails
 * if the call has failed, unless {@code failedWith} was asked before.
 *
 * @since 0.1.0
 */
public final class TestedCallAssert extends AbstractAssert<TestedCallAssert, TestedCall> {

	private boolean failureExpected;

	TestedCallAssert(TestedCall actual) {
		super(actual, TestedCallAssert.class);
	}

	/**
	 * Verifies that each of the keys was granted while the call ran.
	 * @param keys evaluated keys, as {@code billing-42}
	 * @return this
	 */
	public TestedCallAssert held(String... keys) {
		notFailed();
		Assertions.assertThat(this.actual.keys()).as("keys that the call held").contains(keys);
		return this;
	}

	/**
	 * Verifies that these keys were granted while the call ran, and no others.
	 * @param keys evaluated keys, in any order
	 * @return this
	 */
	public TestedCallAssert heldOnly(String... keys) {
		notFailed();
		Assertions.assertThat(this.actual.keys()).as("keys that the call held").containsOnly(keys);
		return this;
	}

	/**
	 * Verifies that no key was granted while the call ran, as where it was skipped.
	 * @return this
	 */
	public TestedCallAssert heldNothing() {
		notFailed();
		Assertions.assertThat(this.actual.keys()).as("keys that the call held").isEmpty();
		return this;
	}

	/**
	 * Verifies that all guards that were granted while the call ran were closed, or lost,
	 * when it was over.
	 * @return this
	 */
	public TestedCallAssert releasedAll() {
		notFailed();
		Assertions.assertThat(this.actual.stillHeld())
			.as("keys that the call still holds, as one inside of the transaction of a test does until its end")
			.isEmpty();
		return this;
	}

	/**
	 * Verifies the result of the call.
	 * @param expected the answer
	 * @return this
	 */
	public TestedCallAssert hasResult(@Nullable Object expected) {
		notFailed();
		Assertions.assertThat(this.actual.result()).as("what the call returned").isEqualTo(expected);
		return this;
	}

	/**
	 * Verifies that the call has succeeded.
	 * @return this
	 */
	public TestedCallAssert succeeded() {
		this.failureExpected = false;
		notFailed();
		return this;
	}

	/**
	 * Verifies that the call has failed, and expects it in what is asked next.
	 * @param type the type of what was thrown
	 * @return this
	 */
	public TestedCallAssert failedWith(Class<? extends Throwable> type) {
		Assertions.assertThat(this.actual.failure()).as("what the call threw").isInstanceOf(type);
		this.failureExpected = true;
		return this;
	}

	private void notFailed() {
		Throwable failure = this.actual.failure();
		if (failure != null && !this.failureExpected) {
			AssertionError error = failure("Expected the call to succeed, but it failed with %s", failure);
			error.initCause(failure);
			throw error;
		}
	}

}
