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

	private final Slots slots = new Slots(1_000_000_000L, this.effects::add);

	private final LeaseKeeper keeper = new LeaseKeeper(LeaseOptions.defaults(), "a", UUID::randomUUID,
			new Instants(0, 0), this.slots, this.effects::add, new IgnoredEvents());

	@Test
	void onlyALeaseThatWasOpenIsRememberedAsOwn() {
		// a store that is away for days would otherwise cost memory with every attempt
		String givenUp = open(0,
				new Answer.NoAnswer(new LockStoreException("lost", new IllegalStateException(), false)));
		assertThat(this.keeper.isOwn(givenUp)).isFalse();
		Instants ended = new Instants(1_000_000_000, 1000);
		this.keeper.dispatch(ended);
		answer(new Answer.Done(), ended);
		String opened = open(2, new Answer.Done());
		assertThat(this.keeper.isOwn(opened)).isTrue();
	}

	private String open(int second, Answer answer) {
		Instants now = new Instants(second * 1_000_000_000L, second * 1000L);
		this.keeper.dispatch(now);
		answer(answer, now);
		return this.effects.stream()
			.filter((effect) -> effect instanceof Effect.Run run && run.call().command() instanceof Command.Open)
			.map((effect) -> ((Command.Open) ((Effect.Run) effect).call().command()).leaseId())
			.reduce((first, last) -> last)
			.orElseThrow();
	}

	private void answer(Answer answer, Instants now) {
		Effect.Run run = (Effect.Run) this.effects.get(this.effects.size() - 1);
		assertThat(this.slots.answered(run.call())).isTrue();
		this.keeper.answered(run.call(), answer, now);
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
		public void kept(LeaseStore.Kept kept, boolean clockSetBack, Instants now) {
		}

		@Override
		public void stopped() {
		}

	}

}
