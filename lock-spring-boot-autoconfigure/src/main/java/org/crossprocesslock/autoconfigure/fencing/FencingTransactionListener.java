package org.crossprocesslock.autoconfigure.fencing;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.WeakHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.function.Supplier;

import javax.sql.DataSource;

import org.crossprocesslock.Fencing;
import org.crossprocesslock.LockGuard;
import org.crossprocesslock.LockLostException;
import org.crossprocesslock.autoconfigure.LookedUp;
import org.crossprocesslock.autoconfigure.fencing.TransactionFencing.Check;
import org.crossprocesslock.engine.GuardedWork;
import org.crossprocesslock.lease.jdbc.CommitFence;
import org.crossprocesslock.lease.jdbc.FencedCommit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.dao.DataAccessException;
import org.springframework.jdbc.UncategorizedSQLException;
import org.springframework.jdbc.datasource.ConnectionHolder;
import org.springframework.jdbc.support.SQLExceptionSubclassTranslator;
import org.springframework.transaction.TransactionExecution;
import org.springframework.transaction.TransactionExecutionListener;
import org.springframework.transaction.TransactionManager;
import org.springframework.transaction.support.TransactionSynchronization;
import org.springframework.transaction.support.TransactionSynchronizationManager;

/**
 * Checks the guards under which the transactions of one manager run. Only guards that the
 * thread worked under when the transaction began: what it read before is not protected by
 * a later one.
 */
final class FencingTransactionListener implements TransactionExecutionListener {

	private static final Logger logger = LoggerFactory.getLogger(TransactionFencing.class);

	private static final String TASK = "check that the locks of the transaction are still held";

	private final TransactionManager manager;

	private final FenceReach reach;

	private final Supplier<TransactionFencing> fencing;

	// of the manager, which does not change
	private final Supplier<Optional<String>> obstacle;

	private final AtomicBoolean obstacleSaid = new AtomicBoolean();

	// weak, for those whose end is not told
	private final Map<TransactionExecution, GuardedTransaction> running = Collections
		.synchronizedMap(new WeakHashMap<>());

	FencingTransactionListener(TransactionManager manager, FenceReach reach,
			ObjectProvider<TransactionFencing> fencing) {
		this.manager = manager;
		this.reach = reach;
		this.fencing = new LookedUp<>(fencing);
		this.obstacle = new LookedUp<>(() -> Optional.ofNullable(reach.obstacle(manager)));
	}

	/** Those of other contexts may listen to the same manager. */
	boolean isOf(FenceReach context) {
		return this.reach == context;
	}

	/**
	 * Not for a savepoint, whose end is no commit and whose transaction was here before.
	 */
	@Override
	public void afterBegin(TransactionExecution transaction, @Nullable Throwable beginFailure) {
		List<GuardedWork> ofThread = GuardedWork.ofThread();
		// most transactions begin under no lock
		if (ofThread.isEmpty() || beginFailure != null || !transaction.isNewTransaction()) {
			return;
		}
		List<GuardedWork> works = ofThread.stream().filter(this::counts).toList();
		if (!works.isEmpty()) {
			GuardedTransaction guarded = new GuardedTransaction(works);
			works.forEach((work) -> work.begun(guarded.token));
			this.running.put(transaction, guarded);
		}
	}

	/**
	 * A guard that a thread has only acquired counts where it can be checked, or must be.
	 * It may be one of another context that was forgotten there, as tests do.
	 */
	private boolean counts(GuardedWork work) {
		if (!work.isAssumed()) {
			return true;
		}
		LockGuard guard = work.guard();
		return guard != null && isCovered(guard)
				&& (this.obstacle.get().isEmpty() || this.fencing.get().effective(work.fencing()) == Fencing.REQUIRED);
	}

	private boolean isCovered(LockGuard guard) {
		CommitFence fence = this.reach.fence();
		return fence != null && fence.covers(guard);
	}

	/** What is thrown here rolls the transaction back. */
	@Override
	public void beforeCommit(TransactionExecution transaction) {
		GuardedTransaction guarded = this.running.get(transaction);
		if (guarded == null) {
			return;
		}
		List<LockGuard> guards = guardsToCheck(guarded.works, transaction.isReadOnly());
		// some databases and pools take a wish to be read-only for a hint
		if (!guards.isEmpty() && !(transaction.isReadOnly() && isNeedless())) {
			guarded.commit = checkAndCount(guards);
			guarded.checked = guards;
			hearOfUnknownOutcome(guarded.commit);
		}
	}

	/**
	 * Listeners are told of no outcome where one of them ends the commit with a
	 * {@link org.springframework.transaction.TransactionException} before it is sent.
	 */
	private static void hearOfUnknownOutcome(FencedCommit commit) {
		if (TransactionSynchronizationManager.isSynchronizationActive()) {
			TransactionSynchronizationManager.registerSynchronization(new TransactionSynchronization() {

				@Override
				public void afterCompletion(int status) {
					if (status == STATUS_UNKNOWN) {
						commit.close();
					}
				}

			});
		}
	}

