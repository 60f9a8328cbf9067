package org.crossprocesslock;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.lifecycle.AfterContainer;
import net.jqwik.api.lifecycle.BeforeContainer;
import org.crossprocesslock.file.PerKeyFileLockManager;
import org.crossprocesslock.file.PidFileLockManager;
import org.crossprocesslock.lease.LeaseLockManager;
import org.crossprocesslock.lease.LeaseOptions;
import org.crossprocesslock.lease.jdbc.JdbcLeaseSchema;
import org.crossprocesslock.lease.jdbc.JdbcLeaseStore;
import org.crossprocesslock.memory.MemoryLockManager;
import org.h2.jdbcx.JdbcDataSource;

import static org.assertj.core.api.Assertions.assertThat;

/** Every key that the rule allows, in every backend that stores it in its own way. */
class BackendKeyFuzzTests {

	private static final LockListener NOBODY = new LockListener() {
	};

	private static List<LockManager> managers = List.of();

	/** See {@link PerKeyFileLockManager}: on the others such keys exclude each other. */
	private static boolean fileSystemKeepsCase;

	@BeforeContainer
	static void openManagers() throws IOException {
		Path directory = Files.createTempDirectory(Path.of("target"), "key-fuzz");
		Files.createFile(directory.resolve("case"));
		fileSystemKeepsCase = !Files.exists(directory.resolve("CASE"));
		Path whole = Files.createDirectory(directory.resolve("whole"));
		Path perKey = Files.createDirectory(directory.resolve("per-key"));
		managers = List.of(new MemoryLockManager(), PidFileLockManager.platformDefault(whole, NOBODY),
				PerKeyFileLockManager.open(perKey, NOBODY), overH2());
	}

	@AfterContainer
	static void closeManagers() {
		managers.forEach(LockManager::close);
	}

	@Provide
	Arbitrary<String> allowed() {
		return KeyArbitraries.allowed();
	}

	@Property(tries = 100)
	void aKeyExcludesItselfAndNoKeyThatIsNearlyTheSame(@ForAll("allowed") String key) throws InterruptedException {
		for (LockManager manager : managers) {
			long token;
			try (LockGuard guard = manager.lock(key, Eventually.LIMIT)) {
				token = guard.fencingToken();
				assertThat(guard.key()).isEqualTo(key);
				assertThat(manager.tryLock(key)).as("a second guard of '%s' in %s", key, manager).isEmpty();
				for (String other : nearlyTheSame(key)) {
					try (LockGuard neighbour = manager.tryLock(other)
						.orElseThrow(
								() -> new AssertionError("'" + key + "' excludes '" + other + "' in " + manager))) {
						assertThat(neighbour.key()).isEqualTo(other);
					}
				}
			}
			try (LockGuard again = manager.lock(key, Eventually.LIMIT)) {
				assertThat(again.fencingToken()).isGreaterThan(token);
			}
		}
	}

	private static Set<String> nearlyTheSame(String key) {
		Set<String> others = new LinkedHashSet<>();
		if (key.length() < LockRequest.MAX_KEY_LENGTH) {
			others.add(key + "0");
		}
		if (key.length() > 1) {
			others.add(key.substring(1));
			others.add(key.substring(0, key.length() - 1));
		}
		if (fileSystemKeepsCase) {
			others.add(key.toUpperCase(Locale.ROOT));
			others.add(key.toLowerCase(Locale.ROOT));
		}
		others.remove(key);
		others.removeIf((other) -> !Character.isLetterOrDigit(other.charAt(0))
				|| !Character.isLetterOrDigit(other.charAt(other.length() - 1)));
		return others;
	}

	private static LockManager overH2() {
		JdbcDataSource database = new JdbcDataSource();
		database.setURL("jdbc:h2:mem:key-fuzz;DB_CLOSE_DELAY=-1");
		JdbcLeaseSchema.of(database, JdbcLeaseStore.DEFAULT_TABLE_PREFIX, "h2").createIfMissing();
		LeaseOptions options = LeaseOptions.defaults().withLeaseDuration(Duration.ofSeconds(30));
		JdbcLeaseStore store = JdbcLeaseStore.builder(database)
			.platform("h2")
			.leaseDuration(options.leaseDuration())
			.build();
		return new LeaseLockManager(store, options, "fuzz", NOBODY);
	}

}
