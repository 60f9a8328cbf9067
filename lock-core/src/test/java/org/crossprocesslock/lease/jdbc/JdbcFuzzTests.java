package org.crossprocesslock.lease.jdbc;

import java.time.Duration;
import java.util.List;

import javax.sql.DataSource;

import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.crossprocesslock.DurationArbitraries;
import org.crossprocesslock.lease.LeaseStore.AcquireOrder;
import org.crossprocesslock.lease.LeaseStore.Granted;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

/** What is configured of a store: taken or refused before the database hears of it. */
class JdbcFuzzTests {

	private static final DataSource UNTOUCHED = DataSources.of(() -> {
		throw new AssertionError("The database was asked");
	});

	private final DataSource database = H2JdbcLeaseStoreTests.inMemory();

	@Provide
	Arbitrary<String> anyPrefix() {
		Arbitrary<String> sql = Arbitraries.of("; drop table orders", "--", "/*", "*/", "'", "\"", "`", " ", ".", "..",
				"\u0000", "\n", "{lease}", "{lock}", "$1", "?", "\\", "x or 1=1", "(", ")", "\u212a", "\u0131",
				"\u0661", "app", "app_", "A", "_", "9", "");
		Arbitrary<String> pieces = sql.list().ofMaxSize(5).map((list) -> String.join("", list));
		Arbitrary<String> nearly = Arbitraries.strings()
			.withCharRange('a', 'z')
			.withCharRange('A', 'Z')
			.numeric()
			.withChars("_.")
			.ofMaxLength(90);
		return Arbitraries.oneOf(pieces, nearly, goodPrefix(), dotted(),
				Combinators.combine(goodPrefix(), pieces).as(String::concat),
				Arbitraries.strings().all().ofMaxLength(200));
	}

	@Provide
	Arbitrary<String> goodPrefix() {
		Arbitrary<String> first = Arbitraries.chars().range('a', 'z').range('A', 'Z').with('_').map(String::valueOf);
		Arbitrary<String> rest = Arbitraries.strings()
			.withCharRange('a', 'z')
			.withCharRange('A', 'Z')
			.numeric()
			.withChars("_")
			.ofMaxLength(39);
		return Combinators.combine(first, rest).as(String::concat);
	}

	private Arbitrary<String> dotted() {
		return Combinators.combine(goodPrefix(), goodPrefix()).as((schema, prefix) -> schema + "." + prefix);
	}

	@Provide
	Arbitrary<Duration> anyDuration() {
		return DurationArbitraries.anything();
	}

	@Property(tries = 3000)
	void aTablePrefixIsNamesOrIsRefusedBeforeTheDatabaseIsAsked(@ForAll("anyPrefix") String prefix) {
		if (consistsOfNames(prefix)) {
			assertThat(new TableNames(prefix).in("select 1 from {lease}, {lock}"))
				.isEqualTo("select 1 from " + prefix + "lease, " + prefix + "lock");
			return;
		}
		assertThatIllegalArgumentException().isThrownBy(() -> JdbcLeaseSchema.of(UNTOUCHED, prefix, "h2"))
			.withMessageContaining("'" + prefix + "'");
		assertThatIllegalArgumentException().isThrownBy(() -> JdbcLeaseSchema.of(UNTOUCHED, prefix, null))
			.withMessageContaining("'" + prefix + "'");
		assertThatIllegalArgumentException()
			.isThrownBy(() -> JdbcLeaseStore.builder(UNTOUCHED).tablePrefix(prefix).build())
			.withMessageContaining("'" + prefix + "'");
	}

	@Property(tries = 25)
	void tablesOfEveryGoodPrefixWork(@ForAll("goodPrefix") String prefix) {
		DataSource database = H2JdbcLeaseStoreTests.inMemory();
		JdbcLeaseSchema schema = JdbcLeaseSchema.of(database, prefix, "h2");
		assertThat(schema.exists()).isFalse();
		schema.createIfMissing();
		assertThat(schema.exists()).isTrue();
		try (JdbcLeaseStore store = JdbcLeaseStore.builder(database).platform("h2").tablePrefix(prefix).build()) {
			store.open("id", "fuzz", Duration.ofSeconds(10));
			assertThat(store.acquire("id", Long.MAX_VALUE, List.of(new AcquireOrder("key", null, false))))
				.singleElement()
				.isInstanceOf(Granted.class);
		}
	}

	@Property(tries = 500)
	void limitsFollowFromALeaseDurationThatIsAllowed(@ForAll("anyDuration") Duration lease) {
		JdbcLeaseStore.Builder builder = JdbcLeaseStore.builder(this.database).platform("h2");
		if (lease.compareTo(Duration.ofSeconds(1)) < 0 || lease.compareTo(Duration.ofDays(1)) > 0) {
			assertThatIllegalArgumentException().isThrownBy(() -> builder.leaseDuration(lease))
				.withMessageContaining(lease.toString());
			return;
		}
		try (JdbcLeaseStore store = builder.leaseDuration(lease).build()) {
			assertThat(store.answerLimit().multipliedBy(2)).isLessThanOrEqualTo(lease);
		}
		Limits limits = Limits.of(lease);
		assertThat(limits.lockWait()).isLessThan(limits.statement()).isGreaterThan(Duration.ofMillis(10));
		assertThat(limits.statement()).isLessThan(limits.answer());
		assertThat(limits.answer().toMillis()).isLessThan(Integer.MAX_VALUE);
	}

	@Property(tries = 50)
	void rowsOfAnyAgeCanBePurged(@ForAll("anyDuration") Duration age) {
		if (age.isNegative()) {
			return;
		}
		DataSource database = H2JdbcLeaseStoreTests.inMemory();
		JdbcLeaseSchema.of(database, JdbcLeaseStore.DEFAULT_TABLE_PREFIX, "h2").createIfMissing();
		try (JdbcLeaseStore store = JdbcLeaseStore.builder(database).platform("h2").build()) {
			store.open("id", "fuzz", Duration.ofSeconds(10));
			store.acquire("id", Long.MAX_VALUE, List.of(new AcquireOrder("held", null, false)));
			store.purge(age);
			assertThat(store.look(List.of("held")).keys()).singleElement().satisfies((look) -> {
				assertThat(look.leaseId()).isEqualTo("id");
				assertThat(look.lease()).isNotNull();
			});
		}
	}

	/** The rule of the prefix once more, without a pattern. */
	private static boolean consistsOfNames(String prefix) {
		int dot = prefix.indexOf('.');
		return (dot < 0) ? isName(prefix) : isName(prefix.substring(0, dot)) && isName(prefix.substring(dot + 1));
	}

	private static boolean isName(String text) {
		String letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_";
		return !text.isEmpty() && text.length() <= 40 && letters.indexOf(text.charAt(0)) >= 0
				&& text.chars().allMatch((character) -> (letters + "0123456789").indexOf(character) >= 0);
	}

}
