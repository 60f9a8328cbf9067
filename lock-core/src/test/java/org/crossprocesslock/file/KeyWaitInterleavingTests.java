package org.crossprocesslock.file;

import java.nio.channels.AsynchronousCloseException;
import java.util.Optional;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

import static org.crossprocesslock.Interleavings.explore;
import static org.crossprocesslock.Interleavings.require;
import static org.crossprocesslock.Interleavings.together;

/** The end of a wait under every order of a few steps, with a model of the kernel. */
@Tag("lincheck")
class KeyWaitInterleavingTests {

	@Test
	void aWaitThatIsEndedHasTheKeyOrLeavesIt() {
		explore(() -> {
			Kernel kernel = new Kernel();
			KeyWait<ModelFile> wait = kernel.await();
			together(wait::start, wait::end, kernel::releaseByOther);
			require(kernel.isConsistent(), "a key was granted to nobody, or to a wait that had ended");
		});
	}

	@Test
	void aWaitOfACallerThatIsEndedHasTheKeyOrLeavesIt() {
		explore(() -> {
			Kernel kernel = new Kernel();
			KeyWait<ModelFile> wait = kernel.await();
			together(wait::runHere, wait::end, kernel::releaseByOther);
			require(kernel.isConsistent(), "a key was granted to nobody, or to a wait that had ended");
		});
	}

	@Test
	void aWaitThatACallerGivesUpGoesOnElsewhere() {
		explore(() -> {
			Kernel kernel = new Kernel();
			KeyWait<ModelFile> wait = kernel.await();
			together(wait::runHere, wait::start, kernel::releaseByOther);
			require(kernel.told != null, "the wait did not come to its end");
			require(kernel.isConsistent(), "the key of a file that is not there any more");
		});
	}

	@Test
	void aWaitThatGoesOnElsewhereCanBeEnded() {
		explore(() -> {
			Kernel kernel = new Kernel();
			KeyWait<ModelFile> wait = kernel.await();
			together(wait::runHere, wait::start, wait::end);
			require(kernel.told == null && kernel.isConsistent(), "told although another process has the key");
			kernel.releaseByOther();
			require(kernel.holder == null, "locked by a wait that had ended");
		});
	}

	@Test
	void aThreadThatIsGivenBackLeavesTheWaitToAnother() {
		explore(() -> {
			Kernel kernel = new Kernel();
			KeyWait<ModelFile> wait = kernel.await();
			CallerThread caller = CallerThread.current();
			together(() -> {
				require(caller.takes(wait), "the thread is not busy");
				caller.work();
			}, caller::giveBack, kernel::releaseByOther);
			require(kernel.told != null, "the wait did not come to its end");
			require(kernel.isConsistent(), "the key of a file that is not there any more");
		});
	}

	@Test
	void aWaitGoesOnWithAnotherFile() {
		explore(() -> {
			Kernel kernel = new Kernel();
			KeyWait<ModelFile> wait = kernel.await();
			together(wait::start, () -> {
				kernel.replaceFile();
				wait.check();
				kernel.releaseByOther();
				wait.check();
			});
			require(kernel.told != null, "the wait did not come to its end");
			require(kernel.isConsistent(), "the key of a file that is not there any more");
		});
	}

	@Test
	void twoEndsOfAWaitLeaveNothing() {
		explore(() -> {
			Kernel kernel = new Kernel();
			KeyWait<ModelFile> wait = kernel.await();
			together(wait::start, wait::end, wait::check);
			require(kernel.told == null && kernel.isConsistent(), "told although another process has the key");
			kernel.releaseByOther();
			require(kernel.holder == null, "locked by a wait that had ended");
		});
	}

	/** One file and the lock on it; another process has it at first. */
	private static final class Kernel implements Waitable.Source<ModelFile>, KeyWait.Receiver<ModelFile> {

		private static final Object OTHER = new Object();

		private int inode;

		private @Nullable Object holder = OTHER;

		private @Nullable ModelFile told;

		private int open;

		KeyWait<ModelFile> await() {
			return new KeyWait<>(this, "key", true, this, Runnable::run);
		}

		synchronized void releaseByOther() {
			if (this.holder == OTHER) {
				this.holder = null;
			}
			notifyAll();
		}

		/** The other process stays with the file that nobody finds any more. */
		synchronized void replaceFile() {
			this.inode++;
		}

		synchronized boolean isConsistent() {
			ModelFile granted = this.told;
			if (granted == null) {
				return this.holder == null || this.holder == OTHER;
			}
			return this.open == 1 && this.holder == granted && granted.inode == this.inode;
		}

		@Override
		public synchronized Optional<ModelFile> open(String key) {
			this.open++;
			require(this.open == 1, "the file is open twice, and closing one ends the lock of the other");
			return Optional.of(new ModelFile(this, this.inode));
		}

		@Override
		public synchronized void discard(ModelFile file) {
			shut(file);
			this.open--;
		}

		@Override
		public synchronized void shut(ModelFile file) {
			file.isOpen = false;
			if (this.holder == file) {
				this.holder = null;
			}
			notifyAll();
		}

		@Override
		public void attend(Runnable check) {
			// the tests check
		}

		@Override
		public void leave(Runnable check) {
			// the tests check
		}

		@Override
		public synchronized void taken(ModelFile file) {
			require(this.told == null, "told twice");
			this.told = file;
		}

		@Override
		public void failed(Throwable failure) {
			throw new AssertionError(failure);
		}

	}

	/** A file as one process has opened it. */
	private static final class ModelFile implements Waitable {

		private final Kernel kernel;

		private final int inode;

		private boolean isOpen = true;

		ModelFile(Kernel kernel, int inode) {
			this.kernel = kernel;
			this.inode = inode;
		}

		@Override
		public void await(Runnable whenNext) throws AsynchronousCloseException {
			whenNext.run();
			synchronized (this.kernel) {
				while (this.isOpen && this.kernel.holder != null) {
					try {
						this.kernel.wait();
					}
					catch (InterruptedException ex) {
						throw new AssertionError(ex);
					}
				}
				if (!this.isOpen) {
					throw new AsynchronousCloseException();
				}
				this.kernel.holder = this;
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
			synchronized (this.kernel) {
				return this.inode == this.kernel.inode;
			}
		}

		@Override
		public boolean isOpen() {
			synchronized (this.kernel) {
				return this.isOpen;
			}
		}

	}

}
