package org.crossprocesslock.benchmarks.contender;

import java.nio.file.Path;
import java.util.function.Function;

/** What can lock a file for each key. */
public enum FileLibrary {

	/** This library. */
	CROSSPROCESSLOCK(Library.CROSSPROCESSLOCK.title(), KeyFileLocks::new),

	/** What the platform offers: open, lock, close. */
	BARE("bare FileChannel", BareFileLocks::new),

	/** The calls without which nobody has turns and tokens, and nothing else. */
	BARE_LINE("bare turns and tokens", BareLineLocks::new);

	private final String title;

	@SuppressWarnings("ImmutableEnumChecker") // references to constructors
	private final Function<Path, Locks> opener;

	FileLibrary(String title, Function<Path, Locks> opener) {
		this.title = title;
		this.opener = opener;
	}

	/** For people. */
	public String title() {
		return this.title;
	}

	/** Starts it in this process, on files of a directory. */
	public Locks open(Path directory) {
		return this.opener.apply(directory);
	}

}
