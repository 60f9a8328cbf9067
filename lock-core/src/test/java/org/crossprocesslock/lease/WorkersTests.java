package org.crossprocesslock.lease;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.Supplier;

import org.crossprocesslock.BrokenLog;
import org.crossprocesslock.CapturedLog;
import org.crossprocesslock.Eventually;
import org.crossprocesslock.FailingListener;
import org.crossprocesslock.engine.TickedTimeSource;
import org.crossprocesslock.lease.Command.Answer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

class WorkersTests {

	/** Hangs in every look until it is let go, and then holds up nobody else. */
	@SuppressWarnings("UnsynchronizedOverridesSynchronized")
	private static final class HangingStore extends SimulatedStore {

		private final CountDownLatch end = new CountDownLatch(1);

		private final AtomicInteger hanging = new AtomicInteger();

		private final AtomicInteger looks = new AtomicInteger();

		HangingStore() {
			super(() -> 0, Duration.ofSeconds(2));
		}

		@Override
		public Looked look(List<String> keys) {
			this.hanging.incrementAndGet();
			this.looks.incrementAndGet();
			try {
				assertThat(this.end.await(Eventually.LIMIT.toSeconds(), TimeUnit.SECONDS)).isTrue();
			}
			catch (InterruptedException ex) {
				throw new AssertionError(ex);
			}
			this.hanging.decrementAndGet();
			return new Looked(0, List.of());
		}

		@Override
		public boolean purge(Duration age) {
			throw FailingListener.<RuntimeException>sneaky(new IOException("checked"));
		}

	}

	private final HangingStore store = new HangingStore();

	private final TickedTimeSource time = new TickedTimeSource();

	private final Workers workers = new Workers(2, () -> StoreThread.started("cross-process-lock-test", this.store),
			this.time);

	@AfterEach
	void end() {
		this.store.end.countDown();
		this.workers.close();
	}

	private static Command.Look look() {
		return new Command.Look(List.of("key"));
	}

	private Answer answer(Command command) throws Exception {
		CompletableFuture<Answer> answer = new CompletableFuture<>();
		assertThat(this.workers.run(command, answer::complete)).isTrue();
		return answer.get(Eventually.LIMIT.toSeconds(), TimeUnit.SECONDS);
	}

	@Test
	void whateverTheStoreThrowsIsNoAnswer() throws Exception {
		for (int i = 0; i < 5; i++) {
			assertThat(answer(new Command.Purge(Duration.ZERO))).isInstanceOfSatisfying(Answer.NoAnswer.class,
					(none) -> assertThat(none.failure()).hasRootCauseInstanceOf(IOException.class));
		}
	}

	@Test
	void aReceiverThatFailsCostsNoThread() throws Exception {
		for (int i = 0; i < 5; i++) {
			CountDownLatch told = new CountDownLatch(1);
			assertThat(this.workers.run(new Command.End("none"), (answer) -> {
				told.countDown();
				throw FailingListener.<RuntimeException>sneaky(new IOException("checked"));
			})).isTrue();
			assertThat(told.await(Eventually.LIMIT.toSeconds(), TimeUnit.SECONDS)).isTrue();
		}
		assertThat(answer(new Command.End("none"))).isInstanceOf(Answer.Done.class);
	}

	@Test
	void aCommandWaitsForAThreadWhileAllAreBusy() throws Exception {
		CompletableFuture<Answer> first = new CompletableFuture<>();
		CompletableFuture<Answer> second = new CompletableFuture<>();
		CompletableFuture<Answer> third = new CompletableFuture<>();
		assertThat(this.workers.run(look(), first::complete)).isTrue();
		assertThat(this.workers.run(look(), second::complete)).isTrue();
		assertThat(this.workers.run(new Command.End("none"), third::complete)).isTrue();
		Eventually.until("both hang", () -> this.store.hanging.get() == 2);
		assertThat(third).isNotDone();
		this.store.end.countDown();
		assertThat(third.get(Eventually.LIMIT.toSeconds(), TimeUnit.SECONDS)).isInstanceOf(Answer.Done.class);
	}

