package org.crossprocesslock.autoconfigure;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;

import org.springframework.beans.factory.BeanFactory;
import org.springframework.boot.autoconfigure.AutoConfigurationPackages;
import org.springframework.core.env.Environment;
import org.springframework.util.StringUtils;

/**
 * Where lock files are: the directory of the properties, otherwise one of the user and
 * the application that stays the same over restarts, wherever they are started from.
 */
final class FileLockDirectory {

	private static final String ALL_APPLICATIONS = ".cross-process-lock";

	private static final int MAX_NAME_LENGTH = 100;

	private FileLockDirectory() {
	}

	/**
	 * The directory, which need not be there. Only the default one is to be made: where
	 * another one is missing, a volume is not mounted or a name is misspelled, and each
	 * process would get its own.
	 * @throws InvalidLockPropertiesException if the property is no path
	 * @throws NoLockDirectoryException if there is no default directory
	 */
	static Path of(LockFileProperties properties, Environment environment, BeanFactory beanFactory) {
		String directory = properties.getDirectory();
		if (StringUtils.hasText(directory)) {
			return LeaseOptionsFactory.checked(() -> Path.of(directory.trim()), "file.directory");
		}
		return userHome().resolve(ALL_APPLICATIONS).resolve(fileName(application(environment, beanFactory)));
	}

	/**
	 * Whether it is the default one, and still to be made.
	 * @throws NoLockDirectoryException if that will not be possible
	 */
	static boolean isToBeMade(Path directory, LockFileProperties properties) {
		if (StringUtils.hasText(properties.getDirectory()) || Files.exists(directory)) {
			return false;
		}
		for (Path above = directory.getParent(); above != null; above = above.getParent()) {
			if (Files.exists(above)) {
				if (Files.isDirectory(above) && Files.isWritable(above)) {
					return true;
				}
				throw notCreated(directory, Files.isDirectory(above) ? new AccessDeniedException(above.toString())
						: new NotDirectoryException(above.toString()));
			}
		}
		throw notCreated(directory, new NoSuchFileException(directory.toString()));
	}

	static NoLockDirectoryException notCreated(Path directory, IOException ex) {
		return new NoLockDirectoryException(directory + " cannot be created (" + ex + ")", ex);
	}

	private static Path userHome() {
		String home = System.getProperty("user.home", "");
		try {
			// "?" is what Java says for a user that the system does not know
			if (!home.isBlank() && Path.of(home).isAbsolute()) {
				return Path.of(home);
			}
		}
		catch (InvalidPathException ex) {
			throw new NoLockDirectoryException("the home directory of the user is no path: " + home, ex);
		}
		throw new NoLockDirectoryException("the home directory of the user is not known (user.home is '" + home + "')",
				null);
	}

	private static String application(Environment environment, BeanFactory beanFactory) {
		String name = environment.getProperty("spring.application.name", "");
		if (!name.isBlank()) {
			return name;
		}
		if (AutoConfigurationPackages.has(beanFactory)) {
			return AutoConfigurationPackages.get(beanFactory).get(0);
		}
		throw new NoLockDirectoryException("this application has no name (spring.application.name is not set)", null);
	}

	/** A name that every file system takes, and not the same one for two applications. */
	private static String fileName(String application) {
		String name = application.replaceAll("[^A-Za-z0-9._-]", "_").replaceFirst("^\\.", "_");
		if (name.equals(application) && name.length() <= MAX_NAME_LENGTH) {
			return name;
		}
		return name.substring(0, Math.min(name.length(), MAX_NAME_LENGTH)) + "-"
				+ Integer.toHexString(application.hashCode());
	}

}
