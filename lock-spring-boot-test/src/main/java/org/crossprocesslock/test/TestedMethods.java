package org.crossprocesslock.test;

import java.util.List;

import org.assertj.core.api.AssertProvider;
import org.crossprocesslock.annotation.LockedMethodDescription;

/**
 * What is known of the methods of one name, before they are called. To be given to
 * AssertJ's {@code assertThat}.
 *
 * @param name class and method, for messages
 * @param locks one for each annotation of each of the methods, none if they are not
 * annotated
 * @see LockTester#methods
 * @since 0.1.0
 */
public record TestedMethods(String name,
		List<LockedMethodDescription> locks) implements AssertProvider<TestedMethodsAssert> {

	/**
	 * Called by AssertJ.
	 */
	@Override
	public TestedMethodsAssert assertThat() {
		return new TestedMethodsAssert(this);
	}

}
