package org.crossprocesslock.sample.worker;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CountDownLatch;

/** Listens to the demo for as long as this process lives. */
class Instructions {

	private static final int DEMO_IS_GONE = 3;

	private final CountDownLatch go = new CountDownLatch(1);

	private final StallingRenderer renderer;

	Instructions(StallingRenderer renderer) {
		this.renderer = renderer;
	}

	void listen() {
		Thread thread = new Thread(this::readAll, "instructions");
		thread.setDaemon(true);
		thread.start();
	}

	void awaitGo() throws InterruptedException {
		this.go.await();
	}

	private void readAll() {
		try (BufferedReader lines = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8))) {
			for (String line = lines.readLine(); line != null; line = lines.readLine()) {
				follow(Instruction.valueOf(line));
			}
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
		finally {
			// not exit: an orderly end would wait for a database that went with the demo
			Runtime.getRuntime().halt(DEMO_IS_GONE);
		}
	}

	private void follow(Instruction instruction) {
		switch (instruction) {
			case GO -> this.go.countDown();
			case STALL -> this.renderer.stall();
			case CONTINUE -> this.renderer.goOn();
		}
	}

}
