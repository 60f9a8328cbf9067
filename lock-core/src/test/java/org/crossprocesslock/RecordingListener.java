package org.crossprocesslock;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Collectors;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Keeps what it hears, one line for each call: the word, then the request's name.
 */
public class RecordingListener implements LockListener {

	private final List<String> heard = new CopyOnWriteArrayList<>();

	@Override
	public void onRequested(LockRequest request) {
		this.heard.add("requested " + request.name());
	}

	@Override
	public void onAcquired(LockRequest request, long fencingToken, Duration waited) {
		this.heard.add("acquired " + request.name());
	}

	@Override
	public void onRefused(LockRequest request, Refusal refusal, Duration waited) {
		this.heard.add(refusal + " " + request.name());
	}

	@Override
	public void onLost(LockRequest request, long fencingToken, String reason) {
		this.heard.add("lost " + request.name());
	}

	@Override
	public void onReleased(LockRequest request, long fencingToken, Duration held) {
		this.heard.add("released " + request.name());
	}

	/**
	 * Waits until just this was heard about the requests of a name.
	 * @param name the name
	 * @param words the words, in order
	 * @throws InterruptedException if interrupted
	 */
	public void hears(String name, String... words) throws InterruptedException {
		Eventually.until("about " + name + " is heard " + List.of(words), () -> about(name).size() >= words.length);
		assertThat(about(name)).containsExactly(words);
	}

	/**
	 * What was heard so far about the requests of a name.
	 * @param name the name
	 * @return the words, in order
	 */
	public List<String> about(String name) {
		return this.heard.stream()
			.filter((line) -> line.endsWith(" " + name))
			.map((line) -> line.substring(0, line.indexOf(' ')))
			.collect(Collectors.toList());
	}

}
