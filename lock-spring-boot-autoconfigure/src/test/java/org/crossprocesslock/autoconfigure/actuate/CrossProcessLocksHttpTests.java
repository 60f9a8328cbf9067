package org.crossprocesslock.autoconfigure.actuate;

import org.springframework.boot.WebApplicationType;

/** The endpoint on Spring MVC. */
class CrossProcessLocksHttpTests extends CrossProcessLocksHttpContract {

	CrossProcessLocksHttpTests() {
		super(WebApplicationType.SERVLET);
	}

}
