package org.crossprocesslock.benchmarks.report;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

import com.sun.management.OperatingSystemMXBean;
import com.zaxxer.hikari.HikariDataSource;
import net.javacrumbs.shedlock.core.LockProvider;
import org.crossprocesslock.benchmarks.database.Product;

import org.springframework.boot.SpringApplication;
import org.springframework.integration.jdbc.lock.JdbcLockRegistry;

/**
 * What a run ran on.
 *
 * @param cpu the processors
 * @param memoryMebibytes the memory
 * @param operatingSystem the operating system
 * @param java the Java virtual machine
 * @param flushMicros what a flush of a small write costs on its disk, median
 * @param database the database server
 * @param libraries the jars that matter
 */
public record Machine(String cpu, long memoryMebibytes, String operatingSystem, String java, double flushMicros,
		String database, List<String> libraries) {

	private static final int FLUSHES = 200;

	private static final int BLOCK = 8192;

	private static final Path CPU_INFO = Path.of("/proc/cpuinfo");

	/** This one. */
	public static Machine thisOne(Product product, String databaseVersion) throws IOException {
		OperatingSystemMXBean system = ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);
		return new Machine(system.getAvailableProcessors() + " x " + cpuModel(), system.getTotalMemorySize() >> 20,
				system.getName() + " " + system.getVersion(),
				System.getProperty("java.vm.name") + " " + Runtime.version(), measureFlush(),
				product.title() + " " + databaseVersion,
				Stream
					.of(SpringApplication.class, LockProvider.class, JdbcLockRegistry.class, HikariDataSource.class,
							driver(product))
					.map(Machine::jar)
					.toList());
	}

	private static Class<?> driver(Product product) {
		return switch (product) {
			case POSTGRESQL -> org.postgresql.Driver.class;
			case MARIADB -> org.mariadb.jdbc.Driver.class;
			case MYSQL -> com.mysql.cj.jdbc.Driver.class;
		};
	}

	private static String cpuModel() throws IOException {
		if (!Files.exists(CPU_INFO)) {
			return System.getProperty("os.arch");
		}
		return Files.readAllLines(CPU_INFO)
			.stream()
			.filter((line) -> line.startsWith("model name"))
			.map((line) -> line.substring(line.indexOf(':') + 1).strip())
			.findFirst()
			.orElseGet(() -> System.getProperty("os.arch"));
	}

	private static double measureFlush() throws IOException {
		Path file = Files.createTempFile("flush", null);
		try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
			long[] nanos = new long[FLUSHES];
			for (int i = 0; i < FLUSHES; i++) {
				channel.write(ByteBuffer.allocate(BLOCK), 0);
				long before = System.nanoTime();
				channel.force(false);
				nanos[i] = System.nanoTime() - before;
			}
			Arrays.sort(nanos);
			return nanos[FLUSHES / 2] / 1e3;
		}
		finally {
			Files.delete(file);
		}
	}

	private static String jar(Class<?> type) {
		String location = URI.create(type.getProtectionDomain().getCodeSource().getLocation().toString()).getPath();
		return location.substring(location.lastIndexOf('/') + 1).replaceFirst("\\.jar$", "");
	}

}