	@Override
	public void afterCommit(TransactionExecution transaction, @Nullable Throwable commitFailure) {
		GuardedTransaction ended = end(transaction, commitFailure, FencedCommit::committed);
		if (ended != null && commitFailure == null) {
			ended.works.stream()
				.filter((work) -> ended.checked.contains(work.guard()))
				.forEach((work) -> work.committed(ended.token));
		}
	}

	@Override
	public void afterRollback(TransactionExecution transaction, @Nullable Throwable rollbackFailure) {
		Consumer<FencedCommit> answered = FenceReach.isRollbackKnown(this.manager) ? FencedCommit::rolledBack
				: FencedCommit::close;
		var unused = end(transaction, rollbackFailure, answered);
	}

	/** Tells the outcome of a transaction that was checked, and answers that one. */
	private @Nullable GuardedTransaction end(TransactionExecution transaction, @Nullable Throwable failure,
			Consumer<FencedCommit> known) {
		GuardedTransaction guarded = this.running.remove(transaction);
		if (guarded == null || guarded.commit == null) {
			return null;
		}
		if (failure == null) {
			known.accept(guarded.commit);
		}
		else {
			guarded.commit.close();
		}
		return guarded;
	}

	/** Where nobody can check it, a transaction that is to write nothing is trusted. */
	private List<LockGuard> guardsToCheck(List<GuardedWork> works, boolean readOnly) {
		List<LockGuard> guards = new ArrayList<>();
		for (GuardedWork work : works) {
			Fencing wanted = this.fencing.get().effective(work.fencing());
			if (wanted == Fencing.OFF) {
				continue;
			}
			LockGuard guard = guard(work);
			String obstacle = obstacle(guard);
			if (obstacle == null) {
				if (!guards.contains(guard)) {
					guards.add(guard);
				}
			}
			else if (!readOnly) {
				requireNoCheck(guard, wanted, obstacle);
			}
		}
		return guards;
	}

	private static LockGuard guard(GuardedWork work) {
		LockGuard guard = work.guard();
		if (guard == null) {
			throw new IllegalStateException("The guard of key '" + work.key() + "', under which the transaction has "
					+ "begun, is gone: it was closed before the commit, or never, and others may have the key. Close "
					+ "every guard after the commit, best with try-with-resources");
		}
		return guard;
	}

	private void requireNoCheck(LockGuard guard, Fencing wanted, String obstacle) {
		if (wanted == Fencing.REQUIRED) {
			throw new IllegalStateException("The transaction cannot be checked before its commit, as the lock of key '"
					+ guard.key() + "' requires: " + obstacle);
		}
		if (this.obstacleSaid.compareAndSet(false, true)) {
			logger.info("A transaction under the lock of key '{}' commits without a check: {}", guard.key(), obstacle);
		}
		refuseKnownLoss(guard);
	}

	/** What nobody can check is let through, but not what is lost for certain. */
	private void refuseKnownLoss(LockGuard guard) {
		try {
			guard.checkHeld();
		}
		catch (LockLostException ex) {
			this.fencing.get().checked(Check.REFUSED);
			throw ex;
		}
	}

	private @Nullable String obstacle(LockGuard guard) {
		Optional<String> ofManager = this.obstacle.get();
		if (ofManager.isPresent()) {
			return ofManager.get();
		}
		if (!isCovered(guard)) {
			return "the lock is not kept in the tables of the CommitFence bean";
		}
		return (connectionHolder() != null) ? null : "the transaction does not expose its JDBC connection";
	}

	private @Nullable ConnectionHolder connectionHolder() {
		DataSource dataSource = FenceReach.dataSource(this.manager);
		return (dataSource != null) ? (ConnectionHolder) TransactionSynchronizationManager.getResource(dataSource)
				: null;
	}

	private FencedCommit checkAndCount(List<LockGuard> guards) {
		Check outcome = Check.FAILED;
		try {
			FencedCommit commit = check(guards);
			outcome = Check.PASSED;
			return commit;
		}
		catch (LockLostException ex) {
			outcome = Check.REFUSED;
			throw ex;
		}
		finally {
			this.fencing.get().checked(outcome);
		}
	}

	private FencedCommit check(List<LockGuard> guards) {
		return ask((fence, connection) -> fence.check(connection, guards));
	}

	private boolean isNeedless() {
		return ask(CommitFence::isNeedless);
	}

	private <T> T ask(Question<T> question) {
		CommitFence fence = Objects.requireNonNull(this.reach.fence());
		Connection connection = Objects.requireNonNull(connectionHolder()).getConnection();
		try {
			return question.of(fence, connection);
		}
		catch (SQLException ex) {
			DataAccessException translated = new SQLExceptionSubclassTranslator().translate(TASK, null, ex);
			throw (translated != null) ? translated : new UncategorizedSQLException(TASK, null, ex);
		}
	}

	/** Something about the transaction of a connection. */
	private interface Question<T> {

		T of(CommitFence fence, Connection connection) throws SQLException;

	}

	/** A transaction that has begun under guards. */
	private static final class GuardedTransaction {

		private final List<GuardedWork> works;

		// known to the works, which may live longer
		private final Object token = new Object();

		private List<LockGuard> checked = List.of();

		private @Nullable FencedCommit commit;

		GuardedTransaction(List<GuardedWork> works) {
			this.works = works;
		}

	}

}
