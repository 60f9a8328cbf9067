package org.crossprocesslock.lease;

import java.time.Duration;
import java.util.AbstractList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

import org.crossprocesslock.BrokenLog;
import org.crossprocesslock.Eventually;
import org.crossprocesslock.lease.Command.Answer;
import org.crossprocesslock.lease.LeaseStore.AcquireOrder;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class StoreThreadTests {

	private static final Command COMMAND = new Command.End("none");

	private final String name = "cross-process-lock-" + UUID.randomUUID();

	private final StoreThread caller = StoreThread.started(this.name,
			new SimulatedStore(() -> 0, Duration.ofSeconds(1)));

	private final Thread thread = named(this.name);

	static Thread named(String name) {
		return Thread.getAllStackTraces()
			.keySet()
			.stream()
			.filter((thread) -> thread.getName().equals(name))
			.findFirst()
			.orElseThrow();
	}

	private void awaitRest() throws InterruptedException {
		Eventually.until("it rests", () -> this.thread.getState() == Thread.State.WAITING);
	}

	private void awaitEnd() throws InterruptedException {
		this.thread.join(Eventually.LIMIT.toMillis());
		assertThat(this.thread.isAlive()).isFalse();
	}

	@AfterEach
	void end() throws Exception {
		this.caller.end();
		awaitEnd();
	}

	@Test
	void aRestingThreadMakesTheCall() throws Exception {
		for (int i = 0; i < 3; i++) {
			awaitRest();
			CompletableFuture<Answer> answer = new CompletableFuture<>();
			this.caller.make(COMMAND, answer::complete);
			assertThat(answer.get(Eventually.LIMIT.toSeconds(), TimeUnit.SECONDS)).isInstanceOf(Answer.Done.class);
		}
	}

	@Test
	void theNextCallMayBeAskedForAtTheEndOfTheOneBefore() throws Exception {
		CompletableFuture<Answer> next = new CompletableFuture<>();
		this.caller.make(COMMAND, (answer) -> this.caller.make(COMMAND, next::complete));
		assertThat(next.get(Eventually.LIMIT.toSeconds(), TimeUnit.SECONDS)).isInstanceOf(Answer.Done.class);
	}

	@Test
	void aRestingThreadEnds() throws Exception {
		awaitRest();
		this.caller.end();
		awaitEnd();
	}

	@Test
	void whatItWasAskedForBeforeItsEndIsMade() throws Exception {
		CountDownLatch busy = new CountDownLatch(1);
		CountDownLatch goOn = new CountDownLatch(1);
		CompletableFuture<Answer> last = new CompletableFuture<>();
		this.caller.make(COMMAND, (answer) -> {
			this.caller.make(COMMAND, last::complete);
			busy.countDown();
			await(goOn);
		});
		await(busy);
		this.caller.end();
		goOn.countDown();
		assertThat(last.get(Eventually.LIMIT.toSeconds(), TimeUnit.SECONDS)).isInstanceOf(Answer.Done.class);
		awaitEnd();
	}

	@Test
	void anInterruptThatIsLeftBehindKeepsItFromNothing() throws Exception {
		CompletableFuture<Boolean> interrupted = new CompletableFuture<>();
		this.caller.make(COMMAND, (answer) -> {
			Thread.currentThread().interrupt();
			this.caller.make(COMMAND, (next) -> interrupted.complete(Thread.currentThread().isInterrupted()));
		});
		assertThat(interrupted.get(Eventually.LIMIT.toSeconds(), TimeUnit.SECONDS)).isFalse();
		awaitRest();
		this.thread.interrupt();
		Eventually.until("it has taken no notice", () -> !this.thread.isInterrupted());
		awaitRest();
	}

	@Test
	void aReceiverThatFailsCostsNoThread() throws Exception {
		this.caller.make(COMMAND, (answer) -> {
			throw new AssertionError("broken");
		});
		aRestingThreadMakesTheCall();
	}

	@Test
	void aReceiverThatFailsCostsNoThreadAlsoIfTheLogIsBroken() throws Exception {
		try (BrokenLog log = new BrokenLog(StoreThread.class)) {
			this.caller.make(COMMAND, (answer) -> {
				throw new AssertionError("broken");
			});
			Eventually.until("it was to be logged", () -> !log.asked().isEmpty());
		}
		aRestingThreadMakesTheCall();
	}

	@Test
	void aCallOfWhichNothingCanBeToldHasAnEndAsWell() throws Exception {
		List<AcquireOrder> broken = new AbstractList<>() {

			@Override
			public AcquireOrder get(int index) {
				throw new OutOfMemoryError("in the store");
			}

			@Override
			public int size() {
				return 1;
			}

			@Override
			public String toString() {
				throw new OutOfMemoryError("where it is to be told");
			}

		};
		CompletableFuture<Answer> answer = new CompletableFuture<>();
		this.caller.make(new Command.Acquire("lease", 0, broken), answer::complete);
		assertThat(answer.get(Eventually.LIMIT.toSeconds(), TimeUnit.SECONDS)).isInstanceOf(Answer.NoAnswer.class);
		aRestingThreadMakesTheCall();
	}

	private static void await(CountDownLatch latch) {
		try {
			assertThat(latch.await(Eventually.LIMIT.toSeconds(), TimeUnit.SECONDS)).isTrue();
		}
		catch (InterruptedException ex) {
			throw new AssertionError(ex);
		}
	}

}
