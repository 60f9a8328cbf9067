package org.crossprocesslock.faults;

import java.util.Arrays;
import java.util.List;

/** Something that goes wrong for a while, with a process or with the database. */
enum Fault {

	/** SIGKILL; another one is launched afterwards. */
	KILLED(Of.PROCESS) {
		@Override
		Remedy strike(Scene scene, int process) {
			scene.crew().kill(process);
			return () -> {
				scene.crew().launch(process);
				scene.crew().child(process).await("working");
			};
		}
	},

	/** SIGSTOP, for longer than the lease, then SIGCONT. */
	STOPPED(Of.PROCESS) {
		@Override
		Remedy strike(Scene scene, int process) throws Exception {
			scene.crew().child(process).stop();
			return () -> scene.crew().child(process).resume();
		}
	},

	/** Every connection breaks, and again at the end. */
	CUT_OFF(Of.PROCESS) {
		@Override
		Remedy strike(Scene scene, int process) {
			scene.crew().proxy(process).cut();
			return () -> scene.crew().proxy(process).cut();
		}
	},

	/** Nothing passes, then all that was held back does. */
	STALLED(Of.PROCESS) {
		@Override
		Remedy strike(Scene scene, int process) {
			scene.crew().proxy(process).stall();
			return () -> scene.crew().proxy(process).resume();
		}
	},

	/** Statements are carried out, commits too, and no answer ever arrives. */
	UNANSWERED(Of.PROCESS) {
		@Override
		Remedy strike(Scene scene, int process) {
			scene.crew().proxy(process).loseAnswers();
			return () -> scene.crew().proxy(process).resume();
		}
	},

	/** The application keeps every connection of its pool. */
	POOL_USED_UP(Of.PROCESS) {
		@Override
		Remedy strike(Scene scene, int process) {
			scene.crew().child(process).send("use-up-pool");
			return () -> scene.crew().child(process).send("free-pool");
		}
	},

	/** The server ends in the middle of everything and starts again. */
	DATABASE_DOWN(Of.DATABASE) {
		@Override
		Remedy strike(Scene scene, int process) throws Exception {
			scene.database().stop();
			return () -> scene.database().start();
		}
	},

	/** Somebody else has locked the tables. */
	TABLES_LOCKED(Of.DATABASE) {
		@Override
		Remedy strike(Scene scene, int process) throws Exception {
			return scene.database().lockTables();
		}
	},

	/** The tables are dropped by somebody who thinks better of it. */
	TABLES_DROPPED(Of.DATABASE) {
		@Override
		Remedy strike(Scene scene, int process) throws Exception {
			return scene.database().dropTables();
		}
	},

	/** The tables have another name. */
	TABLES_RENAMED(Of.DATABASE) {
		@Override
		Remedy strike(Scene scene, int process) throws Exception {
			return scene.database().renameTables();
		}
	},

	/** Some statements take longer than they may. */
	STATEMENTS_SLOW(Of.DATABASE) {
		@Override
		Remedy strike(Scene scene, int process) throws Exception {
			return scene.database().slowStatements();
		}
	},

	/** Some statements fail for the sake of others. */
	SERIALIZATION_FAILURES(Of.DATABASE) {
		@Override
		Remedy strike(Scene scene, int process) throws Exception {
			return scene.database().serializationFailures();
		}
	};

	private enum Of {

		PROCESS, DATABASE

	}

	private final Of of;

	Fault(Of of) {
		this.of = of;
	}

	static List<Fault> ofProcesses() {
		return Arrays.stream(values()).filter((fault) -> fault.of == Of.PROCESS).toList();
	}

	static List<Fault> ofDatabases() {
		return Arrays.stream(values()).filter((fault) -> fault.of == Of.DATABASE).toList();
	}

	/**
	 * Makes it happen.
	 * @param scene to what
	 * @param process to which process, if to one
	 * @return what ends it
	 */
	abstract Remedy strike(Scene scene, int process) throws Exception;

}
