package org.crossprocesslock.lease;

import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.function.BiFunction;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/**
 * A known way to break the protocol.
 *
 * @param name what it does wrong
 * @param sabotage how
 * @param caughtBy the invariants that may say so, whichever the schedule meets first
 */
record Mutant(String name, Supplier<Sabotage> sabotage, Set<Invariant> caughtBy) {

	static List<Mutant> all() {
		return List.of(
				ofStore("resets tokens", StoreSabotage.ResetsTokens::new, Invariant.TOK_GROWS, Invariant.KEPT_AT_LEAST),
				ofStore("releases by key", StoreSabotage.ReleasesByKey::new, Invariant.EXCLUSIVE, Invariant.OWNS,
						Invariant.TOK_GROWS, Invariant.LOSS_NOTICED),
				ofStore("releases what is kept", StoreSabotage.ReleasesWhatIsKept::new, Invariant.KEPT_AT_LEAST),
				ofStore("releases by lease", StoreSabotage.ReleasesByLease::new, Invariant.EXCLUSIVE, Invariant.OWNS,
						Invariant.TOK_GROWS, Invariant.LOSS_NOTICED),
				ofStore("grants again", StoreSabotage.GrantsAgain::new, Invariant.OWNS, Invariant.TOK_GROWS),
				ofStore("steals without reap", StoreSabotage.StealsWithoutReap::new, Invariant.LOSS_NOTICED),
				ofStore("ends leases at once", StoreSabotage.EndsLeasesAtOnce::new, Invariant.EXCLUSIVE,
						Invariant.LEASE_LIVES, Invariant.OWNS),
				ofHost("releases under its guards", HostSabotage.ReleasesUnderItsGuards::new, Invariant.OWNS),
				ofStore("purges any token", StoreSabotage.PurgesAnyToken::new, Invariant.TOK_GROWS,
						Invariant.KEPT_AT_LEAST),
				ofStore("purges held rows", StoreSabotage.PurgesHeldRows::new, Invariant.OWNS, Invariant.LOSS_NOTICED),
				ofStore("counts no renewals", StoreSabotage.CountsNoRenewals::new, Invariant.EXCLUSIVE,
						Invariant.LEASE_LIVES, Invariant.OWNS, Invariant.TOK_GROWS),
				ofStore("recreates leases", StoreSabotage.RecreatesLeases::new, Invariant.LOSS_NOTICED),
				ofStore("sees old leases when busy", StoreSabotage.SeesOldLeasesWhenBusy::new, Invariant.EXCLUSIVE,
						Invariant.OWNS, Invariant.TOK_GROWS),
				ofStore("hides locked rows", StoreSabotage.HidesLockedRows::new, Invariant.NO_LEAK),
				ofStore("forgets who came before", StoreSabotage.ForgetsWhoCameBefore::new, Invariant.DIRTY_TRUE),
				ofStore("hides its crashes", StoreSabotage.HidesItsCrashes::new, Invariant.NO_LEAK),
				ofStore("undoes the basis of others", StoreSabotage.UndoesTheBasisOfOthers::new, Invariant.OWNS,
						Invariant.TOK_GROWS),
				ofHost("counts from the answer", HostSabotage.CountsFromTheAnswer::new, Invariant.EXCLUSIVE,
						Invariant.LEASE_LIVES, Invariant.LOSS_NOTICED),
				ofHost("revives late renewals", HostSabotage.RevivesLateRenewals::new, Invariant.NO_REVIVE),
				ofHost("trusts lost renewals", HostSabotage.TrustsLostRenewals::new, Invariant.EXCLUSIVE,
						Invariant.LEASE_LIVES, Invariant.LOSS_NOTICED),
				ofHost("has no margin", HostSabotage.HasNoMargin::new, Invariant.EXCLUSIVE, Invariant.LEASE_LIVES,
						Invariant.LOSS_NOTICED),
				ofHost("acquires before open", HostSabotage.AcquiresBeforeOpen::new, Invariant.EXCLUSIVE,
						Invariant.LEASE_LIVES, Invariant.OWNS),
				ofHost("reuses lease ids", HostSabotage.ReusesLeaseIds::new, Invariant.EXCLUSIVE, Invariant.LEASE_LIVES,
						Invariant.OWNS, Invariant.TOK_GROWS, Invariant.NO_LEAK),
				ofHost("takes over by name", HostSabotage.TakesOverByName::new, Invariant.EXCLUSIVE,
						Invariant.LEASE_LIVES, Invariant.OWNS),
				ofHost("leaves its lease", HostSabotage.LeavesItsLease::new, Invariant.ALL_CLOSED),
				ofHost("keeps late grants", HostSabotage.KeepsLateGrants::new, Invariant.NO_LEAK, Invariant.WAITER_ENDS,
						Invariant.FREE_KEY_GRANTED),
				ofHost("forgets lost acquires", HostSabotage.ForgetsLostAcquires::new, Invariant.NO_LEAK,
						Invariant.DIRTY_TRUE),
				ofHost("forgets lost releases", HostSabotage.ForgetsLostReleases::new, Invariant.NO_LEAK),
				ofHost("ends doubt early", HostSabotage.EndsDoubtEarly::new, Invariant.NO_LEAK, Invariant.DIRTY_TRUE,
						Invariant.FREE_KEY_GRANTED),
				ofStore("takes too late", StoreSabotage.TakesTooLate::new, Invariant.NO_LEAK, Invariant.DIRTY_TRUE),
				ofStore("looks at stopped replica", StoreSabotage.LooksAtStoppedReplica::new,
						Invariant.FREE_KEY_GRANTED, Invariant.WAITER_ENDS, Invariant.NO_LEAK),
				ofHost("mixes up requests", HostSabotage.MixesUpRequests::new, Invariant.FIFO, Invariant.WAITER_ENDS,
						Invariant.ALL_CLOSED),
				ofHost("hands over after deadline", HostSabotage.HandsOverAfterDeadline::new, Invariant.HANDED_HELD),
				ofHost("hands over the token", HostSabotage.HandsOverTheToken::new, Invariant.TOK_GROWS),
				ofStore("fence ignores the row", StoreSabotage.FenceIgnoresTheRow::new, Invariant.NO_STALE_COMMIT),
				ofStore("fence does not lock", StoreSabotage.FenceDoesNotLock::new, Invariant.NO_STALE_COMMIT),
				ofHost("does not mark commits", HostSabotage.DoesNotMarkCommits::new, Invariant.NO_STALE_COMMIT),
				ofHost("commits after close", HostSabotage.CommitsAfterClose::new, Invariant.NO_STALE_COMMIT),
				ofHost("hands over after unknown outcomes", HostSabotage.HandsOverAfterUnknownOutcomes::new,
						Invariant.NO_STALE_COMMIT),
				ofHost("reads before the grant", HostSabotage.ReadsBeforeTheGrant::new, Invariant.NO_STALE_COMMIT),
				ofHost("lingers too long", HostSabotage.LingersTooLong::new, Invariant.NO_LEAK),
				ofHost("tells once", HostSabotage.TellsOnce::new, Invariant.HOLDER_TOLD),
				ofHost("wakes late", HostSabotage.WakesLate::new, Invariant.WAITER_ENDS));
	}

	/** Those that lead to two holders of one key. */
	static List<Mutant> thatBreakExclusion() {
		return all().stream().filter((mutant) -> mutant.caughtBy().contains(Invariant.EXCLUSIVE)).toList();
	}

	private static Mutant ofStore(String name, BiFunction<LongSupplier, Duration, SimulatedStore> store,
			Invariant... caughtBy) {
		return new Mutant(name, () -> new StoreSabotage(store), Set.of(caughtBy));
	}

	private static Mutant ofHost(String name, Supplier<Sabotage> sabotage, Invariant... caughtBy) {
		return new Mutant(name, sabotage, Set.of(caughtBy));
	}

	@Override
	public String toString() {
		return this.name;
	}

}
