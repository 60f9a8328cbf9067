package org.crossprocesslock.autoconfigure.actuate;

import org.springframework.boot.WebApplicationType;

/** The endpoint on WebFlux. */
class CrossProcessLocksReactiveHttpTests extends CrossProcessLocksHttpContract {

	CrossProcessLocksReactiveHttpTests() {
		super(WebApplicationType.REACTIVE);
	}

}
