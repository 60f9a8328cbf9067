package org.crossprocesslock.benchmarks.worker;

import java.io.IOException;
import java.util.List;
import java.util.concurrent.CompletionException;

import org.crossprocesslock.LockManager;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

class TaskProcessTests {

	@Test
	void failureOfATaskIsToldAndTheProcessGoesOn() throws IOException {
		try (TaskProcess process = TaskProcess.start(List.of())) {
			assertThatExceptionOfType(CompletionException.class).isThrownBy(() -> process.call(new CloseLocks()))
				.withMessageContaining("No locks are open");
			assertThat(process.call(new Pid())).isEqualTo(process.handle().pid());
		}
	}

	@Test
	void endOfAProcessFailsItsTask() throws IOException {
		try (TaskProcess process = TaskProcess.start(List.of())) {
			process.call(new Pid());
			process.handle().destroyForcibly();
			assertThatExceptionOfType(CompletionException.class).isThrownBy(() -> process.call(new Pid()));
		}
	}

	@Test
	void classPathCanDoWithoutTheLocks() throws IOException {
		ClassPath all = ClassPath.ofThisProcess();
		ClassPath without = all.without(LockManager.class);
		assertThat(all.toString()).startsWith(without.toString().substring(0, 1)).isNotEqualTo(without.toString());
		assertThatIllegalStateException().isThrownBy(() -> without.without(LockManager.class));
	}

	/** Answers which process it is. */
	record Pid() implements Task<Long> {

		@Override
		public Long run(TaskRunner runner) {
			return ProcessHandle.current().pid();
		}

	}

}
