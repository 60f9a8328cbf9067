package org.crossprocesslock.benchmarks.worker;

import java.io.File;

import org.crossprocesslock.benchmarks.contender.FileLibrary;

/**
 * Starts locks on files in the process.
 *
 * @param library whose
 * @param directory an existing directory
 */
public record OpenFileLocks(FileLibrary library, File directory) implements Task<Task.Done> {

	@Override
	public Done run(TaskRunner runner) {
		runner.open(this.library.open(this.directory.toPath()));
		return Done.DONE;
	}

}
