package org.crossprocesslock.benchmarks.worker;

import java.lang.management.ManagementFactory;

/** Milliseconds that the compilers of the virtual machine have worked so far. */
public record CompilerTime() implements Task<Long> {

	@Override
	public Long run(TaskRunner runner) {
		return ManagementFactory.getCompilationMXBean().getTotalCompilationTime();
	}

}
