package org.crossprocesslock.sample.demo;

import java.time.Duration;

import org.crossprocesslock.sample.worker.WorkerEvent;
import org.crossprocesslock.sample.worker.WorkerEvent.Kind;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/** Tests of {@link Scoreboard}. */
class ScoreboardTests {

	private final Scoreboard scoreboard = new Scoreboard(4, 2, true, Mishap.KILLED);

	private long now = 1;

	@Test
	void tellsWhoHoldsTheLock() {
		tell(1, Kind.ACQUIRED, 1000);
		assertThat(this.scoreboard.progress()).contains("held by worker 1, token 1000");
		tell(1, Kind.RELEASED, 1000);
		assertThat(this.scoreboard.progress()).contains("free, last token 1000");
	}

	@Test
	void lateNewsOfAnOlderTokenChangesNothing() {
		tell(1, Kind.ACQUIRED, 2000);
		tell(2, Kind.ACQUIRED, 1000);
		tell(2, Kind.RELEASED, 1000);
		assertThat(this.scoreboard.progress()).contains("held by worker 1, token 2000");
	}

	@Test
	void lastHolderIsChosenOnceWhenHalfIsNumbered() {
		tell(1, Kind.ACQUIRED, 1000);
		tell(1, Kind.NUMBERED, 1);
		assertThat(this.scoreboard.chooseVictim()).isEmpty();
		tell(2, Kind.ACQUIRED, 2000);
		tell(2, Kind.NUMBERED, 2);
		assertThat(this.scoreboard.chooseVictim()).contains(2);
		tell(1, Kind.NUMBERED, 3);
		assertThat(this.scoreboard.chooseVictim()).isEmpty();
	}

	@Test
	void takeOverIsTheTimeFromTheKillToTheNextAcquisitionOfAnother() {
		strikeWorker2WithToken2000(this.scoreboard);
		this.now = Duration.ofSeconds(3).toNanos();
		tell(1, Kind.ACQUIRED, 1000);
		assertThat(this.scoreboard.takeOver()).isEmpty();
		tell(1, Kind.ACQUIRED, 3000);
		assertThat(this.scoreboard.takeOver()).contains(Duration.ofSeconds(2));
		this.now = Duration.ofSeconds(9).toNanos();
		tell(1, Kind.ACQUIRED, 4000);
		assertThat(this.scoreboard.takeOver()).contains(Duration.ofSeconds(2));
	}

	@Test
	void endOfTheKilledWorkerIsNoFailure() {
		strikeWorker2WithToken2000(this.scoreboard);
		tell(2, Kind.EXITED, 137);
		tell(1, Kind.EXITED, 0);
		assertThat(this.scoreboard.isOver()).isTrue();
		assertThat(this.scoreboard.failures()).isEmpty();
	}

	@Test
	void failureOfAnotherWorkerIsAFailure() {
		strikeWorker2WithToken2000(this.scoreboard);
		tell(1, Kind.EXITED, 1);
		assertThat(this.scoreboard.failures()).containsExactly("worker 1 ended with exit code 1");
	}

	@Test
	void workerThatDoesNotStartEndsTheRun() {
		tell(2, Kind.READY, 4711);
		assertThat(this.scoreboard.isOver()).isFalse();
		tell(1, Kind.EXITED, 1);
		assertThat(this.scoreboard.isOver()).isTrue();
	}

	@Test
	void endOfOneWorkerIsNotTheEndOfTheRun() {
		tell(1, Kind.READY, 4711);
		tell(2, Kind.READY, 4712);
		tell(1, Kind.EXITED, 1);
		assertThat(this.scoreboard.isOver()).isFalse();
		tell(2, Kind.EXITED, 0);
		assertThat(this.scoreboard.isOver()).isTrue();
	}

	@Test
	void stoppedWorkerIsContinuedOnceWhenAnotherHasCommitted() {
		Scoreboard stall = new Scoreboard(4, 2, true, Mishap.STOPPED);
		strikeWorker2WithToken2000(stall);
		assertThat(stall.progress()).contains("worker 2: 2 (stopped)");
		stall.record(sighting(1, Kind.ACQUIRED, 3000));
		assertThat(stall.chooseToContinue()).isEmpty();
		stall.record(sighting(1, Kind.NUMBERED, 3));
		assertThat(stall.chooseToContinue()).contains(2);
		assertThat(stall.chooseToContinue()).isEmpty();
		assertThat(stall.progress()).contains("worker 2: 2 (continued)");
		assertThat(stall.isContinuedInVain()).isFalse();
		stall.record(sighting(2, Kind.FAILED, 2000));
		assertThat(stall.isContinuedInVain()).isTrue();
		stall.record(sighting(2, Kind.EXITED, 1));
		assertThat(stall.failures()).containsExactly("worker 2 ended with exit code 1");
	}

	private void strikeWorker2WithToken2000(Scoreboard scoreboard) {
		scoreboard.record(sighting(2, Kind.ACQUIRED, 2000));
		scoreboard.record(sighting(2, Kind.NUMBERED, 1));
		scoreboard.record(sighting(2, Kind.NUMBERED, 2));
		assertThat(scoreboard.chooseVictim()).contains(2);
		scoreboard.struck(Duration.ofSeconds(1).toNanos());
	}

	private void tell(int worker, Kind kind, long number) {
		this.scoreboard.record(sighting(worker, kind, number));
	}

	private Sighting sighting(int worker, Kind kind, long number) {
		return new Sighting(worker, new WorkerEvent(kind, number), this.now);
	}

}
