package org.crossprocesslock.file;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

class FileThreadsTests {

	private static final Executor NO_THREAD = (task) -> {
		throw new OutOfMemoryError("unable to create native thread");
	};

	@Test
	void whatNobodyWouldDoLaterIsDoneHereIfThereIsNoThread() {
		CompletableFuture<Thread> done = FileThreads.inAnyCase(Thread::currentThread, NO_THREAD);
		assertThat(done).isCompletedWithValue(Thread.currentThread());
	}

	@Test
	void whatNobodyWouldDoLaterIsLeftToAnotherThreadIfThereIsOne() {
		assertThat(FileThreads.inAnyCase(Thread::currentThread).join()).isNotSameAs(Thread.currentThread());
	}

	@Test
	void theFailureOfWhatIsDoneHereIsThatOfTheAnswer() {
		IllegalStateException failure = new IllegalStateException("thrown");
		CompletableFuture<Thread> failed = FileThreads.inAnyCase(() -> {
			throw failure;
		}, NO_THREAD);
		assertThatExceptionOfType(ExecutionException.class).isThrownBy(failed::get).havingCause().isSameAs(failure);
	}

}
