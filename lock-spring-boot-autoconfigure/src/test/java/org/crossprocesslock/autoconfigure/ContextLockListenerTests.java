package org.crossprocesslock.autoconfigure;

import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

import org.crossprocesslock.LockListener;
import org.crossprocesslock.LockListener.Refusal;
import org.crossprocesslock.LockListener.Renewal;
import org.crossprocesslock.LockRequest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for what the listeners of a context hear.
 */
@ExtendWith(OutputCaptureExtension.class)
class ContextLockListenerTests {

	private static final LockRequest REQUEST = LockRequest.of("key", Duration.ofSeconds(1));

	private final ContextLockListener all = new ContextLockListener();

	private final List<String> heard = new ArrayList<>();

	@ParameterizedTest
	@MethodSource("callbacks")
	void everyCallbackReachesEveryListener(Method callback) throws Exception {
		this.all.open(List.of(recording("first"), recording("second")));
		call(callback);
		assertThat(this.heard).containsExactly("first " + callback.getName(), "second " + callback.getName());
	}

	@ParameterizedTest
	@MethodSource("callbacks")
	void everyCallbackIsKeptUntilThereIsSomebodyToHearIt(Method callback) throws Exception {
		call(callback);
		assertThat(this.heard).isEmpty();
		this.all.open(List.of(recording("first"), recording("second")));
		assertThat(this.heard).containsExactly("first " + callback.getName(), "second " + callback.getName());
	}

	@Test
	void orderIsKept() {
		this.all.onRequested(REQUEST);
		this.all.onAcquired(REQUEST, 1, Duration.ZERO);
		this.all.open(List.of(recording("first"), new LockListener() {

			@Override
			public void onRequested(LockRequest request) {
				ContextLockListenerTests.this.all.onReleased(request, 1, Duration.ZERO);
			}

		}));
		this.all.onBackoff(Duration.ZERO);
		assertThat(this.heard).containsExactly("first onRequested", "first onAcquired", "first onReleased",
				"first onBackoff");
	}

	@ParameterizedTest
	@MethodSource("throwables")
	void listenerThatFailsDoesNotSilenceTheOthers(Throwable failure) {
		LockListener failing = new LockListener() {

			@Override
			public void onRequested(LockRequest request) {
				ContextLockListenerTests.<RuntimeException>sneak(failure);
			}

			@Override
			public void onBackoff(Duration pause) {
				ContextLockListenerTests.<RuntimeException>sneak(failure);
			}

		};
		this.all.onRequested(REQUEST);
		this.all.open(List.of(failing, recording("second")));
		this.all.onBackoff(Duration.ZERO);
		assertThat(this.heard).containsExactly("second onRequested", "second onBackoff");
	}

	@Test
	void howMuchWasMissedIsSaid(CapturedOutput output) {
		for (int i = 0; i < ContextLockListener.MOST_KEPT + 3; i++) {
			this.all.onRenewal(Renewal.RENEWED);
		}
		this.all.open(List.of(recording("first")));
		assertThat(this.heard).hasSize(ContextLockListener.MOST_KEPT);
		assertThat(output).containsOnlyOnce("3 events of locks were not delivered");
	}

	@Test
	void listenerThatIsSlowerThanWhatHappensDoesNotKeepTheStartForEver(CapturedOutput output) {
		this.all.onRenewal(Renewal.RENEWED);
		this.all.open(List.of(new LockListener() {

			@Override
			public void onRenewal(Renewal renewal) {
				ContextLockListenerTests.this.all.onRenewal(renewal);
			}

		}));
		assertThat(output).containsOnlyOnce("1 events of locks were not delivered");
	}

	@Test
	void whoHasLeftHearsNothing() {
		LockListener below = recording("below");
		this.all.open(List.of(recording("first")));
		this.all.join(below);
		this.all.onRequested(REQUEST);
		this.all.leave(below);
		this.all.onBackoff(Duration.ZERO);
		assertThat(this.heard).containsExactly("first onRequested", "below onRequested", "first onBackoff");
	}

	static List<Method> callbacks() {
		return Arrays.stream(LockListener.class.getMethods()).toList();
	}

	static List<Throwable> throwables() {
		return List.of(new IllegalStateException("broken"), new IOException("sneaky"), new AssertionError("error"));
	}

	@SuppressWarnings("unchecked") // as languages without checked exceptions do
	private static <T extends Throwable> void sneak(Throwable failure) throws T {
		throw (T) failure;
	}

	private void call(Method callback) throws Exception {
		Object[] arguments = Arrays.stream(callback.getParameterTypes())
			.map((type) -> (type == LockRequest.class) ? REQUEST
					: (type == Duration.class) ? Duration.ofSeconds(2)
							: (type == Refusal.class) ? Refusal.BUSY
									: (type == Renewal.class) ? Renewal.GONE : (type == long.class) ? 7L : "reason")
			.toArray();
		callback.invoke(this.all, arguments);
	}

	private LockListener recording(String name) {
		return listener((callback) -> this.heard.add(name + " " + callback));
	}

	private static LockListener listener(Heard heard) {
		return (LockListener) Proxy.newProxyInstance(LockListener.class.getClassLoader(),
				new Class<?>[] { LockListener.class }, (proxy, method, args) -> {
					if (method.getDeclaringClass() == Object.class) {
						try {
							return method.invoke(heard, args);
						}
						catch (InvocationTargetException ex) {
							throw ex.getTargetException();
						}
					}
					heard.callback(method.getName());
					return null;
				});
	}

	private interface Heard {

		void callback(String name) throws Throwable;

	}

}
