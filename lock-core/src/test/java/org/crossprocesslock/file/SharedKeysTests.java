package org.crossprocesslock.file;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;

import org.crossprocesslock.engine.TickedTimeSource;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

class SharedKeysTests {

	private static final Duration NANO = Duration.ofNanos(1);

	private final TickedTimeSource time = new TickedTimeSource();

	private final SharedKeys<PidTenure> keys = new SharedKeys<>(() -> {
		throw new IllegalStateException("no turn is asked for");
	}, new DirtyKeys(), new FileThreads(Runnable::run), this.time);

	@Test
	void aKeyIsUnansweredOnceALookIsOverdueAndUntilItsAnswerIsThere() {
		CompletableFuture<Boolean> answer = new CompletableFuture<>();
		CompletableFuture<Boolean> heard = this.keys.ask("k", () -> answer)
			.thenApply((taken) -> this.keys.isUnanswered("k"));
		this.time.pass(SharedKeys.ANSWER_LIMIT.minus(NANO));
		assertThat(this.keys.isUnanswered("k")).isFalse();
		this.time.pass(NANO);
		assertThat(this.keys.isUnanswered("k")).isTrue();
		assertThat(this.keys.isUnanswered("other")).isFalse();
		answer.complete(true);
		assertThat(heard).isCompletedWithValue(false);
	}

	@Test
	void eachLookOfAKeyIsAnsweredByItself() {
		CompletableFuture<Boolean> first = new CompletableFuture<>();
		CompletableFuture<Boolean> second = new CompletableFuture<>();
		assertThat(this.keys.ask("k", () -> first)).isNotDone();
		this.time.pass(NANO);
		assertThat(this.keys.ask("k", () -> second)).isNotDone();
		this.time.pass(SharedKeys.ANSWER_LIMIT);
		first.completeExceptionally(new IllegalStateException("simulated"));
		assertThat(this.keys.isUnanswered("k")).isTrue();
		second.complete(false);
		assertThat(this.keys.isUnanswered("k")).isFalse();
	}

	@Test
	void whatIsKnownByALaterLookIsKnown() {
		CompletableFuture<Boolean> stuck = this.keys.ask("k", CompletableFuture::new);
		this.time.pass(SharedKeys.ANSWER_LIMIT);
		assertThat(this.keys.ask("k", () -> CompletableFuture.failedFuture(new OutOfMemoryError("simulated"))))
			.isCompletedExceptionally();
		assertThat(this.keys.isUnanswered("k")).isTrue();
		assertThat(this.keys.ask("k", () -> CompletableFuture.completedFuture(true))).isCompleted();
		assertThat(this.keys.isUnanswered("k")).isFalse();
		assertThat(stuck).isNotDone();
	}

	@Test
	void aLookThatKeepsTheThreadIsUnansweredTooAndOneThatThrowsIsOver() {
		assertThatExceptionOfType(OutOfMemoryError.class).isThrownBy(() -> this.keys.ask("k", () -> {
			this.time.pass(SharedKeys.ANSWER_LIMIT);
			assertThat(this.keys.isUnanswered("k")).isTrue();
			throw new OutOfMemoryError("simulated");
		}));
		assertThat(this.keys.isUnanswered("k")).isFalse();
	}

}
