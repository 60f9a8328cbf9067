package org.crossprocesslock.autoconfigure.fencing;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;

import org.crossprocesslock.Fencing;
import org.crossprocesslock.LockLostException;
import org.crossprocesslock.annotation.CrossProcessLocked;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.transaction.annotation.Transactional;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Tests for transactions that commit under all of several keys, or not at all.
 */
class FencedSeveralKeysTests {

	private final FencedApplication application = new FencedApplication();

	private void run(TransfersCheck check) {
		this.application.runner()
			.withBean(Transfers.class)
			.run((context) -> check.accept(context.getBean(Transfers.class)));
	}

	@ParameterizedTest
	@ValueSource(strings = { "a", "b", "c" })
	void theLossOfAnyKeyRefusesTheCommit(String lost) {
		run((transfers) -> {
			assertThatExceptionOfType(LockLostException.class)
				.isThrownBy(() -> transfers.ofAll(List.of("c", "a", "b"), () -> {
					this.application.insert(1);
					this.application.anotherProcessTakes(lost);
				}))
				.satisfies((ex) -> assertThat(ex.getKey()).isEqualTo(lost));
			assertThat(this.application.rows()).isEmpty();
		});
	}

	@ParameterizedTest
	@ValueSource(strings = { "first", "second" })
	void theLossOfTheKeyOfAnyAnnotationRefusesTheCommit(String lost) {
		run((transfers) -> {
			assertThatExceptionOfType(LockLostException.class).isThrownBy(() -> transfers.ofTwo(() -> {
				this.application.insert(1);
				this.application.anotherProcessTakes(lost);
			})).satisfies((ex) -> assertThat(ex.getKey()).isEqualTo(lost));
			assertThat(this.application.rows()).isEmpty();
		});
	}

	@ParameterizedTest
	@ValueSource(strings = { "a", "b" })
	void theLossOfAnyKeyRefusesTheCommitThatAStageMethodMakes(String lost) {
		run((transfers) -> {
			assertThatExceptionOfType(LockLostException.class)
				.isThrownBy(() -> transfers.stage(List.of("a", "b"), () -> {
					this.application.insert(1);
					this.application.anotherProcessTakes(lost);
				}))
				.satisfies((ex) -> assertThat(ex.getKey()).isEqualTo(lost));
			assertThat(this.application.rows()).isEmpty();
		});
	}

	@ParameterizedTest
	@ValueSource(strings = { "a", "b", "c", "d" })
	void theLossOfAKeyOfTheCallOutsideRefusesTheCommitAsWell(String lost) {
		run((transfers) -> {
			assertThatExceptionOfType(LockLostException.class).isThrownBy(
					() -> transfers.outside(List.of("a", "d"), () -> transfers.ofAll(List.of("c", "b", "a"), () -> {
						this.application.insert(1);
						this.application.anotherProcessTakes(lost);
					})));
			assertThat(this.application.rows()).isEmpty();
		});
	}

	@ParameterizedTest
	@ValueSource(ints = { 1, 100 })
	void whatIsHeldToTheEndIsCommitted(int count) {
		run((transfers) -> {
			List<String> keys = IntStream.range(0, count).mapToObj((i) -> "key-" + i).toList();
			transfers.ofAll(keys, () -> this.application.insert(1));
			assertThat(transfers.stage(keys, () -> this.application.insert(2))).succeedsWithin(Duration.ofMinutes(1));
			assertThat(this.application.rows()).containsExactly(1, 2);
		});
	}

	/** What a test does with the bean. */
	interface TransfersCheck {

		void accept(Transfers transfers) throws Exception;

	}

	static class Transfers {

		@CrossProcessLocked(key = "#{#keys}", fencing = Fencing.REQUIRED)
		@Transactional
		public void ofAll(List<String> keys, Runnable work) {
			work.run();
		}

		@CrossProcessLocked(key = "second")
		@CrossProcessLocked(key = "first")
		@Transactional
		public void ofTwo(Runnable work) {
			work.run();
		}

		@CrossProcessLocked(key = "#{#keys}")
		@Transactional
		public CompletableFuture<String> stage(List<String> keys, Runnable work) {
			work.run();
			return CompletableFuture.completedFuture("done");
		}

		@CrossProcessLocked(key = "#{#keys}")
		public void outside(List<String> keys, Runnable work) {
			work.run();
		}

	}

}
