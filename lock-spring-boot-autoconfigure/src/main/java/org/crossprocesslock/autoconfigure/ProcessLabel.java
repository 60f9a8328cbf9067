package org.crossprocesslock.autoconfigure;

import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

import org.crossprocesslock.lease.LeaseOptions;

import org.springframework.core.env.Environment;

/**
 * What other processes see as the holder of a key.
 */
final class ProcessLabel {

	/**
	 * Where Linux says its name without asking any server, which may keep a start
	 * waiting.
	 */
	private static final Path NAME_OF_HOST = Path.of("/proc/sys/kernel/hostname");

	private ProcessLabel() {
	}

	/** Application name, process id and host of this process. */
	static String of(Environment environment) {
		String process = ProcessHandle.current().pid() + "@" + host();
		String application = environment.getProperty("spring.application.name", "");
		String label = application.isBlank() ? process : application + " " + process;
		return (label.length() > LeaseOptions.MAX_HOLDER_LENGTH)
				? label.substring(label.length() - LeaseOptions.MAX_HOLDER_LENGTH) : label;
	}

	private static String host() {
		try {
			String name = Files.readString(NAME_OF_HOST, StandardCharsets.ISO_8859_1).strip();
			return name.isEmpty() ? resolvedHost() : name;
		}
		catch (IOException ex) {
			return resolvedHost();
		}
	}

	private static String resolvedHost() {
		try {
			return InetAddress.getLocalHost().getHostName();
		}
		catch (UnknownHostException ex) {
			return "unknown-host";
		}
	}

}
