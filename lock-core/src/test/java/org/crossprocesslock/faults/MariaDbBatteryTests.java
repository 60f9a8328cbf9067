package org.crossprocesslock.faults;

import java.nio.file.Path;

import org.crossprocesslock.servers.OnServer;
import org.crossprocesslock.servers.ServerAccess;
import org.crossprocesslock.servers.TestServer;

/** The battery on MariaDB. */
@OnServer(TestServer.MARIADB_11_4)
class MariaDbBatteryTests extends BatteryContract {

	@Override
	BatteryDatabase startDatabase(Path directory) throws Exception {
		return MySqlBattery.start(ServerAccess.MARIADB, directory);
	}

}
