package org.crossprocesslock.benchmarks.contender;

/** A key that somebody holds. */
public interface Acquired {

	/** The fencing token, zero if the library has none. */
	long fencingToken();

	/** Releases the key. */
	void release();

	/** A key of a library that has no fencing tokens. */
	static Acquired withoutToken(Runnable release) {
		return new Acquired() {

			@Override
			public long fencingToken() {
				return 0;
			}

			@Override
			public void release() {
				release.run();
			}

		};
	}

}
