package org.crossprocesslock.faults;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.concurrent.ThreadLocalRandom;

import org.h2.api.Trigger;
import org.jspecify.annotations.Nullable;

/** What goes wrong now and then when H2 writes a row. */
public final class H2Mishaps {

	private H2Mishaps() {
	}

	private static boolean happens() {
		return ThreadLocalRandom.current().nextDouble() < BatteryDatabase.MISHAP_RATE;
	}

	/** Takes longer than a statement may. */
	public static final class Dawdling implements Trigger {

		@Override
		public void fire(Connection connection, Object @Nullable [] before, Object @Nullable [] after)
				throws SQLException {
			if (happens()) {
				try {
					Thread.sleep(ThreadLocalRandom.current().nextLong(BatteryDatabase.DAWDLING.toMillis()));
				}
				catch (InterruptedException ex) {
					throw new SQLException("interrupted", ex);
				}
			}
		}

	}

	/** Makes way for another transaction. */
	public static final class SerializationFailure implements Trigger {

		@Override
		public void fire(Connection connection, Object @Nullable [] before, Object @Nullable [] after)
				throws SQLException {
			if (happens()) {
				throw new SQLException("somebody else comes first", BatteryDatabase.SERIALIZATION_FAILURE);
			}
		}

	}

}
