package org.crossprocesslock.benchmarks.scenario;

import java.util.List;

/** All scenarios. */
public final class Scenarios {

	private Scenarios() {
	}

	/** In the order in which they run. */
	public static List<Scenario> all() {
		return List.of(new Uncontended(), new OwnKeys(), new HotKey(), new HandOver(), new CompetingProcesses(),
				new HeldKeys(), new WaitingCallers(), new IdleRows(), new StartUp(), new Fleet(), new FilePerKey(),
				new InProcess());
	}

	/** The scenario of that id. */
	public static Scenario of(String id) {
		return all().stream()
			.filter((scenario) -> scenario.id().equals(id))
			.findFirst()
			.orElseThrow(() -> new IllegalArgumentException(
					"There is no scenario '" + id + "', only " + all().stream().map(Scenario::id).toList()));
	}

}
