package org.crossprocesslock.lease.jdbc;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

import javax.sql.DataSource;

import org.crossprocesslock.servers.ServerAccess;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/** MySQL and MariaDB behind an unkind network. */
@Tag("full")
@ParameterizedClass
@MethodSource("org.crossprocesslock.servers.ServerAccess#own")
class MySqlNothingHangsTests extends NothingHangsContract {

	private static final Map<ServerAccess, String> urls = new ConcurrentHashMap<>();

	private final String url;

	MySqlNothingHangsTests(ServerAccess access) {
		this.url = urls.computeIfAbsent(access, ServerAccess::newUrl);
	}

	@Override
	int serverPort() {
		return ServerAccess.port(this.url);
	}

	@Override
	DataSource through(int port) {
		return ServerAccess.through(this.url, port);
	}

}
