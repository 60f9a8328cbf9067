package org.crossprocesslock.file;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

/**
 * The two bytes of a key file, step by step. What another process has locked is locked
 * through another channel of this one, which finds it just as busy.
 */
class KeyFileTests {

	private static final Path OPEN_FILES = Path.of("/proc/self/fd");

	private final Path path;

	private final List<KeyFile> unlocked = new ArrayList<>();

	private final KeyFile file;

	private final FileChannel other;

	KeyFileTests(@TempDir Path directory) throws IOException {
		this.path = Files.createFile(directory.resolve("k.lock"));
		this.file = new KeyFile("k", this.path, FileIdentity.of(this.path), this.unlocked::add);
		this.other = FileChannel.open(this.path, StandardOpenOption.READ, StandardOpenOption.WRITE);
	}

	@AfterEach
	void closeFiles() throws IOException {
		this.file.shut();
		this.other.close();
	}

	@Test
	void aFreeKeyIsTakenAndTheLineLeftOpen() throws Exception {
		assertThat(this.file.tryTake(false)).isEqualTo(KeyFile.Attempt.TAKEN);
		assertThat(isLocked(KeyFile.KEY)).isTrue();
		assertThat(isLocked(KeyFile.TURNSTILE)).isFalse();
		this.file.close();
		assertThat(isLocked(KeyFile.KEY)).isFalse();
		assertThat(this.unlocked).containsExactly(this.file);
		assertThat(this.file.isReused()).isTrue();
	}

	@Test
	void whoOnlyTriesLeavesTheKeyToWhoeverIsNextInLine() throws Exception {
		FileLock next = lock(KeyFile.TURNSTILE);
		assertThat(this.file.tryTake(false)).isEqualTo(KeyFile.Attempt.OTHERS_FIRST);
		assertThat(isLocked(KeyFile.KEY)).isFalse();
		assertThat(this.file.tryTake(true)).isEqualTo(KeyFile.Attempt.TAKEN);
		next.release();
	}

	@Test
	void aBusyKeyIsBusyWhoeverIsInLine() throws Exception {
		FileLock held = lock(KeyFile.KEY);
		assertThat(this.file.tryTake(false)).isEqualTo(KeyFile.Attempt.BUSY);
		assertThat(this.file.tryTake(true)).isEqualTo(KeyFile.Attempt.BUSY);
		assertThat(isLocked(KeyFile.TURNSTILE)).isFalse();
		held.release();
	}

	@Test
	void whoWaitsByLookingTakesNoFreeKeyWithoutAPlaceInLine() throws Exception {
		FileLock next = lock(KeyFile.TURNSTILE);
		assertThat(this.file.tryTakeInLine(false)).isFalse();
		assertThat(isLocked(KeyFile.KEY)).isFalse();
		next.release();
		assertThat(this.file.tryTakeInLine(false)).isTrue();
		assertThat(isLocked(KeyFile.KEY)).isTrue();
		assertThat(isLocked(KeyFile.TURNSTILE)).isFalse();
	}

	@Test
	void whoWaitsByLookingPassesAStoppedProcess() throws Exception {
		FileLock next = lock(KeyFile.TURNSTILE);
		assertThat(this.file.tryTakeInLine(true)).isTrue();
		assertThat(isLocked(KeyFile.KEY)).isTrue();
		next.release();
	}

	@Test
	void whoWaitsByLookingKeepsItsPlaceFromOneLookToTheNext() throws Exception {
		FileLock held = lock(KeyFile.KEY);
		assertThat(this.file.tryTakeInLine(false)).isFalse();
		assertThat(isLocked(KeyFile.TURNSTILE)).isTrue();
		assertThat(this.file.tryTakeInLine(false)).isFalse();
		assertThat(isLocked(KeyFile.TURNSTILE)).isTrue();
		held.release();
		assertThat(this.file.tryTakeInLine(false)).isTrue();
		assertThat(isLocked(KeyFile.TURNSTILE)).isFalse();
	}

