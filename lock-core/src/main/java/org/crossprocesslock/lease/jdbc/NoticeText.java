package org.crossprocesslock.lease.jdbc;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

import org.crossprocesslock.lease.Notice;
import org.jspecify.annotations.Nullable;

/**
 * A {@link Notice} as the text of a notification of the database. Neither keys nor lease
 * ids contain the separators. The waiting leases are written in 22 characters each where
 * they are the UUIDs that they should be, so that 300 of them fit into a notification of
 * 8,000 bytes.
 */
final class NoticeText {

	private static final Map<String, Notice.Kind> KINDS = Map.of("w", Notice.Kind.WANTED, "f", Notice.Kind.FREE);

	private static final int FIELDS = 4;

	private static final Pattern UUID_TEXT = Pattern.compile("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}");

	private static final int SHORT_LENGTH = 22;

	private NoticeText() {
	}

	static String write(Notice notice) {
		String kind = (notice.kind() == Notice.Kind.WANTED) ? "w" : "f";
		return String.join(" ", kind, notice.from(), notice.key(),
				notice.waiting().stream().map(NoticeText::shorten).collect(Collectors.joining(",")));
	}

	private static String shorten(String leaseId) {
		if (!UUID_TEXT.matcher(leaseId).matches()) {
			return leaseId;
		}
		UUID id = UUID.fromString(leaseId);
		byte[] bytes = ByteBuffer.allocate(2 * Long.BYTES)
			.putLong(id.getMostSignificantBits())
			.putLong(id.getLeastSignificantBits())
			.array();
		return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
	}

	private static String lengthen(String text) {
		if (text.length() != SHORT_LENGTH) {
			return text;
		}
		ByteBuffer bytes = ByteBuffer.wrap(Base64.getUrlDecoder().decode(text));
		return new UUID(bytes.getLong(), bytes.getLong()).toString();
	}

	/**
	 * Reads what was told to a lease, {@code null} if it is none of ours: anybody may
	 * notify.
	 */
	static @Nullable Notice read(String to, String text) {
		String[] fields = text.split(" ", FIELDS);
		Notice.Kind kind = KINDS.get(fields[0]);
		if (kind == null || fields.length != FIELDS) {
			return null;
		}
		try {
			List<String> waiting = fields[3].isEmpty() ? List.of()
					: Arrays.stream(fields[3].split(",")).map(NoticeText::lengthen).toList();
			return new Notice(to, fields[1], kind, fields[2], waiting);
		}
		catch (IllegalArgumentException ex) {
			return null;
		}
	}

}
