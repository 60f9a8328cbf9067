package org.crossprocesslock.lease.jdbc;

import java.util.List;

import org.jspecify.annotations.Nullable;

/**
 * There are no statements for this database. Nothing is guessed for an unknown product,
 * because a statement that means something else there would break exclusion silently.
 *
 * @since 0.1.0
 */
public final class UnsupportedDatabaseException extends RuntimeException {

	private static final long serialVersionUID = 1L;

	private final String product;

	private final transient List<String> supported;

	UnsupportedDatabaseException(String product, List<String> supported) {
		this("Cross-process locks do not support the database '" + product + "'. Supported platforms: "
				+ String.join(", ", supported) + ". If the database behaves exactly like one of them, select it with "
				+ "the property cross-process-lock.jdbc.platform", product, supported);
	}

	private UnsupportedDatabaseException(String message, String product, List<String> supported) {
		super(message);
		this.product = product;
		this.supported = List.copyOf(supported);
	}

	static UnsupportedDatabaseException noPlatform(String name, List<String> supported) {
		return new UnsupportedDatabaseException(
				"Cross-process locks have no platform '" + name
						+ "', as cross-process-lock.jdbc.platform asks for. Supported platforms: "
						+ String.join(", ", supported) + ". Remove the property to use what the database reports",
				name, supported);
	}

	static UnsupportedDatabaseException otherPlatform(String platform, String expected, String product,
			List<String> supported, @Nullable Throwable refusal) {
		UnsupportedDatabaseException ex = new UnsupportedDatabaseException("The database says that it is '" + product
				+ "', but cross-process-lock.jdbc.platform=" + platform + " is for " + expected
				+ " and what behaves exactly like it. Remove the property, and cross-process locks go by what the "
				+ "database is. Supported platforms: " + String.join(", ", supported)
				+ ((refusal != null) ? ". The database has refused a statement: " + refusal.getMessage() : ""), product,
				supported);
		ex.initCause(refusal);
		return ex;
	}

	static UnsupportedDatabaseException lookAlike(String product, String version, List<String> supported) {
		return new UnsupportedDatabaseException("Cross-process locks do not support " + product + ": it speaks the "
				+ "protocol of another database, but its locks of rows or its clock are not those of that database. "
				+ "Choosing a platform does not change that. Supported platforms: " + String.join(", ", supported)
				+ ". The database says that it is: " + version, product, supported);
	}

	/**
	 * The product as its driver names it, or the platform that was asked for.
	 * @return the name
	 */
	public String getProduct() {
		return this.product;
	}

	/**
	 * The platforms there are.
	 * @return their names, as the property takes them
	 */
	public List<String> getSupported() {
		return this.supported;
	}

}