	@Test
	void anAbandonedCallIsReplacedAndItsAnswerIsNotTold() throws Exception {
		AtomicInteger answers = new AtomicInteger();
		for (int i = 0; i < 2; i++) {
			Command hangs = look();
			assertThat(this.workers.run(hangs, (answer) -> answers.incrementAndGet())).isTrue();
			this.workers.abandon(hangs);
		}
		assertThat(answer(new Command.End("none"))).isInstanceOf(Answer.Done.class);
		this.store.end.countDown();
		Eventually.until("those that hung are back", () -> this.workers.stuck() == 0);
		assertThat(answers).hasValue(0);
		assertThat(answer(new Command.End("none"))).isInstanceOf(Answer.Done.class);
	}

	@Test
	void aCallThatIsAbandonedBeforeItsTurnIsNotMade() throws Exception {
		assertThat(this.workers.run(look(), (answer) -> {
		})).isTrue();
		assertThat(this.workers.run(look(), (answer) -> {
		})).isTrue();
		Command waits = look();
		assertThat(this.workers.run(waits, (answer) -> {
		})).isTrue();
		Eventually.until("both hang", () -> this.store.hanging.get() == 2);
		this.workers.abandon(waits);
		this.store.end.countDown();
		assertThat(answer(new Command.End("none"))).isInstanceOf(Answer.Done.class);
		Eventually.until("the others are back", () -> this.store.hanging.get() == 0);
		assertThat(this.store.looks).hasValue(2);
	}

	@Test
	void aStoreThatNeverAnswersUsesUpABoundedNumberOfThreads() throws Exception {
		int refused = 0;
		for (int i = 0; i < 100; i++) {
			Command hangs = look();
			if (this.workers.run(hangs, (answer) -> {
			})) {
				this.workers.abandon(hangs);
			}
			else {
				refused++;
			}
		}
		int hanging = 100 - refused;
		assertThat(hanging).as("the first two and those that took the place of one").isEqualTo(2 + Workers.MOST_STUCK);
		Eventually.until("all hang", () -> this.store.hanging.get() == hanging);
		this.store.end.countDown();
		Eventually.until("all are back", () -> this.workers.stuck() == 0);
		assertThat(answer(new Command.End("none"))).isInstanceOf(Answer.Done.class);
	}

	@Test
	void callsThatNeverReturnDoNotEndAllCallsForGood() throws Exception {
		List<FullCaller> made = new ArrayList<>();
		Workers few = new Workers(1, making(made), this.time);
		try (CapturedLog log = new CapturedLog()) {
			for (int i = 0; i <= Workers.MOST_STUCK; i++) {
				hang(few);
			}
			Eventually.until("it is said", () -> log.warnings().anyMatch((line) -> line.contains("9 calls")));
		}
		for (int beyond = 1; beyond < 4; beyond++) {
			this.time.pass(Workers.PAUSE.multipliedBy(beyond).minusNanos(1));
			assertThat(few.run(look(), (answer) -> {
			})).as("it is too early for another one").isFalse();
			this.time.pass(Duration.ofNanos(1));
			hang(few);
		}
		assertThat(made).hasSize(Workers.MOST_STUCK + 4);
	}

	private static void hang(Workers workers) {
		Command hangs = look();
		assertThat(workers.run(hangs, (answer) -> {
		})).isTrue();
		workers.abandon(hangs);
	}

	@Test
	void aThreadWhoseCallCannotBeBegunIsNotLost() {
		List<FullCaller> made = new ArrayList<>();
		Workers starved = new Workers(1, () -> {
			made.add(new FullCaller());
			return made.get(0);
		}, this.time);
		made.get(0).isFull = true;
		try (BrokenLog log = new BrokenLog(Workers.class)) {
			for (int i = 0; i < 3; i++) {
				assertThat(starved.run(look(), (answer) -> {
				})).isFalse();
			}
			assertThat(log.asked()).containsExactly("DEBUG");
		}
		made.get(0).isFull = false;
		assertThat(starved.run(look(), (answer) -> {
		})).isTrue();
		assertThat(made.get(0).answers).hasSize(1);
	}

	@Test
	void aCallThatCannotBeBegunKeepsItsTurn() {
		List<FullCaller> made = new ArrayList<>();
		Workers starved = new Workers(2, making(made), this.time);
		assertThat(starved.run(look(), (answer) -> {
		})).isTrue();
		made.forEach((caller) -> caller.isFull = true);
		List<String> ended = new ArrayList<>();
		assertThat(starved.run(new Command.End("none"), (answer) -> ended.add("second"))).isTrue();
		assertThat(starved.run(look(), (answer) -> ended.add("third"))).isTrue();
		FullCaller atWork = made.stream().filter((caller) -> !caller.answers.isEmpty()).findFirst().orElseThrow();
		atWork.isFull = false;
		for (int i = 0; i < 3; i++) {
			atWork.answers.remove(0).accept(new Answer.Done());
		}
		assertThat(ended).containsExactly("second", "third");
	}

