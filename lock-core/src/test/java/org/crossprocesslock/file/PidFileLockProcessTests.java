package org.crossprocesslock.file;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

import org.crossprocesslock.LockGuard;
import org.crossprocesslock.LockListener;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/** Pid locks between real processes. */
@DisabledOnOs(value = OS.WINDOWS, disabledReason = "signals are needed")
class PidFileLockProcessTests {

	private static final LockListener SILENT = new LockListener() {
	};

	private final Path directory;

	PidFileLockProcessTests(@TempDir Path base) throws IOException {
		this.directory = Files.createTempDirectory(base, "locks");
	}

	@ParameterizedTest
	@CsvSource({ "FCNTL,KILL", "FCNTL,TERM", "FCNTL,INT", "FLOCK,KILL", "FLOCK,TERM", "FLOCK,INT" })
	void theDirectoryIsFreeAfterASignal(SystemLock kind, String signal) throws Exception {
		try (LockFileProcess holder = LockFileProcess.start(kind.name(), this.directory)) {
			holder.until("HELD");
			assertThatExceptionOfType(PidLockException.AlreadyHeld.class).isThrownBy(() -> open(kind))
				.withMessageContaining("process " + holder.pid())
				.satisfies((ex) -> {
					assertThat(ex.getPid()).hasValue(holder.pid());
					assertThat(ex.getDirectory()).isEqualTo(this.directory.toRealPath());
				});
			assertThat(this.directory.resolve("LOCK")).hasContent(holder.pid() + "\n");
			holder.kill(signal);
		}
		// the pid in the file is stale now and does not matter
		assertThat(this.directory.resolve("LOCK")).exists();
		open(kind).close();
	}

	@ParameterizedTest
	@EnumSource
	void anotherProcessIsRefusedUntilTheManagerIsClosed(SystemLock kind) throws Exception {
		try (PidFileLockManager manager = open(kind);
				LockFileProcess refused = LockFileProcess.start(manager.getSystemLock().name(), this.directory)) {
			assertThat(refused.until("REFUSED")).isEqualTo("REFUSED " + ProcessHandle.current().pid());
			assertThat(refused.exitCode()).isEqualTo(LockFileProcess.ALREADY_HELD);
		}
		try (LockFileProcess granted = LockFileProcess.start(kind.name(), this.directory)) {
			granted.until("HELD");
		}
	}

	@ParameterizedTest
	@EnumSource
	@Tag("full")
	void exactlyOneOfTenProcessesLives(SystemLock kind) throws Exception {
		List<LockFileProcess> racers = new ArrayList<>();
		for (int i = 0; i < 10; i++) {
			racers.add(LockFileProcess.start(kind.name(), this.directory));
		}
		try {
			List<LockFileProcess> alive = new ArrayList<>();
			for (LockFileProcess racer : racers) {
				if (racer.until("").equals("HELD")) {
					alive.add(racer);
				}
				else {
					assertThat(racer.exitCode()).isEqualTo(LockFileProcess.ALREADY_HELD);
				}
			}
			assertThat(alive).singleElement().matches(LockFileProcess::isAlive);
			assertThat(this.directory.resolve("LOCK")).hasContent(alive.get(0).pid() + "\n");
		}
		finally {
			racers.forEach(LockFileProcess::close);
		}
	}

	@ParameterizedTest
	@EnumSource
	void processesInDistinctDirectoriesDoNotConflict(SystemLock kind) throws Exception {
		Path other = Files.createDirectory(this.directory.resolve("other"));
		try (PidFileLockManager manager = open(kind);
				LockFileProcess second = LockFileProcess.start(manager.getSystemLock().name(), other)) {
			second.until("HELD");
		}
	}

	@ParameterizedTest
	@EnumSource
	void aChildThatOutlivesTheHolderInheritsNothing(SystemLock kind) throws Exception {
		try (LockFileProcess holder = LockFileProcess.start(kind.name(), this.directory, "key", "PT0S", "60")) {
			holder.until("HELD");
			List<ProcessHandle> children = ProcessHandle.of(holder.pid()).orElseThrow().children().toList();
			assertThat(children).isNotEmpty();
			holder.kill("KILL");
			open(kind).close();
			assertThat(children).allMatch(ProcessHandle::isAlive);
			children.forEach(ProcessHandle::destroyForcibly);
		}
	}

	@ParameterizedTest
	@EnumSource
	void keysAreDirtyAndTokensGrowWhenAnotherProcessHadTheDirectory(SystemLock kind) throws Exception {
		long before;
		try (PidFileLockManager manager = open(kind); LockGuard guard = manager.tryLock("key").orElseThrow()) {
			guard.clearDirty();
			before = guard.fencingToken();
		}
		try (LockFileProcess other = LockFileProcess.start(kind.name(), this.directory, "key", "PT0S")) {
			long theirs = Long.parseLong(other.until("TOKEN").substring("TOKEN ".length()));
			assertThat(theirs).isGreaterThan(before);
			other.until("HELD");
			other.kill("KILL");
			try (PidFileLockManager manager = open(kind); LockGuard guard = manager.tryLock("key").orElseThrow()) {
				assertThat(guard.isDirty()).isTrue();
				assertThat(guard.fencingToken()).isGreaterThan(theirs);
			}
		}
	}

	private PidFileLockManager open(SystemLock kind) {
		return PidFileLockManager.open(this.directory, kind, SILENT);
	}

}
