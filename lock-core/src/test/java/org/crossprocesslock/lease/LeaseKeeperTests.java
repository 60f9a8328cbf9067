package org.crossprocesslock.lease;

import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

import org.crossprocesslock.LockStoreException;
import org.crossprocesslock.lease.Command.Answer;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class LeaseKeeperTests {

	private final List<Effect> effects = new ArrayList<>();

	private final LeaseKeeper keeper = new LeaseKeeper(LeaseOptions.defaults(), "a", UUID::randomUUID,
			new Instants(0, 0), this.effects::add, new IgnoredEvents());

	@Test
	void onlyALeaseThatWasOpenIsRememberedAsOwn() {
		// a store that is away for days would otherwise cost memory with every attempt
		String givenUp = open(0,
				new Answer.NoAnswer(new LockStoreException("lost", new IllegalStateException(), false)));
		assertThat(this.keeper.isOwn(givenUp)).isFalse();
		Instants ended = new Instants(1_000_000_000, 1000);
		this.keeper.dispatch(ended);
		this.keeper.answered(new Answer.Done(), ended);
		String opened = open(2, new Answer.Done());
		assertThat(this.keeper.isOwn(opened)).isTrue();
	}

	private String open(int second, Answer answer) {
		Instants now = new Instants(second * 1_000_000_000L, second * 1000L);
		this.keeper.dispatch(now);
		this.keeper.answered(answer, now);
		return this.effects.stream()
			.filter((effect) -> effect instanceof Effect.RunOnLease run && run.command() instanceof Command.Open)
			.map((effect) -> ((Command.Open) ((Effect.RunOnLease) effect).command()).leaseId())
			.reduce((first, last) -> last)
			.orElseThrow();
	}

	private static final class IgnoredEvents implements LeaseKeeper.Events {

		@Override
		public void opened(Instants now) {
		}

		@Override
		public void lost(LeaseTerm term, String reason, Instants now) {
		}

		@Override
		public void openingFailed(LockStoreException failure, Instants now) {
		}

		@Override
		public void beat(Instants now) {
		}

		@Override
		public void kept(String session, Instants now) {
		}

		@Override
		public void stopped() {
		}

	}

}
