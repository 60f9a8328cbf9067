package org.crossprocesslock.sample.demo;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

import org.jspecify.annotations.Nullable;

import org.springframework.util.FileSystemUtils;

/** What keeps the processes of a run apart, if anything does. */
final class DemoLock implements AutoCloseable {

	/** Its processes run beside each other, perhaps in a container. */
	private static final String REACH_OF_THE_DEMO = "--cross-process-lock.required-reach=container";

	private final String description;

	private final List<String> workerArguments;

	private final boolean taken;

	private final @Nullable Path directory;

	private DemoLock(String description, boolean taken, @Nullable Path directory, String... workerArguments) {
		this.description = description;
		this.taken = taken;
		this.directory = directory;
		this.workerArguments = Stream.concat(Stream.of(workerArguments), Stream.of(REACH_OF_THE_DEMO)).toList();
	}

	static DemoLock none() {
		return new DemoLock("WITHOUT a lock", false, null, "--sample.locked=false");
	}

	static DemoLock inDatabase() {
		return new DemoLock("with a lock", true, null, "--cross-process-lock.backend=jdbc",
				"--cross-process-lock.fencing=required");
	}

	/** Without the check before the commit. */
	static DemoLock unfenced() {
		return new DemoLock("with a lock but without fencing", true, null, "--cross-process-lock.backend=jdbc",
				"--cross-process-lock.fencing=off");
	}

	/** In a directory of its own: the processes take turns, which kind pid refuses. */
	static DemoLock inFiles() throws IOException {
		Path directory = Files.createTempDirectory("sample-demo-locks");
		return new DemoLock("with a lock in " + directory, true, directory, "--cross-process-lock.backend=file",
				"--cross-process-lock.file.kind=per-key", "--cross-process-lock.file.directory=" + directory);
	}

	boolean isTaken() {
		return this.taken;
	}

	/** What a worker is told. */
	List<String> workerArguments() {
		return this.workerArguments;
	}

	/** Removes the directory, which no worker may use any more. */
	@Override
	public void close() {
		if (this.directory != null) {
			FileSystemUtils.deleteRecursively(this.directory.toFile());
		}
	}

	@Override
	public String toString() {
		return this.description;
	}

}
