package org.crossprocesslock;

import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.junit.jupiter.params.provider.Arguments.arguments;

class LockKeysTests {

	/**
	 * Made by another program. They must never change: processes of two versions would
	 * not exclude each other.
	 */
	static Stream<Arguments> vectors() {
		return Stream.of(vector("order-4711-b-693cd247acb789a3d4f76457ec53832a", "order:4711/\u00e4@b"),
				vector("order-4711-b78ac2841b4a5b76fb09e80b114d1918", "order-4711"),
				vector("a-b-c-913a5298bf3e500ad33a4418e758aa23", "a-b", "c"),
				vector("a-b-c-b66618ac7d5cbf44be2f91fb6a397322", "a", "b-c"),
				vector("a-b-c-ff545e65714ccfe2990574c18239f469", "a-b-c"),
				vector("a-761bf3f452bc5bb7bd4e18a7ca76d124", "", "a"),
				vector("a-bae17a2491945cb87e77474581a85851", "a", ""),
				vector("43d543b266cd1e6a2544fc23bbe2e6f1", "\u043a\u043b\u044e\u0447"),
				vector("228d4c1e1b03f8a38cdc5d78d2f8a9ad", "\ud83d\udd12"),
				vector("f4e2ea9d90d611ea163e7319e4a0b6fc", "\ud83d"),
				vector("x".repeat(60) + "-c216178133aaa0f38dbc4f992b2e68ed", "x".repeat(300)),
				vector("spaced-out-634c18186ecd56c9a6582aae94b0b62c", "  spaced\tout\n"),
				vector("a-a6da8336ea9674f5885d80a695fa4007", "._-a-_."),
				vector("Order-4711-tenant-M-ller-S-hne-61aee8782a9851e8d24676283eedd46f", "Order 4711",
						"tenant 'M\u00fcller & S\u00f6hne'"));
	}

	private static Arguments vector(String key, String... texts) {
		return arguments(key, List.of(texts));
	}

	@ParameterizedTest
	@MethodSource("vectors")
	void theKeyOfATextIsTheSameForEver(String key, List<String> texts) {
		assertThat(of(texts)).isEqualTo(key);
	}

	@Property(tries = 2000)
	void anyTextMakesAnAllowedKeyThatHasRoomForMore(@ForAll("texts") List<String> texts) {
		String key = of(texts);
		assertThat(LockRequest.of(key, Duration.ZERO).key()).isEqualTo(key);
		assertThat(key).hasSizeLessThanOrEqualTo(93);
	}

	@Property(tries = 2000)
	void otherTextsMakeAnotherKey(@ForAll("texts") List<String> texts, @ForAll("texts") List<String> others) {
		assertThat(of(texts).equals(of(others))).isEqualTo(texts.equals(others));
	}

	/** Texts from an alphabet so small that their joined form often is the same. */
	@Property(tries = 2000)
	void madeKeysInARowDoNotCollide(@ForAll("short") String a, @ForAll("short") String b, @ForAll("short") String c,
			@ForAll("short") String d) {
		String one = LockKeys.of(a) + "-" + LockKeys.of(b);
		String two = LockKeys.of(c) + "-" + LockKeys.of(d);
		assertThat(one.equals(two)).isEqualTo(a.equals(c) && b.equals(d));
	}

	@Test
	void aMadeKeyIsNotTheTextItWasMadeOf() {
		String key = LockKeys.of("nightly-report");
		assertThat(key).isNotEqualTo("nightly-report").isNotEqualTo(LockKeys.of(key));
	}

	@Test
	void nothingIsRefused() {
		assertThatIllegalArgumentException().isThrownBy(() -> LockKeys.of(""))
			.withMessage("There is no text to make a key of");
		assertThatIllegalArgumentException().isThrownBy(() -> LockKeys.of("", ""));
	}

	@Provide
	Arbitrary<List<String>> texts() {
		return Arbitraries.oneOf(KeyArbitraries.anything(), shortTexts(), Arbitraries.strings().ofMaxLength(300))
			.list()
			.ofMinSize(1)
			.ofMaxSize(3)
			.filter((texts) -> texts.stream().anyMatch((text) -> !text.isEmpty()));
	}

	@Provide("short")
	Arbitrary<String> shortTexts() {
		return Arbitraries.strings().withChars("a-@").ofMinLength(1).ofMaxLength(3);
	}

	private static String of(List<String> texts) {
		return LockKeys.of(texts.get(0), Arrays.copyOfRange(texts.toArray(String[]::new), 1, texts.size()));
	}

	@Test
	void nameThatIsAKeyStaysAndAnyOtherBecomesOne() {
		assertThat(LockKeys.ofName("nightly-report")).isEqualTo("nightly-report");
		assertThat(LockKeys.ofName("a".repeat(200))).hasSize(200);
		assertThat(LockKeys.ofName("nightly report")).isEqualTo(LockKeys.of("nightly report"));
		assertThat(LockKeys.ofName("a".repeat(201))).isEqualTo(LockKeys.of("a".repeat(201)));
		assertThat(LockKeys.ofName("-a")).isEqualTo(LockKeys.of("-a"));
		assertThatIllegalArgumentException().isThrownBy(() -> LockKeys.ofName(""));
	}

}
