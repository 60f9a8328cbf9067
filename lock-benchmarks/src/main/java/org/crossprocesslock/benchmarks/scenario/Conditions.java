package org.crossprocesslock.benchmarks.scenario;

import java.time.Duration;
import java.util.List;

import org.crossprocesslock.benchmarks.contender.Contender;
import org.crossprocesslock.benchmarks.contender.Library;
import org.crossprocesslock.benchmarks.contender.Terms;

/**
 * How to measure.
 *
 * @param rounds how often everything is measured, in turn
 * @param warmUp for how long to run before a measurement counts, or before it is looked
 * again whether the compilers rest
 * @param length how long a measurement is
 * @param poll pause between two attempts of the other libraries
 * @param all who takes part
 * @param scale how much of everything there is
 */
public record Conditions(int rounds, Duration warmUp, Duration length, Duration poll, List<Contender> all,
		Scale scale) {

	/** Who takes part where there is no limit to show. */
	public List<Contender> contenders() {
		return this.all.stream().filter((contender) -> contender.library().role() != Library.Role.LIMIT).toList();
	}

	/** What contenders are told. */
	public Terms terms() {
		return Terms.brief(this.poll);
	}

}
