package org.crossprocesslock.benchmarks.result;

import java.util.OptionalDouble;
import java.util.Set;
import java.util.function.Function;

import org.crossprocesslock.benchmarks.database.Flush;
import org.crossprocesslock.benchmarks.database.Product;

/**
 * Something that was to be reached.
 *
 * @param text what, for people
 * @param products on which databases
 * @param flushes with which flush
 * @param limit the limit
 * @param isUpper whether it is an upper limit
 * @param measured the number to compare with it, if it was measured
 */
public record Target(String text, Set<Product> products, Set<Flush> flushes, double limit, boolean isUpper,
		Function<ScenarioResult, OptionalDouble> measured) {

	/** At most so much. */
	public static Target atMost(double limit, String text, Function<ScenarioResult, OptionalDouble> measured) {
		return new Target(text, Set.of(Product.values()), Set.of(Flush.values()), limit, true, measured);
	}

	/** At least so much. */
	public static Target atLeast(double limit, String text, Function<ScenarioResult, OptionalDouble> measured) {
		return new Target(text, Set.of(Product.values()), Set.of(Flush.values()), limit, false, measured);
	}

	/** The same with one kind of flush only. */
	public Target with(Flush flush) {
		return new Target(this.text, this.products, Set.of(flush), this.limit, this.isUpper, this.measured);
	}

	/** The same on some databases only. */
	public Target on(Product... products) {
		return new Target(this.text, Set.of(products), this.flushes, this.limit, this.isUpper, this.measured);
	}

	/** Whether a number is within the limit. */
	public boolean isMet(double value) {
		return this.isUpper ? value <= this.limit : value >= this.limit;
	}

}
