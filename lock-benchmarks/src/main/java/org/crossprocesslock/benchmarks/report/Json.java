package org.crossprocesslock.benchmarks.report;

import java.nio.file.Path;

import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/** A run as JSON, round by round. */
public final class Json {

	private static final JsonMapper MAPPER = JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();

	private Json() {
	}

	/** The JSON of a run. */
	public static String of(RunReport run) {
		return MAPPER.writeValueAsString(run);
	}

	/** Reads what was written. */
	public static RunReport read(Path file) {
		return MAPPER.readValue(file, RunReport.class);
	}

}