	@Test
	void whoWaitsInTheKernelIsNextFirstAndLeavesTheLineWithTheKey() throws Exception {
		List<Boolean> lockedWhenNext = new ArrayList<>();
		this.file.await(() -> {
			lockedWhenNext.add(isLocked(KeyFile.TURNSTILE));
			lockedWhenNext.add(isLocked(KeyFile.KEY));
		});
		assertThat(lockedWhenNext).containsExactly(true, false);
		assertThat(isLocked(KeyFile.KEY)).isTrue();
		assertThat(isLocked(KeyFile.TURNSTILE)).isFalse();
	}

	@Test
	void aKeyThatNobodyHasPassesWhoWaitsBehindSomebodyStopped() throws Exception {
		assertThat(this.file.isPassedBy()).isTrue();
		assertThat(isLocked(KeyFile.KEY)).isFalse();
		FileLock held = lock(KeyFile.KEY);
		assertThat(this.file.isPassedBy()).isFalse();
		held.release();
	}

	@Test
	void theFileMayBeShutUnlessOtherCodeHasLockedSomethingOfIt() throws Exception {
		assertThat(this.file.mayBeShut()).isTrue();
		FileLock theirs = lock(0);
		assertThat(this.file.mayBeShut()).isFalse();
		theirs.release();
		assertThat(this.file.mayBeShut()).isTrue();
		assertThat(isLocked(0)).isFalse();
	}

	@Test
	void aKeyOfOtherCodeIsRemembered() throws Exception {
		assertThat(this.file.isLockedByOtherCode()).isFalse();
		FileLock held = lock(KeyFile.KEY);
		assertThat(this.file.tryTake(false)).isEqualTo(KeyFile.Attempt.BUSY);
		assertThat(this.file.isLockedByOtherCode()).isTrue();
		assertThat(this.file.holderPid()).hasValue(ProcessHandle.current().pid());
		held.release();
	}

	@Test
	void aShorterPidLeavesNothingOfALongerOne() throws Exception {
		this.file.writePid(1234567);
		this.file.writePid(12);
		assertThat(this.path).hasContent("12");
		assertThat(this.file.holderPid()).hasValue(12);
	}

	@Test
	void eachTokenIsGreaterThanThatInTheFile() throws Exception {
		Path tokens = this.path.resolveSibling("k.token");
		Files.writeString(tokens, "9000000000000000001\n");
		assertThat(this.file.nextToken()).isEqualTo(new TokenFile.Step(9000000000000000001L, 9000000000000000002L));
		this.file.tryTake(false);
		this.file.close();
		assertThat(this.file.nextToken().next()).isEqualTo(9000000000000000003L);
		// and while the file is kept open
		Files.delete(tokens);
		Files.writeString(tokens, "9000000000000000100\n");
		assertThat(this.file.nextToken().next()).isEqualTo(9000000000000000101L);
		assertThat(tokens).hasContent("9000000000000000101");
	}

	@Test
	void nothingOfTheKeyIsOpenOnceItIsShut() throws Exception {
		assumeThat(OPEN_FILES).as("the list of open files").isDirectory();
		this.file.close();
		Path tokens = this.path.resolveSibling("k.token");
		this.file.nextToken();
		assertThat(descriptors(tokens)).isOne();
		assertThat(descriptors(this.path)).isEqualTo(2);
		this.file.shut();
		assertThat(this.file.isOpen()).isFalse();
		assertThat(descriptors(tokens)).isZero();
		assertThat(descriptors(this.path)).isOne();
	}

	private static long descriptors(Path file) throws IOException {
		Path real = file.toRealPath();
		try (Stream<Path> open = Files.list(OPEN_FILES)) {
			return open.filter((each) -> real.equals(target(each))).count();
		}
	}

	private static @Nullable Path target(Path link) {
		try {
			return Files.readSymbolicLink(link);
		}
		catch (IOException ex) {
			// closed by others meanwhile
			return null;
		}
	}

	private FileLock lock(long which) throws IOException {
		return this.other.lock(which, 1, false);
	}

	private boolean isLocked(long which) {
		try {
			FileLock free = this.other.tryLock(which, 1, false);
			if (free != null) {
				free.release();
			}
			return free == null;
		}
		catch (OverlappingFileLockException ex) {
			return true;
		}
		catch (IOException ex) {
			throw new AssertionError(ex);
		}
	}

}
