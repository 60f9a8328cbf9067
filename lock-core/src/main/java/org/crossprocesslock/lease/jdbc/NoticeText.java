package org.crossprocesslock.lease.jdbc;

import java.util.List;
import java.util.Map;

import org.crossprocesslock.lease.Notice;
import org.jspecify.annotations.Nullable;

/**
 * A {@link Notice} as the text of a notification of the database. Neither keys nor lease
 * ids contain the separators.
 */
final class NoticeText {

	private static final Map<String, Notice.Kind> KINDS = Map.of("w", Notice.Kind.WANTED, "f", Notice.Kind.FREE);

	private static final int FIELDS = 4;

	private NoticeText() {
	}

	static String write(Notice notice) {
		String kind = (notice.kind() == Notice.Kind.WANTED) ? "w" : "f";
		return String.join(" ", kind, notice.from(), notice.key(), String.join(",", notice.waiting()));
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
		List<String> waiting = fields[3].isEmpty() ? List.of() : List.of(fields[3].split(","));
		return new Notice(to, fields[1], kind, fields[2], waiting);
	}

}
