package org.crossprocesslock.sample.worker;

/** What the demo tells a worker, one line on its standard input each. */
public enum Instruction {

	/** Begin to number. */
	GO,

	/** Stand still in the middle of the next invoice, to be killed or stopped there. */
	STALL,

	/** Go on with that invoice. */
	CONTINUE

}
