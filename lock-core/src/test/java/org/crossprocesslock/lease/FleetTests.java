package org.crossprocesslock.lease;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

import org.crossprocesslock.lease.Effect.Granted;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.assertj.core.api.Assertions.assertThat;

/** Many processes that wait for one key: what a turn costs, and whose it is. */
class FleetTests {

	private static final Duration WAIT = Duration.ofMinutes(10);

	private static final Duration MILLI = Duration.ofMillis(1);

	private static final int TURNS = 600;

	private final TickedWorld world = new TickedWorld();

	private final List<Notice> told = new ArrayList<>();

	private final Map<TickedProcess, Waiter> waiters = new HashMap<>();

	private final Map<TickedProcess, Integer> turns = new HashMap<>();

	@Test
	void aTurnOfFiftyCostsWhatATurnOfTwoDoes() {
		double ofTwo = statementsInATurn(2);
		FleetTests fifty = new FleetTests();
		double ofFifty = fifty.statementsInATurn(50);
		assertThat(ofTwo).isLessThanOrEqualTo(2.1);
		assertThat(ofFifty).isLessThanOrEqualTo(2.1);
		int most = Collections.max(fifty.turns.values());
		assertThat(fifty.turns).hasSize(50);
		assertThat((double) Collections.min(fifty.turns.values()) / most).isGreaterThanOrEqualTo(0.8);
	}

	@ParameterizedTest
	@CsvSource({ "2, 2, 0, 2.1", "20, 2, 0, 2.1", "50, 2, 0, 2.1", "200, 2, 0, 2.1", "2, 20, 0, 2.1", "20, 2, 20, 2.1",
			"5, 2, 50, 3.5", "20, 2, 300, 3.5" })
	void everyoneHasItsTurnThoughTheStoreTakesItsTime(int processes, int wayMillis, int awayMillis,
			double statementsInATurn) {
		SlowFleet fleet = new SlowFleet(processes, MILLI.multipliedBy(wayMillis), MILLI.multipliedBy(awayMillis))
			.warmUp(Duration.ofSeconds(20));
		int before = fleet.statements();
		fleet.run(Duration.ofSeconds(60));
		assertThat(fleet.leastToMost()).isGreaterThanOrEqualTo(0.8);
		assertThat((double) (fleet.statements() - before) / fleet.turns()).isLessThanOrEqualTo(statementsInATurn);
	}

	private double statementsInATurn(int processes) {
		this.world.store.notices = this.told::add;
		List<TickedProcess> fleet = fleet(processes);
		fleet.forEach(TickedProcess::listens);
		fleet.forEach((process) -> this.waiters.put(process, process.asks("key", WAIT)));
		fleet.forEach(TickedProcess::settle);
		takeTurns(fleet, (Line.OFTEN + 1) * processes);
		this.turns.clear();
		int before = statements(fleet);
		takeTurns(fleet, TURNS);
		return (double) (statements(fleet) - before) / TURNS;
	}

	@Test
	void withoutNoticesTheRateIsBoundedHoweverManyWait() {
		List<TickedProcess> fleet = fleet(50);
		// each hears how many there are
		this.world.run(TickedWorld.HEARTBEAT);
		fleet.get(0).takes("key");
		fleet.subList(1, 50).forEach((process) -> process.asks("key", WAIT));
		this.world.run(Duration.ofSeconds(2));
		int before = statements(fleet);
		this.world.run(Duration.ofSeconds(10));
		assertThat(statements(fleet) - before).isLessThanOrEqualTo(1000);
	}

	@Test
	void withoutNoticesAKeyThatMovesIsNotAskedForMoreOften() {
		List<TickedProcess> fleet = fleet(50);
		this.world.run(TickedWorld.HEARTBEAT);
		fleet.forEach((process) -> this.waiters.put(process, process.asks("key", WAIT)));
		fleet.forEach(TickedProcess::settle);
		this.world.run(Duration.ofSeconds(2));
		int before = statements(fleet);
		for (int i = 0; i < 500; i++) {
			this.world.run(MILLI.multipliedBy(20));
			closeAndAskAgain(fleet);
		}
		int first = this.turns.values().stream().mapToInt(Integer::intValue).sum();
		// a turn is an acquire that succeeds, a release and the next request
		assertThat(statements(fleet) - before - 3 * first).isLessThanOrEqualTo(1000);
	}

	@Test
	void whoeverDiesInTheLineHoldsNobodyUpForLong() {
		this.world.store.notices = this.told::add;
		List<TickedProcess> fleet = new ArrayList<>(fleet(10));
		fleet.forEach(TickedProcess::listens);
		fleet.forEach((process) -> this.waiters.put(process, process.asks("key", WAIT)));
		fleet.forEach(TickedProcess::settle);
		takeTurns(fleet, 20);
		TickedProcess dead = fleet.stream().filter((process) -> !isGranted(process)).findFirst().orElseThrow();
		this.world.kill(dead);
		fleet.remove(dead);
		this.turns.clear();
		// as long as the longest pause, after which all have asked again
		takeTurns(fleet, 400);
		assertThat(this.turns).hasSize(9);
	}

	private List<TickedProcess> fleet(int processes) {
		List<TickedProcess> fleet = new ArrayList<>();
		for (int i = 0; i < processes; i++) {
			fleet.add(this.world.running("p" + i));
		}
		return fleet;
	}

	private void takeTurns(List<TickedProcess> fleet, int most) {
		int taken = 0;
		for (int millis = 0; taken < most; millis++) {
			assertThat(millis).as("milliseconds for %s turns", taken).isLessThan(20 * most + 5000);
			this.world.run(MILLI);
			deliver(fleet);
			if (millis % 3 == 0) {
				taken += closeAndAskAgain(fleet);
				deliver(fleet);
			}
		}
	}

	private int closeAndAskAgain(List<TickedProcess> fleet) {
		int closed = 0;
		for (TickedProcess process : fleet) {
			if (isGranted(process)) {
				closed++;
				this.turns.merge(process, 1, Integer::sum);
				process.closes(process.holdOf(waiterOf(process)));
				process.settle();
				this.waiters.put(process, process.asks("key", WAIT));
				process.settle();
			}
		}
		return closed;
	}

	private boolean isGranted(TickedProcess process) {
		return process.endOf(waiterOf(process)) instanceof Granted;
	}

	private Waiter waiterOf(TickedProcess process) {
		return Objects.requireNonNull(this.waiters.get(process));
	}

	private void deliver(List<TickedProcess> fleet) {
		List<Notice> notices = List.copyOf(this.told);
		this.told.clear();
		for (Notice notice : notices) {
			for (TickedProcess process : fleet) {
				if (process.leaseId().equals(notice.to())) {
					process.hears(notice);
					process.settle();
				}
			}
		}
	}

	private static int statements(List<TickedProcess> fleet) {
		return fleet.stream().mapToInt(TickedProcess::keyStatements).sum();
	}

}
