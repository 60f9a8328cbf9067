package org.crossprocesslock.benchmarks.database;

import java.util.Map;

/** What a commit has to wait for. */
public enum Flush {

	/** For the disk of this machine. */
	DISK("disk as it is", 0),

	/**
	 * For the disk of this machine and one millisecond more, by PostgreSQL's own
	 * settings: virtual disks, which often acknowledge what they have not written,
	 * flatter designs with many commits.
	 */
	SLOW("flush 1 ms slower", 1000);

	private final String title;

	private final int delayMicros;

	Flush(String title, int delayMicros) {
		this.title = title;
		this.delayMicros = delayMicros;
	}

	/** For people. */
	public String title() {
		return this.title;
	}

	/** Settings of the server. */
	Map<String, String> settings() {
		return (this.delayMicros == 0) ? Map.of()
				: Map.of("commit_delay", Integer.toString(this.delayMicros), "commit_siblings", "0");
	}

}
