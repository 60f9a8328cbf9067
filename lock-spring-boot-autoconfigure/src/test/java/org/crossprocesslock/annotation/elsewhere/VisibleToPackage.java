package org.crossprocesslock.annotation.elsewhere;

import org.crossprocesslock.annotation.CrossProcessLocked;

/**
 * A class whose locked method only its own package sees.
 */
public class VisibleToPackage {

	@CrossProcessLocked(key = "order")
	void run() {
	}

}
