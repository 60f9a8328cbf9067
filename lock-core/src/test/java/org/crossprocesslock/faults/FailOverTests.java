package org.crossprocesslock.faults;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.LongAdder;

import javax.sql.DataSource;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import org.crossprocesslock.Background;
import org.crossprocesslock.Eventually;
import org.crossprocesslock.LockGuard;
import org.crossprocesslock.LockListener;
import org.crossprocesslock.LockLostException;
import org.crossprocesslock.LockRequest;
import org.crossprocesslock.LockStoreException;
import org.crossprocesslock.lease.LeaseLockManager;
import org.crossprocesslock.lease.LeaseOptions;
import org.crossprocesslock.lease.jdbc.FencedTransaction;
import org.crossprocesslock.lease.jdbc.JdbcLeaseSchema;
import org.crossprocesslock.lease.jdbc.JdbcLeaseStore;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.postgresql.ds.PGSimpleDataSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/** What becomes of locks when a replica of PostgreSQL takes the place of its primary. */
@Tag("full")
@Timeout(180)
class FailOverTests {

	/** Longer than it takes to promote a replica, with much to spare. */
	private static final Duration LEASE = Duration.ofSeconds(30);

	private static final Duration HEARTBEAT = Duration.ofSeconds(2);

	private static final Duration OUTAGE = Duration.ofSeconds(1);

	/** Before and after the fail-over. */
	private static final Duration WORK = Duration.ofSeconds(2);

	private final Queue<String> losses = new ConcurrentLinkedQueue<>();

	private final List<Member> members = new ArrayList<>();

	private Path directory;

	private PostgresPair pair;

	private JdbcLeaseSchema schema;

	@BeforeEach
	void start(@TempDir Path directory) throws Exception {
		this.directory = directory;
		this.pair = PostgresPair.start(this.directory);
		this.schema = JdbcLeaseSchema.of(this.pair.primary(), JdbcLeaseStore.DEFAULT_TABLE_PREFIX, null);
		this.schema.createIfMissing();
	}

	@AfterEach
	void stop() {
		this.members.forEach(Member::close);
		if (this.pair != null) {
			this.pair.close();
		}
	}

	@Test
	void aSynchronousReplicaTakesOverUnderLoad() throws Exception {
		this.pair.replicateSynchronously();
		SectionRecords records = new SectionRecords(this.directory);
		Shift shift = new Shift();
		LongAdder lost = new LongAdder();
		List<SectionRecord> open = new ArrayList<>();
		for (String name : List.of("own-1", "own-2", "borrowed-3")) {
			Member member = member(name, name.startsWith("own"));
			SectionRecord record = new SectionRecord(records.file(name));
			open.add(record);
			for (int i = 0; i < Assignment.WORKERS; i++) {
				Background.call(() -> {
					new SectionWorker(name, member.manager(), record, shift, lost).run();
					return null;
				});
			}
		}
		LockGuard held = this.members.get(0).manager().lock("held", Eventually.LIMIT);
		Background<LockGuard> waiting = Background
			.call(() -> this.members.get(1).manager().lock("held", Eventually.LIMIT));
		Thread.sleep(WORK.toMillis());
		this.pair.crashPrimary();
		Thread.sleep(OUTAGE.toMillis());
		this.pair.promote();
		long promoted = System.nanoTime();
		awaitEverybody(records, promoted);
		Thread.sleep(WORK.toMillis());
		assertThat(held.isHeld()).isTrue();
		assertThat(waiting.isDone()).isFalse();
		held.close();
		try (LockGuard next = waiting.join()) {
			assertThat(next.fencingToken()).isGreaterThan(held.fencingToken());
		}
		shift.finish();
		for (SectionRecord record : open) {
			record.close();
		}
		assertThat(Sections.overlaps(records.read())).isEmpty();
		assertThat(Sections.tokensThatDidNotGrow(records.read())).isEmpty();
		assertThat(this.losses).doesNotHaveDuplicates();
		assertThat(lost.sum()).as("guards lost, each worker's at most once")
			.isLessThanOrEqualTo((long) this.members.size() * Assignment.WORKERS);
	}

	private void awaitEverybody(SectionRecords records, long since) throws InterruptedException {
		for (Member member : this.members) {
			Eventually.until(member.name() + " works again",
					() -> records.read()
						.stream()
						.anyMatch((section) -> section.process().equals(member.name()) && section.begin() - since > 0));
		}
	}

	/** All that is announced, and no more. */
	@Test
	void whatAnAsynchronousReplicaLacksIsForgotten() throws Exception {
		Member first = member("first", true);
		Member second = member("second", true);
		LockGuard kept = first.manager().lock("kept", Eventually.LIMIT);
		second.manager().lock("another", Eventually.LIMIT).close();
		this.pair.awaitReplica();
		this.pair.cutReplication();
		LockGuard forgotten = first.manager().lock("forgotten", Eventually.LIMIT);
		long begin = System.nanoTime();
		failOver();
		try (LockGuard again = second.manager().lock("forgotten", Eventually.LIMIT)) {
			long both = System.nanoTime();
			assertThat(forgotten.isHeld()).as("held twice").isTrue();
			assertThat(again.isHeld()).isTrue();
			assertThat(again.fencingToken()).isGreaterThan(forgotten.fencingToken());
			assertThat(Sections
				.overlaps(List.of(new Section("first", "forgotten", forgotten.fencingToken(), false, begin, both + 1),
						new Section("second", "forgotten", again.fencingToken(), false, both, both + 2))))
				.as("what judges the sections of other tests")
				.hasSize(1);
			assertThatExceptionOfType(LockLostException.class).isThrownBy(() -> commitUnder(first, forgotten));
			commitUnder(second, again);
		}
		assertThat(second.manager().tryLock(LockRequest.of("kept", Duration.ofMillis(500))))
			.as("no other key is concerned")
			.isEmpty();
		commitUnder(first, kept);
		kept.close();
		assertThatExceptionOfType(LockLostException.class).isThrownBy(forgotten::close);
	}

