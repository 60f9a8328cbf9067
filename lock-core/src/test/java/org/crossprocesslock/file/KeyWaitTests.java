package org.crossprocesslock.file;

import java.io.IOException;
import java.nio.channels.ClosedChannelException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;

import org.crossprocesslock.Background;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/** A wait on files that stand in for real ones. */
class KeyWaitTests {

	private final Files files = new Files();

	private final List<File> taken = new ArrayList<>();

	private final KeyWait<File> wait = new KeyWait<>(this.files, "key", true, new KeyWait.Receiver<>() {

		@Override
		public void taken(File file) {
			KeyWaitTests.this.taken.add(file);
		}

		@Override
		public void failed(Throwable failure) {
			throw new AssertionError(failure);
		}

	}, Runnable::run);

	@Test
	void aFileThatIsNoLongerAtItsPathWhenItIsLockedIsLeftForTheOneThatIs() {
		File replaced = new File(false);
		File present = new File(true);
		this.files.toOpen.addAll(List.of(replaced, present));
		this.wait.start();
		assertThat(this.taken).containsExactly(present);
		assertThat(this.files.discarded).containsExactly(replaced);
		assertThat(this.files.attended).isZero();
	}

	@Test
	void anInterruptedCallerLocksNothing() {
		this.files.toOpen.add(new File(true));
		Thread.currentThread().interrupt();
		this.wait.runHere();
		assertThat(Thread.interrupted()).isTrue();
		assertThat(this.taken).isEmpty();
		assertThat(this.files.toOpen).hasSize(1);
	}

	@Test
	void aWaitThatHasEndedLocksNothing() {
		this.files.toOpen.add(new File(true));
		this.wait.end();
		this.wait.start();
		this.wait.runHere();
		assertThat(this.taken).isEmpty();
		assertThat(this.files.toOpen).hasSize(1);
	}

	@Test
	void theEndOfAWaitIsThatOfItsThread() throws Exception {
		CountDownLatch waits = new CountDownLatch(1);
		CountDownLatch goOn = new CountDownLatch(1);
		File busy = new File(true);
		busy.whileItWaits = () -> {
			waits.countDown();
			goOn.await();
			throw new ClosedChannelException();
		};
		this.files.toOpen.add(busy);
		Background<Boolean> waiting = Background.call(() -> {
			this.wait.runHere();
			return true;
		});
		waits.await();
		Background<Boolean> ending = Background.call(() -> {
			this.wait.end();
			return waiting.isDone();
		}).untilItWaits();
		assertThat(busy.isOpen).as("is to wait no longer").isFalse();
		goOn.countDown();
		ending.join();
		waiting.join();
		assertThat(this.taken).isEmpty();
		assertThat(this.files.discarded).containsExactly(busy);
	}

	@Test
	void aWaitForWhichThereIsNoThreadFails() {
		List<Throwable> failures = new ArrayList<>();
		OutOfMemoryError noThread = new OutOfMemoryError("unable to create native thread");
		KeyWait<File> starved = starved(noThread, failures);
		File busy = new File(true);
		busy.whileItWaits = () -> {
			// whoever lent this thread wants it back
			starved.start();
			throw new ClosedChannelException();
		};
		this.files.toOpen.add(busy);
		starved.runHere();
		assertThat(failures).containsExactly(noThread);
	}

	@Test
	void aWaitThatItsCallerGivesBackWhileThereIsNoThreadFails() {
		List<Throwable> failures = new ArrayList<>();
		OutOfMemoryError noThread = new OutOfMemoryError("unable to create native thread");
		CallerThread caller = CallerThread.current();
		assertThat(caller.takes(starved(noThread, failures))).isTrue();
		caller.giveBack();
		assertThat(failures).containsExactly(noThread);
	}

	@Test
	void aCallerWaitsOnItsOwnThreadAndOnlyUntilItGoesOn() throws Exception {
		CallerThread caller = CallerThread.current();
		assertThat(Background.call(() -> caller.takes(this.wait)).join()).isFalse();
		caller.work();
		assertThat(caller.takes(this.wait)).isFalse();
	}

	private KeyWait<File> starved(OutOfMemoryError noThread, List<Throwable> failures) {
		return new KeyWait<>(this.files, "key", true, new KeyWait.Receiver<>() {

			@Override
			public void taken(File file) {
				throw new AssertionError("nobody waits");
			}

			@Override
			public void failed(Throwable failure) {
				failures.add(failure);
			}

		}, (task) -> {
			throw noThread;
		});
	}

	/** Files that are opened one after the other. */
	private static final class Files implements Waitable.Source<File> {

		private final List<File> toOpen = new ArrayList<>();

		private final List<File> discarded = new ArrayList<>();

		private int attended;

		@Override
		public Optional<File> open(String key) {
			return Optional.of(this.toOpen.remove(0));
		}

		@Override
		public void discard(File file) {
			this.discarded.add(file);
		}

		@Override
		public void shut(File file) {
			file.isOpen = false;
		}

		@Override
		public void attend(Runnable check) {
			this.attended++;
		}

		@Override
		public void leave(Runnable check) {
			this.attended--;
		}

	}

	/** A file whose key is free. */
	private static final class File implements Waitable {

		private final boolean isAtItsPath;

		private volatile boolean isOpen = true;

		private Waiting whileItWaits = () -> {
		};

		File(boolean isAtItsPath) {
			this.isAtItsPath = isAtItsPath;
		}

		@Override
		public void await(Runnable whenNext) throws IOException {
			whenNext.run();
			try {
				this.whileItWaits.go();
			}
			catch (InterruptedException ex) {
				throw new AssertionError(ex);
			}
		}

		@Override
		public boolean tryTakeInLine(boolean pastTheLine) {
			throw new AssertionError("the kernel refuses nothing");
		}

		@Override
		public boolean isPassedBy() {
			return false;
		}

		@Override
		public boolean isAtItsPath() {
			return this.isAtItsPath;
		}

		@Override
		public boolean isOpen() {
			return this.isOpen;
		}

	}

	/** A wait in the kernel. */
	private interface Waiting {

		void go() throws IOException, InterruptedException;

	}

}
