package org.crossprocesslock.annotation;

import java.util.Optional;
import java.util.function.Supplier;

import org.crossprocesslock.LockLostException;
import org.crossprocesslock.autoconfigure.LookedUp;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import org.springframework.aop.Advisor;
import org.springframework.aop.framework.Advised;
import org.springframework.beans.factory.BeanFactory;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.core.Ordered;
import org.springframework.transaction.TransactionDefinition;
import org.springframework.transaction.interceptor.TransactionAttribute;
import org.springframework.transaction.interceptor.TransactionAttributeSource;
import org.springframework.transaction.interceptor.TransactionInterceptor;
import org.springframework.transaction.support.TransactionSynchronization;
import org.springframework.transaction.support.TransactionSynchronizationManager;

/**
 * The transaction that Spring has bound to the thread.
 */
final class TransactionBinding implements CallerTransaction {

	private static final Logger logger = LoggerFactory.getLogger(TransactionBinding.class);

	// looked up once, which takes longer than a call
	private final Supplier<Optional<TransactionAttributeSource>> attributes;

	private TransactionBinding(Supplier<Optional<TransactionAttributeSource>> attributes) {
		this.attributes = attributes;
	}

	static TransactionBinding in(BeanFactory beanFactory) {
		ObjectProvider<TransactionAttributeSource> present = beanFactory
			.getBeanProvider(TransactionAttributeSource.class);
		return new TransactionBinding(new LookedUp<>(() -> Optional.ofNullable(present.getIfUnique())));
	}

	@Override
	public boolean isActive() {
		return TransactionSynchronizationManager.isSynchronizationActive()
				&& TransactionSynchronizationManager.isActualTransactionActive();
	}

	/** The next holder would otherwise read before the commit. */
	@Override
	public void keep(Hold hold) {
		TransactionSynchronizationManager.registerSynchronization(new ReleaseAfterCompletion(hold));
		hold.keep();
	}

	@Override
	public boolean isBegunBy(LockedMethod method) {
		TransactionAttributeSource source = this.attributes.get().orElse(null);
		TransactionAttribute attribute = (source != null)
				? source.getTransactionAttribute(method.method(), method.beanClass()) : null;
		if (attribute == null) {
			return false;
		}
		int propagation = attribute.getPropagationBehavior();
		return propagation == TransactionDefinition.PROPAGATION_REQUIRED
				|| propagation == TransactionDefinition.PROPAGATION_REQUIRES_NEW
				|| propagation == TransactionDefinition.PROPAGATION_NESTED;
	}

	@Override
	public @Nullable Integer orderOfOuter(Advised proxy, LockedMethod method) {
		for (Advisor advisor : proxy.getAdvisors()) {
			if (advisor instanceof CrossProcessLockedAdvisor) {
				return null;
			}
			if (advisor.getAdvice() instanceof TransactionInterceptor && BeanAdvice.isOn(advisor, method)) {
				return (advisor instanceof Ordered ordered) ? ordered.getOrder() : Ordered.LOWEST_PRECEDENCE;
			}
		}
		return null;
	}

	private record ReleaseAfterCompletion(Hold hold) implements TransactionSynchronization {

		@Override
		public void beforeCommit(boolean readOnly) {
			this.hold.checkHeld();
		}

		// not after completion, where exceptions do not reach the caller, and after all
		// others, who commit what belongs to the transaction and would not be called
		@Override
		public void beforeCompletion() {
			TransactionSynchronizationManager.registerSynchronization(new CheckAfterCommit(this.hold));
		}

		@Override
		public void afterCompletion(int status) {
			try {
				this.hold.close();
			}
			catch (LockLostException ex) {
				// the caller knows, or nothing was committed, or the commit came before
				logger.debug("A lock was lost by the end of the transaction it was kept for", ex);
			}
		}

	}

	private record CheckAfterCommit(Hold hold) implements TransactionSynchronization {

		@Override
		public void afterCommit() {
			this.hold.checkHeld();
		}

	}

}
