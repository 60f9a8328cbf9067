package org.crossprocesslock.annotation;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.regex.Pattern;

import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.lifecycle.AfterContainer;
import org.crossprocesslock.autoconfigure.fencing.FencingAutoConfiguration;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.autoconfigure.context.PropertyPlaceholderAutoConfiguration;
import org.springframework.context.annotation.AnnotationConfigApplicationContext;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

/**
 * Expressions of a key that answer anything or fail in any way: the call runs under the
 * key that they make, or is refused in words that name the method and the key, with
 * nothing locked and nothing run.
 */
class KeyExpressionFuzzTests {

	private static final Pattern RULE = Pattern.compile("[A-Za-z0-9]|[A-Za-z0-9][-A-Za-z0-9_.]{0,198}[A-Za-z0-9]");

	private static final AnnotationConfigApplicationContext CONTEXT = new AnnotationConfigApplicationContext(
			PropertyPlaceholderAutoConfiguration.class, CrossProcessLockedAutoConfiguration.class,
			FencingAutoConfiguration.class, RecordedLocks.class, Parts.class);

	private static final List<String> CALLS = new ArrayList<>();

	private final Parts parts = CONTEXT.getBean(Parts.class);

	private final RecordedLocks.Requests requests = CONTEXT.getBean(RecordedLocks.Requests.class);

	@AfterContainer
	static void closeContext() {
		CONTEXT.close();
	}

	@Provide
	Arbitrary<String> texts() {
		Arbitrary<String> allowed = Arbitraries.strings()
			.withCharRange('a', 'z')
			.withCharRange('A', 'Z')
			.numeric()
			.withChars("-_.")
			.ofMaxLength(205);
		return Arbitraries.oneOf(allowed, Arbitraries.strings().all().ofMaxLength(300),
				Arbitraries.of("", "#{1}", "${user.home}", "T(java.lang.Runtime)", "a b", "\u0000", "\ud83d"));
	}

	@Provide
	Arbitrary<Throwable> failures() {
		return Arbitraries.of(new IllegalStateException("broken"), new IllegalArgumentException("broken"),
				new NullPointerException("broken"), new UnsupportedOperationException("broken"),
				new IOException("broken"), new StackOverflowError("broken"), new AssertionError("broken"),
				new RuntimeException((String) null));
	}

	@Provide
	Arbitrary<Object> values() {
		return Arbitraries.of(1, -1, 7L, 1.5, 'c', true, List.of(), List.of("a", "b"), Map.of("a", "b"),
				new String[] { "a" }, new byte[] { 1 }, Optional.empty(), Optional.of("a"), new Object(), OnBusy.SKIP,
				String.class, new Unprintable());
	}

	@Property(tries = 500)
	void aTextIsTheKeyIfItIsAllowed(@ForAll("texts") String text) throws Exception {
		check(() -> this.parts.whole(() -> text), RULE.matcher(text).matches() ? text : null, "Parts.whole",
				"#part.call()");
		String key = "order-" + text + ".x";
		check(() -> this.parts.inside(() -> text), (!text.isEmpty() && RULE.matcher(key).matches()) ? key : null,
				"Parts.inside", "#part.call()");
	}

	@Property(tries = 50)
	void aFailureOfTheExpressionIsNamed(@ForAll("failures") Throwable failure) throws Exception {
		check(() -> this.parts.whole(() -> raise(failure)), null, "Parts.whole", "#part.call()");
		check(() -> this.parts.inside(() -> raise(failure)), null, "Parts.inside", "#part.call()");
	}

	@Property(tries = 50)
	void aValueThatIsNoTextIsConvertedOrRefused(@ForAll("values") Object value) throws Exception {
		this.requests.all.clear();
		CALLS.clear();
		try {
			this.parts.whole(() -> value);
			assertThat(this.requests.keys()).isNotEmpty().allSatisfy((key) -> assertThat(key).matches(RULE));
			assertThat(CALLS).hasSize(1);
		}
		catch (IllegalArgumentException ex) {
			assertRefused(ex, "Parts.whole", "#part.call()");
		}
	}

	@Property(tries = 1)
	void nullIsRefused() throws Exception {
		check(() -> this.parts.whole(() -> null), null, "Parts.whole", "#part.call()");
		check(() -> this.parts.inside(() -> null), null, "Parts.inside", "#part.call()");
	}

	private void check(Callable<?> call, @Nullable String key, String method, String expression) throws Exception {
		this.requests.all.clear();
		CALLS.clear();
		if (key != null) {
			call.call();
			assertThat(this.requests.keys()).containsExactly(key);
			assertThat(CALLS).hasSize(1);
		}
		else {
			assertThatIllegalArgumentException().isThrownBy(call::call)
				.satisfies((ex) -> assertRefused(ex, method, expression));
		}
	}

	private void assertRefused(IllegalArgumentException ex, String method, String expression) {
		assertThat(ex).hasMessageContaining(method).hasMessageContaining(expression);
		assertThat(this.requests.all).isEmpty();
		assertThat(CALLS).isEmpty();
	}

	@SuppressWarnings("unchecked")
	private static <E extends Throwable> @Nullable Object raise(Throwable failure) throws E {
		throw (E) failure;
	}

	/** Not even its text can be had. */
	private static final class Unprintable {

		@Override
		public String toString() {
			throw new IllegalStateException("unprintable");
		}

	}

	/** Called by an expression. */
	public interface Part {

		@Nullable Object call() throws Exception;

	}

	static class Parts {

		@CrossProcessLocked(key = "#{#part.call()}")
		public boolean whole(Part part) {
			return CALLS.add("whole");
		}

		@CrossProcessLocked(key = "order-#{#part.call()}.x")
		public boolean inside(Part part) {
			return CALLS.add("inside");
		}

	}

}
