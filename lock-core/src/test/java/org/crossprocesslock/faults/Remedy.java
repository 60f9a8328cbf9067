package org.crossprocesslock.faults;

/** Undoes what a fault has done. */
interface Remedy {

	/** For what is over as soon as it has happened. */
	Remedy NONE = () -> {
	};

	void apply() throws Exception;

}
