package org.crossprocesslock.test;

import java.time.Duration;

import org.assertj.core.api.AbstractAssert;
import org.assertj.core.api.Assertions;
import org.crossprocesslock.annotation.LockedMethodDescription;

/**
 * AssertJ assertions for {@link TestedMethods}.
 *
 * @since 0.1.0
 */
public final class TestedMethodsAssert extends AbstractAssert<TestedMethodsAssert, TestedMethods> {

	TestedMethodsAssert(TestedMethods actual) {
		super(actual, TestedMethodsAssert.class);
	}

	/**
	 * Verifies that there is a lock.
	 * @return this
	 */
	public TestedMethodsAssert areLocked() {
		if (this.actual.locks().isEmpty()) {
			throw failure("Expected %s to run under a lock, but it is not annotated, or no bean has it",
					this.actual.name());
		}
		return this;
	}

	/**
	 * Verifies that there is no lock.
	 * @return this
	 */
	public TestedMethodsAssert areNotLocked() {
		Assertions.assertThat(this.actual.locks()).as("locks of %s", this.actual.name()).isEmpty();
		return this;
	}

	/**
	 * Verifies the templates of all keys.
	 * @param templates as they are written in the annotations, in any order
	 * @return this
	 */
	public TestedMethodsAssert haveKeys(String... templates) {
		Assertions.assertThat(this.actual.locks())
			.as("keys of %s", this.actual.name())
			.extracting(LockedMethodDescription::key)
			.containsExactlyInAnyOrder(templates);
		return this;
	}

	/**
	 * Verifies how long calls wait.
	 * @param waitTime the wait time of each lock
	 * @return this
	 */
	public TestedMethodsAssert haveWaitTime(Duration waitTime) {
		areLocked();
		Assertions.assertThat(this.actual.locks())
			.as("locks of %s", this.actual.name())
			.allSatisfy((each) -> Assertions.assertThat(each.waitTime()).isEqualTo(waitTime));
		return this;
	}

}
