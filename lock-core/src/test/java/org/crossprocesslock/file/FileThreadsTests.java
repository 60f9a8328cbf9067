package org.crossprocesslock.file;

import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

class FileThreadsTests {

	private static final FileThreads NO_THREAD = new FileThreads((task) -> {
		throw new OutOfMemoryError("unable to create native thread");
	});

	@Test
	void whatNobodyWouldDoLaterIsDoneHereIfThereIsNoThread() {
		CompletableFuture<Thread> done = NO_THREAD.inAnyCase(Thread::currentThread);
		assertThat(done).isCompletedWithValue(Thread.currentThread());
	}

	@Test
	void whatNobodyWouldDoLaterIsLeftToAnotherThreadIfThereIsOne(@TempDir Path directory) throws IOException {
		assertThat(FileThreads.of(FileIdentity.of(directory)).inAnyCase(Thread::currentThread).join())
			.isNotSameAs(Thread.currentThread());
	}

	@Test
	void theFailureOfWhatIsDoneHereIsThatOfTheAnswer() {
		IllegalStateException failure = new IllegalStateException("thrown");
		CompletableFuture<Thread> failed = NO_THREAD.inAnyCase(() -> {
			throw failure;
		});
		assertThatExceptionOfType(ExecutionException.class).isThrownBy(failed::get).havingCause().isSameAs(failure);
	}

}
