package org.crossprocesslock.faults;

import java.nio.file.Path;

import org.crossprocesslock.servers.OnServer;
import org.crossprocesslock.servers.ServerAccess;
import org.crossprocesslock.servers.TestServer;

/** The battery on MySQL. */
@OnServer(TestServer.MYSQL_8_0)
class MySqlBatteryTests extends BatteryContract {

	@Override
	BatteryDatabase startDatabase(Path directory) throws Exception {
		return MySqlBattery.start(ServerAccess.MYSQL, directory);
	}

}
