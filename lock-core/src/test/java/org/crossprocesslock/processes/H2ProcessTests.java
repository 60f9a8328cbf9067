package org.crossprocesslock.processes;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;

/**
 * Processes on one H2 file, which this process opens first and so serves to the others.
 */
@Tag("full")
class H2ProcessTests extends ProcessContract {

	private @Nullable Connection serving;

	@Override
	TestDatabase newDatabase(Path directory) throws SQLException {
		TestDatabase database = new TestDatabase(
				"jdbc:h2:file:" + directory.resolve("locks") + ";AUTO_SERVER=TRUE;WRITE_DELAY=0");
		this.serving = database.dataSource().getConnection();
		return database;
	}

	@AfterEach
	void closeDatabase() throws SQLException {
		endChildren();
		if (this.serving != null) {
			this.serving.close();
		}
	}

}
