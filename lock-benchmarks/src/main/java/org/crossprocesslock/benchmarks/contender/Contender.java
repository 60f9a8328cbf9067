package org.crossprocesslock.benchmarks.contender;

import java.io.Serializable;
import java.util.Map;

import org.crossprocesslock.benchmarks.database.Database;

/**
 * Who takes part, under which name.
 *
 * @param name what the reports say
 * @param library what it uses
 * @param properties how it is configured beyond the defaults, where it has properties
 */
public record Contender(String name, Library library, Map<String, String> properties) implements Serializable {

	/** The library as it comes. */
	public static Contender of(Library library) {
		return new Contender(library.title(), library, Map.of());
	}

	/** Starts it in this process. */
	public Locks open(Database database, Terms terms) {
		return this.library.open(database, terms, this.properties);
	}

}
