package org.crossprocesslock.file;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

import org.crossprocesslock.Background;
import org.crossprocesslock.BrokenLog;
import org.crossprocesslock.Eventually;
import org.crossprocesslock.LockGuard;
import org.crossprocesslock.LockListener;
import org.crossprocesslock.LockManager;
import org.crossprocesslock.LockManagerContract;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/** What both kinds of pid locks do within one process. */
abstract class PidFileLockManagerContract extends LockManagerContract {

	private static final LockListener SILENT = new LockListener() {
	};

	private final Path directory;

	private final SystemLock kind;

	PidFileLockManagerContract(Path directory, SystemLock kind) {
		this.directory = directory;
		this.kind = kind;
	}

	@Override
	protected LockManager newManager(LockListener listener) {
		return PidFileLockManager.open(newDirectory(), this.kind, listener);
	}

	@Override
	public boolean sharesKeysWithASecondManager() {
		return false;
	}

	@Test
	void aDirectoryIsGivenUpAlsoIfItsLastTokenCanNeitherBeWrittenNorThatBeSaid() throws IOException {
		Path used = newDirectory();
		PidFileLockManager manager = open(used);
		Files.delete(used.resolve("TOKEN"));
		Files.createDirectory(used.resolve("TOKEN"));
		try (BrokenLog log = new BrokenLog(TokenReserve.class)) {
			manager.close();
			assertThat(log.asked()).containsExactly("WARN");
		}
		Files.delete(used.resolve("TOKEN"));
		open(used).close();
	}

	@Test
	void theFileHoldsThePid() throws IOException {
		Path used = newDirectory();
		// a stale pid, longer than any there is
		Files.writeString(used.resolve("LOCK"), "123456789012345678");
		try (PidFileLockManager manager = open(used)) {
			if (this.kind == SystemLock.FLOCK) {
				assertThat(used.resolve("LOCK")).hasContent(ProcessHandle.current().pid() + "\n");
			}
			assertThat(manager.getDirectory()).isEqualTo(used.toRealPath());
			assertThat(manager.getSystemLock()).isEqualTo(this.kind);
		}
		assertThat(used.resolve("LOCK")).hasContent(ProcessHandle.current().pid() + "\n");
	}

	@Test
	@Tag("full")
	void aCloseDoesNotWaitForADirectoryThatDoesNotAnswer() throws Exception {
		Path used = newDirectory();
		PidFileLockManager manager = open(used);
		PidLock.opening.lock();
		try {
			assertThat(Background.call(() -> {
				manager.close();
				return true;
			}).join()).isTrue();
		}
		finally {
			PidLock.opening.unlock();
		}
		Eventually.until("it was left all the same", () -> {
			try {
				open(used).close();
				return true;
			}
			catch (PidLockException.AlreadyHeld ex) {
				return false;
			}
		});
	}

	@Test
	void aDirectoryThatDoesNotAnswerKeepsNoLossFromBeingNoticed() throws Exception {
		Path first = newDirectory();
		Path second = newDirectory();
		try (PidFileLockManager one = open(first); PidFileLockManager other = open(second)) {
			LockGuard ofOne = one.tryLock("k").orElseThrow();
			LockGuard ofOther = other.tryLock("k").orElseThrow();
			PidLock.opening.lock();
			try {
				Files.delete(first.resolve("LOCK"));
				Eventually.until("the first loss is noticed", () -> !ofOne.isHeld());
				Files.delete(second.resolve("LOCK"));
				Eventually.until("the next loss is noticed", () -> !ofOther.isHeld());
			}
			finally {
				PidLock.opening.unlock();
			}
		}
	}

	@Test
	void aSecondManagerOfThisProcessIsRefused() throws IOException {
		Path used = newDirectory();
		try (PidFileLockManager manager = open(used); LockGuard guard = manager.tryLock("k").orElseThrow()) {
			assertThatExceptionOfType(PidLockException.AlreadyHeld.class).isThrownBy(() -> open(used))
				.withMessageContaining(used.toRealPath().toString())
				.withMessageContaining("another lock manager of this process")
				.satisfies((ex) -> {
					assertThat(ex.getPid()).hasValue(ProcessHandle.current().pid());
					assertThat(ex.getDirectory()).isEqualTo(used.toRealPath());
				});
			assertThatExceptionOfType(PidLockException.AlreadyHeld.class)
				.isThrownBy(() -> PidFileLockManager.openShared(used, this.kind, SILENT));
			assertThat(guard.isHeld()).isTrue();
		}
	}

	@Test
	void aDirectoryCanBeTakenAgainAfterTheClose() {
		Path used = newDirectory();
		open(used).close();
		open(used).close();
	}

	@Test
	void distinctDirectoriesDoNotConflict() {
		try (PidFileLockManager first = open(newDirectory()); PidFileLockManager second = open(newDirectory())) {
			assertThat(first.tryLock("k")).hasValueSatisfying(LockGuard::close);
			assertThat(second.tryLock("k")).hasValueSatisfying(LockGuard::close);
		}
	}

	@Test
	void tokensGrowOverManagersThatFollowEachOther() {
		Path used = newDirectory();
		long last = 0;
		for (int i = 0; i < 5; i++) {
			try (PidFileLockManager manager = open(used); LockGuard guard = manager.tryLock("k").orElseThrow()) {
				assertThat(guard.fencingToken()).isGreaterThan(last);
				last = guard.fencingToken();
			}
		}
	}

	@Test
	void keysStayCleanIfNobodyElseHadTheDirectoryInBetween() throws IOException {
		Path used = newDirectory();
		holdAndClear(used);
		holdAndAssertDirty(used, false);
		// what another process does when it takes the directory
		TokenFile tokens = new TokenFile(used.resolve("TOKEN"));
		tokens.write(tokens.read() + 1);
		holdAndAssertDirty(used, true);
		holdAndAssertDirty(used, true);
		holdAndClear(used);
		holdAndAssertDirty(used, false);
	}

	private void holdAndClear(Path used) {
		try (PidFileLockManager manager = open(used); LockGuard guard = manager.tryLock("k").orElseThrow()) {
			guard.clearDirty();
		}
	}

	private void holdAndAssertDirty(Path used, boolean dirty) {
		try (PidFileLockManager manager = open(used); LockGuard guard = manager.tryLock("k").orElseThrow()) {
			assertThat(guard.isDirty()).isEqualTo(dirty);
		}
	}

	PidFileLockManager open(Path used) {
		return PidFileLockManager.open(used, this.kind, SILENT);
	}

	Path newDirectory() {
		try {
			return Files.createTempDirectory(this.directory, "locks");
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

}
