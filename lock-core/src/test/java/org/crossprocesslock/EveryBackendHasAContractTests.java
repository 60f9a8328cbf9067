package org.crossprocesslock;

import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * No backend without the contract: the name of a concrete contract subclass contains the
 * simple name of the class that it covers.
 */
class EveryBackendHasAContractTests {

	private static final String STORE = "org.crossprocesslock.lease.LeaseStore";

	private static final JavaClasses main = new ClassFileImporter()
		.withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
		.importPackages("org.crossprocesslock");

	private static final JavaClasses tests = new ClassFileImporter()
		.withImportOption(ImportOption.Predefined.ONLY_INCLUDE_TESTS)
		.importPackages("org.crossprocesslock");

	@Test
	void everyLockManagerHasAContractTest() {
		Set<String> managers = concrete(main, LockManager.class.getName());
		assertThat(managers).contains("MemoryLockManager");
		assertThat(uncovered(managers, concrete(tests, LockManagerContract.class.getName())))
			.as("lock managers without a subclass of LockManagerContract")
			.isEmpty();
	}

	@Test
	void everyLeaseStoreHasAContractTest() {
		assertThat(uncovered(concrete(main, STORE), concrete(tests, STORE + "Contract")))
			.as("lease stores without a subclass of LeaseStoreContract")
			.isEmpty();
	}

	@Test
	void aBackendWithoutAContractTestIsFound() {
		assertThat(uncovered(Set.of("MemoryLockManager", "NewLockManager"), Set.of("MemoryLockManagerTests")))
			.containsExactly("NewLockManager");
	}

	private static Set<String> concrete(JavaClasses classes, String type) {
		return classes.stream()
			.filter((candidate) -> !candidate.isInterface()
					&& !candidate.getModifiers().contains(JavaModifier.ABSTRACT))
			.filter((candidate) -> candidate.isAssignableTo(type))
			.map(JavaClass::getSimpleName)
			.collect(Collectors.toSet());
	}

	private static List<String> uncovered(Set<String> backends, Set<String> contractTests) {
		return backends.stream()
			.filter((backend) -> contractTests.stream().noneMatch((test) -> test.contains(backend)))
			.sorted()
			.toList();
	}

}
