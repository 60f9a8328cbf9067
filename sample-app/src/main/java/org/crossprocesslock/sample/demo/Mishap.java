package org.crossprocesslock.sample.demo;

/** What happens to one of the processes in the middle of the run. */
enum Mishap {

	/** It is killed and never comes back. */
	KILLED,

	/** It is stopped for longer than its lease and then continues as if nothing was. */
	STOPPED

}
