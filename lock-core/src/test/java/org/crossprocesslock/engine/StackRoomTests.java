package org.crossprocesslock.engine;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

import org.crossprocesslock.Eventually;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class StackRoomTests {

	private static final int FRAMES_OF_OTHERS = 100;

	@Test
	void thereIsRoomForOthersWhereItRefuses() throws Exception {
		CompletableFuture<Boolean> room = new CompletableFuture<>();
		Thread deep = new Thread(null, () -> room.complete(isRoomAtTheFirstRefusal()), "deep", 256 * 1024);
		deep.setDaemon(true);
		deep.start();
		assertThat(room.get(Eventually.LIMIT.toSeconds(), TimeUnit.SECONDS)).isTrue();
	}

	@SuppressWarnings("InfiniteRecursion") // until there is no room
	private static boolean isRoomAtTheFirstRefusal() {
		try {
			StackRoom.require();
		}
		catch (StackOverflowError ex) {
			return descend(FRAMES_OF_OTHERS) == FRAMES_OF_OTHERS;
		}
		return isRoomAtTheFirstRefusal();
	}

	private static int descend(int frames) {
		return (frames == 0) ? 0 : 1 + descend(frames - 1);
	}

}