	@ParameterizedTest
	@ValueSource(ints = { 0, 3 })
	void aReleaseThatAReplicaLacksIsRepeated(int heartbeats) throws Exception {
		Member first = member("first", true);
		Member second = member("second", true);
		second.manager().lock("another", Eventually.LIMIT).close();
		LockGuard released = first.manager().lock("key", Eventually.LIMIT);
		this.pair.awaitReplica();
		this.pair.cutReplication();
		released.close();
		Eventually.until("the release is committed",
				() -> PostgresPair
					.text(this.pair.primary(), "select lease_id is null from cross_process_lock where lock_key = 'key'")
					.equals("t"));
		long renewals = renewals();
		Eventually.until("the replica is behind by heartbeats", () -> renewals() >= renewals + heartbeats);
		failOver();
		assertThat(PostgresPair.text(this.pair.replica(),
				"select lease_id is null from cross_process_lock where lock_key = 'key'"))
			.as("undone")
			.isEqualTo("f");
		second.manager().lock("key", Eventually.LIMIT).close();
		assertThat(this.losses).isEmpty();
	}

	/** Of whoever has renewed least often. */
	private long renewals() {
		return Long.parseLong(PostgresPair.text(this.pair.primary(), "select min(renewals) from cross_process_lease"));
	}

	/** A replica is behind, so that a lease that is renewed seems to have run out. */
	@Test
	void aReplicaBehindTheSameUrlNeverMakesALiveLeaseLookDead() throws Exception {
		CountingDataSource any = new CountingDataSource();
		any.setUrl(this.pair.any().getUrl());
		any.setUser("postgres");
		Duration lease = Duration.ofSeconds(3);
		LeaseOptions options = LeaseOptions.defaults().withLeaseDuration(lease);
		Member first = member("first", any, null, options);
		LockGuard held = lock(first, "key");
		this.pair.awaitReplica();
		this.pair.cutReplication();
		Thread.sleep(lease.toMillis());
		Member second = member("second", any, null, options);
		int busy = 0;
		int failed = 0;
		long end = System.nanoTime() + lease.multipliedBy(2).toNanos();
		while (System.nanoTime() - end < 0) {
			try {
				Optional<LockGuard> got = second.manager().tryLock(LockRequest.of("key", Duration.ofMillis(200)));
				assertThat(got).isEmpty();
				busy++;
			}
			catch (LockStoreException ex) {
				failed++;
			}
			assertThat(held.isHeld()).isTrue();
		}
		assertThat(busy).as("answers, beside %s failures", failed).isPositive();
		assertThat(any.replicas.sum()).as("connections to the replica").isPositive();
		assertThat(this.losses).isEmpty();
	}

	private static LockGuard lock(Member member, String key) throws InterruptedException {
		for (int attempt = 0;; attempt++) {
			try {
				return member.manager().lock(key, Eventually.LIMIT);
			}
			catch (LockStoreException ex) {
				if (attempt == 20) {
					throw ex;
				}
			}
		}
	}

	private void failOver() throws Exception {
		this.pair.crashPrimary();
		this.pair.promote();
	}

	private void commitUnder(Member member, LockGuard guard) throws Exception {
		try (Connection connection = this.pair.either().getConnection();
				FencedTransaction transaction = member.store().commitFence().begin(connection, guard)) {
			transaction.commit();
		}
	}

	private Member member(String name, boolean ownConnections) {
		PGSimpleDataSource database = this.pair.either();
		HikariConfig config = new HikariConfig();
		config.setDataSource(database);
		config.setMaximumPoolSize(4);
		config.setConnectionTimeout(1000);
		config.setValidationTimeout(500);
		HikariDataSource pool = new HikariDataSource(config);
		return member(name, pool, ownConnections ? database : null,
				LeaseOptions.defaults().withLease(LEASE, HEARTBEAT));
	}

	private Member member(String name, DataSource pool, @Nullable DataSource own, LeaseOptions options) {
		JdbcLeaseStore store = JdbcLeaseStore.builder(pool)
			.schema(this.schema)
			.leaseDuration(options.leaseDuration())
			.ownConnections(own)
			.build();
		LeaseLockManager manager = new LeaseLockManager(store, options, name, new LockListener() {
			@Override
			public void onLost(LockRequest request, long fencingToken, String reason) {
				FailOverTests.this.losses.add(request.key() + " " + fencingToken);
			}
		});
		Member member = new Member(name, pool, store, manager);
		this.members.add(member);
		return member;
	}

	/**
	 * What an application process has.
	 *
	 * @param name its name
	 * @param pool where its connections come from
	 * @param store the store
	 * @param manager the manager
	 */
	private record Member(String name, DataSource pool, JdbcLeaseStore store,
			LeaseLockManager manager) implements AutoCloseable {

		@Override
		public void close() {
			this.manager.close();
			if (this.pool instanceof HikariDataSource closeable) {
				closeable.close();
			}
		}

	}

	/** Counts the connections that lead to the replica. */
	private static final class CountingDataSource extends PGSimpleDataSource {

		private static final long serialVersionUID = 1L;

		private final LongAdder replicas = new LongAdder();

		@Override
		public Connection getConnection() throws SQLException {
			Connection connection = super.getConnection();
			try (Statement statement = connection.createStatement();
					ResultSet row = statement.executeQuery("select pg_is_in_recovery()")) {
				row.next();
				if (row.getBoolean(1)) {
					this.replicas.increment();
				}
			}
			return connection;
		}

	}

}
