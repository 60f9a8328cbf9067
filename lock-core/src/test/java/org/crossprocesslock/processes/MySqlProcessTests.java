package org.crossprocesslock.processes;

import java.nio.file.Path;

import org.crossprocesslock.servers.ServerAccess;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/** Processes on MySQL and MariaDB. */
@Tag("full")
@ParameterizedClass
@MethodSource("org.crossprocesslock.servers.ServerAccess#own")
class MySqlProcessTests extends ProcessContract {

	private final ServerAccess access;

	MySqlProcessTests(ServerAccess access) {
		this.access = access;
	}

	@Override
	TestDatabase newDatabase(Path directory) {
		return new TestDatabase(this.access.newUrl());
	}

}
