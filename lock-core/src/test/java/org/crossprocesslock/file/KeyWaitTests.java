package org.crossprocesslock.file;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

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

		private boolean isOpen = true;

		File(boolean isAtItsPath) {
			this.isAtItsPath = isAtItsPath;
		}

		@Override
		public void await(Runnable whenNext) {
			whenNext.run();
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

}
