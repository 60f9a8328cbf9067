package org.crossprocesslock.annotation;

import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.Supplier;

import org.jspecify.annotations.Nullable;
import org.reactivestreams.Publisher;

/**
 * How tests call the functions of {@code KotlinJobs.kt}, each call in a coroutine that is
 * cancelled with what it returns.
 */
public interface SuspendCalls {

	/**
	 * Calls a suspend function.
	 * @param function its name
	 * @param work what it waits for
	 * @return what it answers
	 */
	CompletableFuture<@Nullable String> call(String function, Supplier<CompletableFuture<String>> work);

	/**
	 * Calls a function that answers a flow, and collects that.
	 * @param function its name
	 * @param values what the flow has
	 * @param seen is told each value
	 * @return is done with the collection
	 */
	CompletableFuture<@Nullable String> collect(String function, Publisher<String> values, Consumer<String> seen);

	/** Whether no coroutine is left, cancelled or not. */
	boolean isIdle();

}
