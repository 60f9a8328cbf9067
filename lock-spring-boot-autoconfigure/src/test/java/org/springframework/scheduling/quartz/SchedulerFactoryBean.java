package org.springframework.scheduling.quartz;

import org.springframework.beans.factory.DisposableBean;
import org.springframework.beans.factory.FactoryBean;

/**
 * Named like the one of Spring, and waits for its job like that when it is destroyed.
 */
public class SchedulerFactoryBean implements FactoryBean<Object>, DisposableBean {

	private volatile Runnable job = () -> {
	};

	/**
	 * What to do.
	 * @param job runs until the end
	 */
	public void setJob(Runnable job) {
		this.job = job;
	}

	@Override
	public Object getObject() {
		return new Object();
	}

	@Override
	public Class<?> getObjectType() {
		return Object.class;
	}

	@Override
	public void destroy() {
		this.job.run();
	}

}
