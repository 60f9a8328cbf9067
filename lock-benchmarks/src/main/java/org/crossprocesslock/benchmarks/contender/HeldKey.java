package org.crossprocesslock.benchmarks.contender;

/** A key that somebody holds. */
public interface HeldKey {

	/** The fencing token, zero if the library has none. */
	long fencingToken();

	/** Releases the key. */
	void release();

	/** A key of a library that has no fencing tokens. */
	static HeldKey withoutToken(Runnable release) {
		return new HeldKey() {

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
