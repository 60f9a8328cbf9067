package org.crossprocesslock.annotation

import java.util.concurrent.CompletableFuture
import java.util.function.Consumer
import java.util.function.Supplier
import kotlinx.coroutines.CompletableDeferred
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Deferred
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.SupervisorJob
import kotlinx.coroutines.flow.Flow
import kotlinx.coroutines.future.await
import kotlinx.coroutines.future.future
import kotlinx.coroutines.job
import kotlinx.coroutines.reactive.asFlow
import kotlinx.coroutines.withContext
import org.crossprocesslock.LockTimeoutException
import org.reactivestreams.Publisher

/** Locked functions. */
open class KotlinJobs {

	@CrossProcessLocked(key = "job", waitTime = "0s")
	open suspend fun run(work: Supplier<CompletableFuture<String>>): String = work.get().await()

	@CrossProcessLocked(key = "job", waitTime = "1m")
	open suspend fun patient(work: Supplier<CompletableFuture<String>>): String = work.get().await()

	@CrossProcessLocked(key = "job", waitTime = "0s", onBusy = OnBusy.SKIP)
	open suspend fun orSkip(work: Supplier<CompletableFuture<String>>): String? = work.get().await()

	@CrossProcessLocked(key = "job", waitTime = "0s", onBusy = OnBusy.SKIP)
	open suspend fun unitOrSkip(work: Supplier<CompletableFuture<String>>) {
		work.get().await()
	}

	@CrossProcessLocked(key = "#{#first}-#{#p1}-#{#root.args.size()}", waitTime = "0s")
	open suspend fun withKey(first: String, second: String, work: Supplier<CompletableFuture<String>>): String =
		work.get().await()

	@CrossProcessLocked(key = "job", waitTime = "0s")
	open suspend fun outer(proxy: KotlinJobs, work: Supplier<CompletableFuture<String>>): String =
		withContext(Dispatchers.IO) { proxy.run(work) }

	@CrossProcessLocked(key = "job", waitTime = "0s", fallback = "instead")
	open suspend fun withFallback(work: Supplier<CompletableFuture<String>>): String = work.get().await()

	suspend fun instead(work: Supplier<CompletableFuture<String>>, busy: LockTimeoutException): String =
		withContext(Dispatchers.IO) { "instead of " + busy.key + " " + work.get().isDone }

	@CrossProcessLocked(key = "job", waitTime = "0s")
	@CrossProcessLocked(key = "other", waitTime = "0s")
	open suspend fun underTwo(work: Supplier<CompletableFuture<String>>): String = work.get().await()

	@CrossProcessLocked(key = "job", waitTime = "0s")
	open fun flow(values: Publisher<String>): Flow<String> = values.asFlow()

	@CrossProcessLocked(key = "job", waitTime = "0s", onBusy = OnBusy.SKIP)
	open fun flowOrSkip(values: Publisher<String>): Flow<String> = values.asFlow()

	@CrossProcessLocked(key = "job", waitTime = "0s")
	open suspend fun suspendedFlow(values: Publisher<String>): Flow<String> = values.asFlow()

}

/** A function that has no value to answer when the key is busy. */
open class SkipsNonNull {

	@CrossProcessLocked(key = "job", onBusy = OnBusy.SKIP)
	open suspend fun run(): String = "done"

}

/** The same, of one that does not suspend. */
open class SkipsNonNullAtOnce {

	@CrossProcessLocked(key = "job", onBusy = OnBusy.SKIP)
	open fun run(): String = "done"

}

/** One whose callers say what it answers. */
open class SkipsTypeVariable {

	@CrossProcessLocked(key = "job", onBusy = OnBusy.SKIP)
	open fun <T> run(work: Supplier<T>): T = work.get()

}

/** A function whose fallback answers something else. */
open class OtherFallback {

	@CrossProcessLocked(key = "job", fallback = "instead")
	open suspend fun run(): String = "done"

	suspend fun instead(): Int = 1

}

/** Functions whose work goes on when they have answered. */
open class AnswersDeferred {

	@CrossProcessLocked(key = "job")
	open suspend fun run(): Deferred<String> = CompletableDeferred("done")

}

open class AnswersStage {

	@CrossProcessLocked(key = "job")
	open suspend fun run(): CompletableFuture<String> = CompletableFuture.completedFuture("done")

}

/** A repository, for whose function the compiler makes no bridge. */
interface KotlinStore<T> {

	fun store(item: T): String?

}

interface KotlinOrderStore : KotlinStore<String> {

	@CrossProcessLocked(key = "job", waitTime = "0s")
	override fun store(item: String): String?

}

/** A function whose key is made of what only the compiler knows of. */
open class KeyOfContinuation {

	@CrossProcessLocked(key = "#{#p1}")
	open suspend fun run(first: String): String = first

}

/** Calls the functions from coroutines. */
class KotlinCalls(private val jobs: KotlinJobs) : SuspendCalls {

	private val scope = CoroutineScope(SupervisorJob() + Dispatchers.Default)

	override fun call(function: String, work: Supplier<CompletableFuture<String>>): CompletableFuture<String?> = begin {
		when (function) {
			"run" -> jobs.run(work)
			"patient" -> jobs.patient(work)
			"orSkip" -> jobs.orSkip(work)
			"unitOrSkip" -> jobs.unitOrSkip(work).toString()
			"withKey" -> jobs.withKey("a", "b", work)
			"withFallback" -> jobs.withFallback(work)
			"underTwo" -> jobs.underTwo(work)
			"outer" -> jobs.outer(jobs, work)
			else -> throw IllegalArgumentException(function)
		}
	}

	override fun collect(function: String, values: Publisher<String>, seen: Consumer<String>): CompletableFuture<String?> {
		val flow = when (function) {
			"flow" -> jobs.flow(values)
			"flowOrSkip" -> jobs.flowOrSkip(values)
			"suspendedFlow" -> null
			else -> throw IllegalArgumentException(function)
		}
		return begin {
			(flow ?: jobs.suspendedFlow(values)).collect { seen.accept(it) }
			"collected"
		}
	}

	override fun isIdle(): Boolean = scope.coroutineContext.job.children.none()

	private fun begin(block: suspend CoroutineScope.() -> String?): CompletableFuture<String?> =
		scope.future(block = block)

}
