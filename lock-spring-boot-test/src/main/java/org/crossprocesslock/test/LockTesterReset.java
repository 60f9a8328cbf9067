package org.crossprocesslock.test;

import org.crossprocesslock.LockManager;

import org.springframework.beans.factory.BeanFactoryUtils;
import org.springframework.context.ApplicationContext;
import org.springframework.test.context.TestContext;
import org.springframework.test.context.TestExecutionListener;

/**
 * Lets no test find what the one before it has left busy: they share their context.
 */
final class LockTesterReset implements TestExecutionListener {

	@Override
	public void afterTestMethod(TestContext testContext) {
		if (testContext.hasApplicationContext()) {
			ApplicationContext context = testContext.getApplicationContext();
			BeanFactoryUtils.beansOfTypeIncludingAncestors(context, LockManager.class, false, false)
				.values()
				.forEach((locks) -> {
					if (locks instanceof TestedLockManager tested) {
						tested.reset();
					}
				});
		}
	}

}