	@Test
	void aCallThatHasEndedIsNotUnderWayAnyMore() {
		List<FullCaller> made = new ArrayList<>();
		Workers starved = new Workers(1, making(made), this.time);
		assertThat(starved.run(look(), (answer) -> {
		})).isTrue();
		made.get(0).answers.remove(0).accept(new Answer.Done());
		made.get(0).isFull = true;
		assertThat(starved.run(look(), (answer) -> {
		})).as("somebody would come for it").isFalse();
		starved.abandonAll();
		assertThat(starved.stuck()).isZero();
	}

	@Test
	void aCallThatWasAbandonedIsNotUnderWayAnyMore() {
		List<FullCaller> made = new ArrayList<>();
		Workers starved = new Workers(1, making(made), this.time);
		Command hangs = look();
		assertThat(starved.run(hangs, (answer) -> {
		})).isTrue();
		starved.abandon(hangs);
		made.get(1).isFull = true;
		assertThat(starved.run(look(), (answer) -> {
		})).as("somebody would come for it").isFalse();
		made.get(0).answers.remove(0).accept(new Answer.Done());
		assertThat(starved.stuck()).isZero();
		assertThat(made).filteredOn((caller) -> caller.hasEnded).containsExactly(made.get(0));
	}

	@Test
	void aThreadAtWorkEndsWithItsCallAfterTheClose() {
		List<FullCaller> made = new ArrayList<>();
		Workers closed = new Workers(2, making(made), this.time);
		assertThat(closed.run(look(), (answer) -> {
		})).isTrue();
		FullCaller atWork = made.stream().filter((caller) -> !caller.answers.isEmpty()).findFirst().orElseThrow();
		closed.close();
		assertThat(made).filteredOn((caller) -> caller.hasEnded).doesNotContain(atWork).hasSize(1);
		atWork.answers.remove(0).accept(new Answer.Done());
		assertThat(made).allMatch((caller) -> caller.hasEnded);
		assertThat(closed.run(look(), (answer) -> {
		})).isFalse();
	}

	@Test
	void nothingIsLeftWhereNotAllThreadsCanBeMade() {
		List<FullCaller> made = new ArrayList<>();
		assertThatExceptionOfType(OutOfMemoryError.class).isThrownBy(() -> new Workers(3, () -> {
			if (made.size() == 2) {
				throw new OutOfMemoryError("unable to create native thread");
			}
			return making(made).get();
		}, this.time));
		assertThat(made).hasSize(2).allMatch((caller) -> caller.hasEnded);
	}

	private static Supplier<FullCaller> making(List<FullCaller> made) {
		return () -> {
			FullCaller caller = new FullCaller();
			made.add(caller);
			return caller;
		};
	}

	@Test
	void aCallThatCannotBeBegunWaitsForAnotherThread() {
		List<FullCaller> made = new ArrayList<>();
		Workers starved = new Workers(2, making(made), this.time);
		assertThat(starved.run(look(), (answer) -> {
		})).isTrue();
		made.forEach((caller) -> caller.isFull = true);
		List<Answer> answers = new ArrayList<>();
		assertThat(starved.run(new Command.End("none"), answers::add)).isTrue();
		made.forEach((caller) -> caller.isFull = false);
		FullCaller atWork = made.stream().filter((caller) -> !caller.answers.isEmpty()).findFirst().orElseThrow();
		atWork.answers.remove(0).accept(new Answer.Done());
		made.stream()
			.flatMap((caller) -> caller.answers.stream())
			.toList()
			.forEach((to) -> to.accept(new Answer.Done()));
		assertThat(answers).containsExactly(new Answer.Done());
	}

	/** Makes no call by itself, and has no memory to note one at times. */
	private static final class FullCaller implements StoreCaller {

		private final List<Consumer<Answer>> answers = new ArrayList<>();

		private boolean isFull;

		private boolean hasEnded;

		@Override
		public void make(Command command, Consumer<Answer> then) {
			if (this.isFull) {
				throw new OutOfMemoryError("no room for another errand");
			}
			this.answers.add(then);
		}

		@Override
		public void end() {
			this.hasEnded = true;
		}

	}

}
