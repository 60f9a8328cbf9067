package org.crossprocesslock.lease.jdbc;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

import javax.sql.DataSource;

import org.crossprocesslock.servers.ServerAccess;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/** A server of MySQL or MariaDB that does not answer. */
@Tag("full")
@ParameterizedClass
@MethodSource("org.crossprocesslock.servers.ServerAccess#own")
class MySqlOutageTests extends DatabaseOutageContract {

	private static final Map<ServerAccess, String> urls = new ConcurrentHashMap<>();

	private final String url;

	MySqlOutageTests(ServerAccess access) {
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
