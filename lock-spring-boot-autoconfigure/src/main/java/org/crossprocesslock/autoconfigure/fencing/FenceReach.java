package org.crossprocesslock.autoconfigure.fencing;

import java.util.Optional;
import java.util.function.Supplier;

import javax.sql.DataSource;

import org.crossprocesslock.autoconfigure.LockBackend;
import org.crossprocesslock.autoconfigure.LookedUp;
import org.crossprocesslock.lease.jdbc.CommitFence;
import org.jspecify.annotations.Nullable;

import org.springframework.aop.framework.AopProxyUtils;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.jdbc.datasource.DataSourceTransactionManager;
import org.springframework.jdbc.datasource.DelegatingDataSource;
import org.springframework.jdbc.datasource.lookup.AbstractRoutingDataSource;
import org.springframework.orm.jpa.JpaTransactionManager;
import org.springframework.transaction.TransactionManager;
import org.springframework.transaction.support.ResourceTransactionManager;
import org.springframework.util.ClassUtils;

/**
 * Tells whose transactions reach the tables of the locks.
 */
final class FenceReach {

	private static final boolean JPA_PRESENT = ClassUtils.isPresent("org.springframework.orm.jpa.JpaTransactionManager",
			FenceReach.class.getClassLoader());

	private final Supplier<Optional<CommitFence>> fence;

	private final ObjectProvider<CommitFence> fences;

	private final ObjectProvider<LockBackend> backend;

	FenceReach(ObjectProvider<CommitFence> fences, ObjectProvider<LockBackend> backend) {
		this.fence = new LookedUp<>(() -> Optional.ofNullable(fences.getIfUnique()));
		this.fences = fences;
		this.backend = backend;
	}

	@Nullable CommitFence fence() {
		return this.fence.get().orElse(null);
	}

	/** Why transactions of the manager cannot be checked, {@code null} if they can. */
	@Nullable String obstacle(TransactionManager manager) {
		CommitFence present = fence();
		if (present == null && this.fences.stream().findAny().isPresent()) {
			return "there are several CommitFence beans, none of which is primary";
		}
		if (present == null) {
			LockBackend chosen = this.backend.getIfAvailable();
			if (chosen == null) {
				return "there is no CommitFence bean beside the application's own LockManager";
			}
			return chosen.name().equals("jdbc")
					? "there is no CommitFence bean beside the application's own LeaseStore, which is no JdbcLeaseStore"
					: "the locks are on the " + chosen.name() + " backend";
		}
		DataSource used = dataSource(manager);
		if (used == null) {
			return "the transaction manager does not expose its DataSource";
		}
		if (target(used) != target(present.dataSource())) {
			return "the transaction manager works on another DataSource than the locks";
		}
		return (target(used) instanceof AbstractRoutingDataSource)
				? "the DataSource routes to others, not always to the one with the locks" : null;
	}

	/**
	 * Whether the database has answered a rollback that the manager reports. Others may
	 * have sent none, as JPA does not after a commit that has failed.
	 */
	static boolean isRollbackKnown(TransactionManager manager) {
		return real(manager) instanceof DataSourceTransactionManager;
	}

	static @Nullable DataSource dataSource(TransactionManager manager) {
		Object real = real(manager);
		if (JPA_PRESENT && Jpa.isManager(real)) {
			return Jpa.dataSource(real);
		}
		return (real instanceof ResourceTransactionManager resources
				&& resources.getResourceFactory() instanceof DataSource dataSource) ? dataSource : null;
	}

	private static Object real(TransactionManager manager) {
		Object target = AopProxyUtils.getSingletonTarget(manager);
		return (target != null) ? target : manager;
	}

	private static DataSource target(DataSource dataSource) {
		Object behindProxy = AopProxyUtils.getSingletonTarget(dataSource);
		DataSource real = (behindProxy instanceof DataSource found) ? found : dataSource;
		DataSource next = (real instanceof DelegatingDataSource delegating) ? delegating.getTargetDataSource() : null;
		return (next != null) ? target(next) : real;
	}

	/** Loaded only where JPA is there. */
	private static final class Jpa {

		static boolean isManager(Object manager) {
			return manager instanceof JpaTransactionManager;
		}

		static @Nullable DataSource dataSource(Object manager) {
			return ((JpaTransactionManager) manager).getDataSource();
		}

	}

}
