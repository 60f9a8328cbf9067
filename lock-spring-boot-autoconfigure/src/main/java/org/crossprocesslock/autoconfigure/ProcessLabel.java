package org.crossprocesslock.autoconfigure;

import java.net.InetAddress;
import java.net.UnknownHostException;

import org.crossprocesslock.lease.LeaseOptions;

import org.springframework.core.env.Environment;

/**
 * What other processes see as the holder of a key.
 */
final class ProcessLabel {

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
			return InetAddress.getLocalHost().getHostName();
		}
		catch (UnknownHostException ex) {
			return "unknown-host";
		}
	}

}
