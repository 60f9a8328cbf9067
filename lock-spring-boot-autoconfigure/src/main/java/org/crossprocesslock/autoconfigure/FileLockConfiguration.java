package org.crossprocesslock.autoconfigure;

import java.nio.file.Path;

import org.crossprocesslock.LockListener;
import org.crossprocesslock.LockManager;
import org.crossprocesslock.LockReach;
import org.crossprocesslock.file.PerKeyFileLockManager;
import org.crossprocesslock.file.PidFileLockManager;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.SmartInitializingSingleton;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Lazy;
import org.springframework.core.env.Environment;

/**
 * Locks of the operating system on files: asked for, or because no database was found.
 */
@Configuration(proxyBeanMethods = false)
@ConditionalOnMissingBean(LockManager.class)
@ConditionalOnLockBackend(BackendChoice.Kind.FILE)
class FileLockConfiguration {

	private static final Logger logger = LoggerFactory.getLogger(LockAutoConfiguration.class);

	private static final String SHARED_DIRECTORY = "Name a directory that all of them share, on a volume for example, "
			+ "with cross-process-lock.file.directory";

	private static final String ELSEWHERE = "Keep the locks in a database, with cross-process-lock.backend=jdbc";

	@Bean
	LockBackend crossProcessLockBackend(LockProperties properties, Environment environment,
			ConfigurableListableBeanFactory beanFactory, ObjectProvider<SystemFiles> system,
			ObjectProvider<TestSlice> slice) {
		Path directory = FileLockDirectory.of(properties.getFile(), environment, beanFactory);
		FileReach reach = FileReach.of(directory, properties.getFile(),
				system.getIfAvailable(() -> SystemFiles.OF_THIS_MACHINE));
		return new LockBackend("file",
				BackendChoice.confirming(BackendChoice.Kind.FILE, environment, beanFactory).reason(), reach.reach(),
				reach.reason())
			.checked(properties.getRequiredReach(), slice, promised(reach.reach()),
					(reach.reach() == LockReach.PROCESSES) ? ELSEWHERE : SHARED_DIRECTORY + ". " + ELSEWHERE);
	}

	/** Of a file system without dependable locks the lock manager itself warns. */
	private static LockReach promised(LockReach reach) {
		return (reach == LockReach.THREADS) ? reach : LockReach.PROCESSES;
	}

	/**
	 * Never lazy: a second process is to be refused at its start, not with its first use
	 * of a lock.
	 */
	@Bean
	@Lazy(false)
	LockManager crossProcessLockManager(LockProperties properties, LockBackend backend,
			ConfigurableListableBeanFactory beanFactory, Environment environment, LockListeners listeners) {
		LockFileProperties files = properties.getFile();
		Path directory = FileLockDirectory.of(files, environment, beanFactory);
		LockListener listener = listeners.all();
		if (FileLockDirectory.isToBeMade(directory, files)) {
			logger.info("Locks will use the file backend in {}, which is made with the first lock: {}. {}", directory,
					backend.reason(), backend.reachInWords());
			return new FileLocksOnDemand(directory, (made) -> open(made, files, backend, listener));
		}
		return open(directory, files, backend, listener);
	}

	/**
	 * Who has annotated methods will ask for locks: a second process is to be refused at
	 * its start.
	 */
	@Bean
	static SmartInitializingSingleton crossProcessLockDirectoryOfLockedMethods(ObjectProvider<LockManager> manager,
			ObjectProvider<LockNames> names) {
		return () -> {
			if (names.stream().anyMatch((known) -> !known.lockNames().isEmpty())
					&& manager.getIfUnique() instanceof FileLocksOnDemand onDemand) {
				var unused = onDemand.open();
			}
		};
	}

	private static LockManager open(Path directory, LockFileProperties files, LockBackend backend,
			LockListener listener) {
		if (files.getKind() == LockFileProperties.Kind.PER_KEY) {
			PerKeyFileLockManager manager = PerKeyFileLockManager.open(directory, listener);
			report("key by key", manager.getDirectory(), backend);
			return manager;
		}
		PidFileLockManager manager = PidFileLockManager.openShared(directory, files.getPid().getSystemLock(), listener);
		report("one process at a time", manager.getDirectory(), backend);
		return manager;
	}

	private static void report(String manner, Path directory, LockBackend backend) {
		logger.info("Locks use the file backend in {}, {}: {}. {}", directory, manner, backend.reason(),
				backend.reachInWords());
	}

}
