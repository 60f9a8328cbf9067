package org.crossprocesslock.file;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.util.OptionalLong;

/** The process id in a lock file: for people, nothing is decided by it. */
final class PidText {

	private static final int LONGEST = 20;

	private PidText() {
	}

	static void write(FileChannel channel, long pid) throws IOException {
		ByteBuffer text = ByteBuffer.wrap((pid + "\n").getBytes(StandardCharsets.US_ASCII));
		int length = text.remaining();
		while (text.hasRemaining()) {
			channel.write(text, text.position());
		}
		if (channel.size() > length) {
			channel.truncate(length);
		}
	}

	static OptionalLong read(FileChannel channel) throws IOException {
		ByteBuffer text = ByteBuffer.allocate(LONGEST);
		channel.read(text, 0);
		String pid = new String(text.array(), 0, text.position(), StandardCharsets.US_ASCII).lines()
			.findFirst()
			.orElse("");
		return pid.matches("[0-9]{1,18}") ? OptionalLong.of(Long.parseLong(pid)) : OptionalLong.empty();
	}

}
