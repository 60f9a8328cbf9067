package org.crossprocesslock.faults;

import java.nio.file.Path;
import java.util.Map;

/** The battery on PostgreSQL. */
class PostgresBatteryTests extends BatteryContract {

	@Override
	BatteryDatabase startDatabase(Path directory) throws Exception {
		return PostgresBattery.start(directory, Map.of());
	}

}
