package org.crossprocesslock;

import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Makes allowed keys of any text, of any length, and of several texts.
 *
 * <pre class="code">
 * LockKeys.of("order:4711/&auml;@b") // order-4711-b-693cd247acb789a3d4f76457ec53832a
 * LockKeys.of(tenant, orderNumber)
 * </pre>
 *
 * @since 0.1.0
 */
public final class LockKeys {

	/** Leaves room in a key for what is written before and behind a made one. */
	private static final int LONGEST_BEGINNING = 60;

	private static final int DIGEST_BYTES = 16;

	private LockKeys() {
	}

	/**
	 * Makes a key of one or several texts. The same texts give the same key in every
	 * process and version of this library; other texts, or the same texts divided in
	 * another way, give another one: {@code of("a-b", "c")} is not {@code of("a", "b-c")}
	 * and not {@code of("a-b-c")}.
	 * <p>
	 * A key is an abridgement for people, of at most 60 characters, and 32 hexadecimal
	 * digits of a SHA-256, which are made of a text that is an allowed key too. So a text
	 * from outside never becomes a key that is written as it is elsewhere, but
	 * {@code of("order-4711")} and the key {@code order-4711} are two keys: use the one
	 * or the other for one thing. A made key may have an allowed text before or behind
	 * it, so that all is a key of at most {@value LockRequest#MAX_KEY_LENGTH} characters,
	 * and several made keys in a row do not collide either.
	 * </p>
	 * <p>
	 * Texts are compared character by character: upper and lower case differ, and so do
	 * the composed and the decomposed form of a letter. The abridgement shows what the
	 * text says; where that is personal data, so is the key.
	 * </p>
	 * @param text the text, or the first of several
	 * @param more the others
	 * @return a key that is allowed by {@link LockRequest#key()}, of at most 93
	 * characters
	 * @throws IllegalArgumentException if there is nothing but empty texts, which is more
	 * likely a mistake than a name
	 */
	public static String of(String text, String... more) {
		List<String> texts = Stream.concat(Stream.of(text), Stream.of(more)).toList();
		if (texts.stream().allMatch(String::isEmpty)) {
			throw new IllegalArgumentException("There is no text to make a key of");
		}
		String beginning = beginning(texts);
		return beginning.isEmpty() ? digest(texts) : beginning + "-" + digest(texts);
	}

	/**
	 * Makes a key of a name that a developer has chosen, and that may be written as a key
	 * elsewhere: an allowed key is left as it is, {@link #of} makes one of any other
	 * text. Not for texts from outside, which could be written as the key of something
	 * else.
	 * @param name the name
	 * @return a key that is allowed by {@link LockRequest#key()}
	 * @throws IllegalArgumentException if the name is empty
	 */
	public static String ofName(String name) {
		return LockRequest.isKey(name) ? name : of(name);
	}

	private static String beginning(List<String> texts) {
		String readable = texts.stream()
			.map((text) -> text.codePoints()
				.mapToObj((c) -> LockRequest.isAllowed(c) ? Character.toString(c) : "-")
				.collect(Collectors.joining()))
			.collect(Collectors.joining("-"))
			.replaceAll("-{2,}", "-");
		String shortened = readable.substring(0, Math.min(readable.length(), LONGEST_BEGINNING));
		return shortened.replaceAll("^[-_.]+|[-_.]+$", "");
	}

	/** Of their characters as they are, so that not even half a character is lost. */
	private static String digest(List<String> texts) {
		ByteBuffer bytes = ByteBuffer
			.allocate(texts.stream().mapToInt((text) -> Integer.BYTES + Character.BYTES * text.length()).sum());
		texts.forEach((text) -> {
			bytes.putInt(text.length());
			text.chars().forEach((c) -> bytes.putChar((char) c));
		});
		return HexFormat.of().formatHex(sha256().digest(bytes.array()), 0, DIGEST_BYTES);
	}

	private static MessageDigest sha256() {
		try {
			return MessageDigest.getInstance("SHA-256");
		}
		catch (NoSuchAlgorithmException ex) {
			throw new IllegalStateException("Every Java platform has SHA-256", ex);
		}
	}

}
