package org.crossprocesslock.annotation;

import io.micrometer.common.docs.KeyName;
import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationConvention;
import io.micrometer.observation.docs.ObservationDocumentation;

/**
 * The observations of locks, and their key values.
 *
 * @since 0.1.0
 */
public enum LockedCallObservationDocumentation implements ObservationDocumentation {

	/**
	 * A call of a {@link CrossProcessLocked} method, from the request of its lock to its
	 * end. What comes before {@link Events#ACQUIRED} is waiting, what comes after it
	 * happened under the lock. What the method does is observed as its children.
	 */
	LOCKED_CALL {

		@Override
		public Class<? extends ObservationConvention<? extends Observation.Context>> getDefaultConvention() {
			return DefaultLockedCallObservationConvention.class;
		}

		@Override
		public KeyName[] getLowCardinalityKeyNames() {
			return LowCardinalityKeys.values();
		}

		@Override
		public KeyName[] getHighCardinalityKeyNames() {
			return HighCardinalityKeys.values();
		}

		@Override
		public Observation.Event[] getEvents() {
			return Events.values();
		}

	};

	/** Keys with few values, for meters and traces. */
	public enum LowCardinalityKeys implements KeyName {

		/** The static name of the lock, never its key. */
		NAME {

			@Override
			public String asString() {
				return "name";
			}

		},

		/** How the call ended, see {@link LockedCallObservationContext.Outcome}. */
		OUTCOME {

			@Override
			public String asString() {
				return "outcome";
			}

		}

	}

	/** Keys with as many values as there are, for traces only. */
	public enum HighCardinalityKeys implements KeyName {

		/**
		 * The evaluated key of the lock. Only where
		 * {@code cross-process-lock.observation.include-key} asks for it.
		 */
		KEY {

			@Override
			public String asString() {
				return "key";
			}

			@Override
			public boolean isRequired() {
				return false;
			}

		}

	}

	/** What happens during an observation. */
	public enum Events implements Observation.Event {

		/** The lock was acquired: waiting ends, the method is run. */
		ACQUIRED {

			@Override
			public String getName() {
				return "acquired";
			}

			@Override
			public String getContextualName() {
				return "lock acquired";
			}

		}

	}

}
