package org.crossprocesslock.benchmarks.scenario;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

import org.crossprocesslock.benchmarks.contender.Contender;
import org.crossprocesslock.benchmarks.contender.Library;
import org.crossprocesslock.benchmarks.contender.Terms;

/**
 * How to measure.
 *
 * @param rounds how often everything is measured, in turn
 * @param warmUp for how long to run before a measurement counts
 * @param length how long a measurement is
 * @param poll pause between two attempts of the other libraries
 * @param further contenders beside those that always take part
 * @param scale how much of everything there is
 */
public record Conditions(int rounds, Duration warmUp, Duration length, Duration poll, List<Contender> further,
		Scale scale) {

	/** Those that take part, without the one that only shows a limit. */
	public List<Contender> contenders() {
		List<Contender> contenders = new ArrayList<>();
		contenders.add(Contender.of(Library.CROSSPROCESSLOCK));
		contenders.addAll(this.further);
		contenders.add(Contender.of(Library.SHEDLOCK));
		contenders.add(Contender.of(Library.SPRING_INTEGRATION));
		contenders.add(Contender.of(Library.STATEMENTS));
		return contenders;
	}

	/** What contenders are told. */
	public Terms terms() {
		return Terms.brief(this.poll);
	}

}
