package org.crossprocesslock;

import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.Tuple;
import net.jqwik.api.arbitraries.StringArbitrary;

/** Keys that are allowed, and texts that are nearly or not at all. */
final class KeyArbitraries {

	private static final int LONGEST_TEXT = 10_000;

	private KeyArbitraries() {
	}

	/** Any text, half of it close to the rule. */
	static Arbitrary<String> anything() {
		Arbitrary<String> spoilt = Combinators
			.combine(allowed(), Arbitraries.strings().all().ofMinLength(1).ofMaxLength(2),
					Arbitraries.doubles().between(0, 1))
			.as((key, character, place) -> insert(key, character, (int) Math.round(place * key.length())));
		Arbitrary<String> ofTheRightCharacters = characters().ofMaxLength(2 * LockRequest.MAX_KEY_LENGTH);
		Arbitrary<String> odd = Arbitraries.strings()
			.withChars('\u0000', '\n', '\r', '\u001b', '\u007f', '\u0085', '\u202e', '\ud83d', '\udd12', '\ufeff')
			.withChars('\u212a', '\u0131', '\u0661', '\uff21', '/', '\\', '.', '\'', ' ', 'a')
			.ofMaxLength(20);
		Arbitrary<String> anyText = Arbitraries.strings().all().ofMaxLength(LONGEST_TEXT);
		Arbitrary<String> longText = Arbitraries.strings().ascii().ofMinLength(9_000).ofMaxLength(LONGEST_TEXT);
		return Arbitraries.frequencyOf(Tuple.of(3, allowed()), Tuple.of(3, spoilt), Tuple.of(3, ofTheRightCharacters),
				Tuple.of(3, odd), Tuple.of(2, anyText), Tuple.of(1, longText));
	}

	/** Every key that the rule allows, those at its limits often. */
	static Arbitrary<String> allowed() {
		Arbitrary<Character> end = Arbitraries.chars().alpha().numeric();
		Arbitrary<String> middle = characters().ofMaxLength(LockRequest.MAX_KEY_LENGTH - 2);
		Arbitrary<String> longest = characters().ofLength(LockRequest.MAX_KEY_LENGTH - 2);
		return Arbitraries.oneOf(end.map(String::valueOf),
				Combinators.combine(end, Arbitraries.oneOf(middle, longest), end)
					.as((first, between, last) -> first + between + last));
	}

	private static StringArbitrary characters() {
		return Arbitraries.strings().withCharRange('a', 'z').withCharRange('A', 'Z').numeric().withChars("-_.");
	}

	private static String insert(String text, String inserted, int place) {
		return text.substring(0, place) + inserted + text.substring(place);
	}

}
