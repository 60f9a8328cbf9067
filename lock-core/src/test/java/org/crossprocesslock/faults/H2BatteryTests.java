package org.crossprocesslock.faults;

import java.nio.file.Path;

/** The battery on H2. */
class H2BatteryTests extends BatteryContract {

	@Override
	BatteryDatabase startDatabase(Path directory) throws Exception {
		return H2Battery.start(directory);
	}

}
