------------------------------- MODULE Lease -------------------------------
(* Lock rows that hang on one lease row per process: docs/internals/protocol.md as a state machine. README.md in *)
(* this folder says what is modelled and what is left out.                                             *)
(* A message to the database is lost, executed, executed with its answer lost, or delayed as long as   *)
(* it likes, and overtakes others. A statement is one atomic step that sees the latest committed rows  *)
(* (READ COMMITTED after it has its row lock). A pause is time passing while a process does nothing.   *)
(* Looks and reaps are done in one step: what they establish (a lease row is gone, a token was used)   *)
(* stays true for ever, so a delay of their answers adds nothing.                                      *)
EXTENDS Integers, FiniteSets, TLC

CONSTANTS
  Procs, Keys,
  Elder, Younger,      \* two incarnations under one stable holder name; values outside Procs switch this off
  Len,                 \* lease duration
  Margin, ObsMargin,   \* taken off the local deadline; added to the watcher's patience
  Drift,               \* how far a local clock may fall behind, and catch up again, in all
  MaxT, MaxLease, MaxReq, MaxNet, NRenew, NTx, MaxSub,
  Scale,               \* token units in one unit of the database clock; 0: tokens only count up
  PurgeAge, JumpF, JumpB, NJumpF, NJumpB,
  Purging, Observing, Stopping, Ending, Revoking, OpenMsg, CheckDirty,   \* parts of the model, BOOLEAN
  Limit,               \* an acquire takes nothing after so much of the database clock; -1: whether it may still run is known
  Keep,                \* every grant keeps its key for so long at least; 0: no grant does
  NCrash,              \* crashes of the database that undo releases which were not flushed
  Naming,              \* not built: a release names the next holder, BOOLEAN
  OwnMode,             \* acquire finds the row under its own lease: "busy" | "same" | "bump"
  RelMode,             \* release matches on: "lidtok" | "lid" | "none"
  Mut                  \* set of mutant names, {} for the protocol as it is

VARIABLES now, off, nf, nb, lag, lease, lock, pr, rq, net, tx, rd, gh
clk  == <<now, off, nf, nb, lag>>
vars == <<now, off, nf, nb, lag, lease, lock, pr, rq, net, tx, rd, gh>>

On(x)    == x \in Mut
NoLimit  == -1
Max(a,b) == IF a > b THEN a ELSE b
Twins    == {Elder, Younger}
Stable(p) == IF p \in Twins THEN Elder ELSE p
Lids     == {<<p, i>> : p \in Procs, i \in 1..MaxLease}
NoLid    == <<0, 0>>
Gone     == [e |-> -99, b |-> 0]
Last     == 99                                  \* the renewal counter of a lease that is renewed no more
NoTx     == [st |-> "none"]
NoUndo   == [lid |-> NoLid, tok |-> 0, pv |-> NoLid, ku |-> 0]   \* what a crash of the database would bring back
Base     == 10                                  \* database clock at the start, so that it stays positive
Db       == now + off
Lc(p)    == now - lag[p]
Lid(p)   == IF On("LidReuse") THEN <<Stable(p), 1>> ELSE <<p, pr[p].n>>
Up(p)    == pr[p].st = "up"
Over(p)  == Lc(p) >= pr[p].dl                   \* past the local deadline
Open(p)  == Up(p) /\ pr[p].ls = "open" /\ ~Over(p)
Believes(p, k) == Open(p) /\ rq[p][k].w = "held"
Room(p)  == Cardinality({m \in net : m.p = p /\ m.t \notin {"named", "broken"}}) < MaxNet
About(p, k) == {m \in net : m.p = p /\ m.t \in {"acq", "grant", "busy", "rel"} /\ m.k = k}
Shared(k) == ~On("FenceNoShare") /\ \E p \in Procs, i \in 1..NTx : tx[p][i].st = "fenced" /\ tx[p][i].k = k
Backed(p, k, t) == rq[p][k].w = "held" /\ rq[p][k].tok = t
GTok(p, k) == rq[p][k].tok + rq[p][k].sub       \* a hand-off takes the next number of the grant's own range

NoRq == [w |-> "idle", r |-> 0, tok |-> 0, sub |-> 0, rel |-> 0, doubt |-> FALSE,
         mem |-> FALSE, oth |-> FALSE, unk |-> FALSE, nm |-> 0, na |-> 0, lim |-> 0]
TakeOf(p, ids) == [t |-> "take", p |-> p, ids |-> ids]

Init ==
  /\ now = 0 /\ off = Base /\ nf = 0 /\ nb = 0 /\ lag = [p \in Procs |-> 0]
  /\ lease = [x \in Lids |-> Gone]
  /\ lock = [k \in Keys |-> [row |-> FALSE, lid |-> NoLid, tok |-> 0, pv |-> NoLid, ku |-> 0, un |-> NoUndo]]
  /\ pr = [p \in Procs |-> [st |-> IF p = Younger THEN "off" ELSE "up", n |-> 0, ls |-> "none", dl |-> -1,
                            dead |-> {}, wx |-> NoLid, wv |-> 0, ws |-> 0, of |-> 0]]
  /\ rq = [p \in Procs |-> [k \in Keys |-> NoRq]]
  /\ net = IF Elder \in Procs THEN {TakeOf(Elder, {})} ELSE {}
  /\ tx = [p \in Procs |-> [i \in 1..NTx |-> NoTx]]
  /\ rd = [k \in Keys |-> 0]
  /\ gh = [mx |-> [k \in Keys |-> 0], badTok |-> FALSE, stale |-> FALSE, badDirty |-> FALSE, nc |-> 0,
            at |-> [k \in Keys |-> 0], us |-> [k \in Keys |-> FALSE], badKeep |-> FALSE]

---------------------------------------------------------------------------
(* Clocks *)
Tick == /\ now < MaxT /\ now' = now + 1
        /\ lag' \in {f \in [Procs -> 0..Drift] : \A p \in Procs : f[p] <= lag[p] + 1 /\ f[p] >= lag[p] - 1}
        /\ UNCHANGED <<off, nf, nb, lease, lock, pr, rq, net, tx, rd, gh>>
JumpFwd == /\ nf < NJumpF /\ nf' = nf + 1 /\ off' = off + JumpF
           /\ Limit >= 0 /\ nb > 0 => \A p \in Procs : Open(p) => pr[p].of = Db - Lc(p)   \* it was heard before
           /\ UNCHANGED <<now, nb, lag, lease, lock, pr, rq, net, tx, rd, gh>>
JumpBack == /\ nb < NJumpB /\ nb' = nb + 1 /\ off' = off - JumpB
            /\ UNCHANGED <<now, nf, lag, lease, lock, pr, rq, net, tx, rd, gh>>

(* Process: its life *)
Fresh == [e |-> Db + Len, b |-> 0]
OpenLease(p) ==          \* the first lease, or a new one after a loss; nothing of the old one is kept
  /\ Up(p) /\ pr[p].n < MaxLease
  /\ \/ pr[p].ls = "none" \/ (pr[p].ls = "open" /\ Over(p)) \/ pr[p].ls = "opening"
  /\ LET q == IF On("LidReuse") THEN 1 ELSE pr[p].n + 1
         x == IF On("LidReuse") THEN <<Stable(p), 1>> ELSE <<p, q>> IN
     /\ rq' = [rq EXCEPT ![p] = [k \in Keys |-> [@[k] EXCEPT !.w = "idle", !.rel = 0, !.doubt = FALSE, !.sub = 0,
                                                         !.na = 0, !.lim = IF rq[p][k].w = "asked"
                                                                           THEN Max(@, rq[p][k].na) ELSE @,
                                                         !.unk = @ \/ (CheckDirty /\ rq[p][k].w = "asked")]]]
     /\ IF OpenMsg
        THEN /\ Room(p) /\ net' = net \cup {[t |-> "open", p |-> p, lid |-> x, s |-> Lc(p)]}
             /\ pr' = [pr EXCEPT ![p].n = q, ![p].ls = IF On("AcqBeforeOpen") THEN "open" ELSE "opening",
                                 ![p].dl = IF On("AcqBeforeOpen") THEN Lc(p) + Len - Margin ELSE -1]
             /\ UNCHANGED lease
        ELSE /\ lease' = [lease EXCEPT ![x] = Fresh]
             /\ pr' = [pr EXCEPT ![p].n = q, ![p].ls = "open", ![p].dl = Lc(p) + Len - Margin,
                                 ![p].of = IF Limit < 0 THEN 0 ELSE Db - Lc(p)]
             /\ UNCHANGED net
  /\ UNCHANGED <<clk, lock, tx, rd, gh>>
Die(p, clean) ==         \* a crash, or an orderly end that deletes the lease row
  /\ Stopping /\ Up(p)
  /\ clean => pr[p].ls = "open"
  /\ pr' = [pr EXCEPT ![p].st = "dead"]
  /\ lease' = IF clean THEN [lease EXCEPT ![Lid(p)] = Gone] ELSE lease
  /\ rq' = [rq EXCEPT ![p] = [k \in Keys |-> NoRq]]
  /\ UNCHANGED <<clk, lock, net, tx, rd, gh>>
EndOld(p, i) ==          \* the row of a lost lease is deleted by its own process, sooner or later
  /\ Ending /\ Up(p) /\ i <= pr[p].n /\ lease[<<p, i>>] # Gone
  /\ i < pr[p].n \/ (pr[p].ls = "open" /\ Over(p)) \/ On("EndEarly")
  /\ lease' = [lease EXCEPT ![<<p, i>>] = Gone]
  /\ UNCHANGED <<clk, lock, pr, rq, net, tx, rd, gh>>
Start(p) ==              \* restart under the stable name: read the predecessors' lease ids, then delete those
  /\ p = Younger /\ pr[p].st = "off" /\ pr' = [pr EXCEPT ![p].st = "up"]
  /\ net' = net \cup {TakeOf(p, {x \in Lids : x[1] = Elder /\ lease[x] # Gone})}
  /\ UNCHANGED <<clk, lease, lock, rq, tx, rd, gh>>

(* Process: requests *)
RenewSend(p) ==
  /\ Open(p) /\ Room(p) /\ Lc(p) + Len - Margin > pr[p].dl           \* it would gain something
  /\ Observing => lease[Lid(p)].b < 3                                 \* keeps the state space finite
  /\ Cardinality({m \in net : m.p = p /\ m.t \in {"renew", "renewed", "norow"}}) < NRenew
  /\ net' = net \cup {[t |-> "renew", p |-> p, lid |-> Lid(p), s |-> Lc(p)]}
  /\ UNCHANGED <<clk, lease, lock, pr, rq, tx, rd, gh>>
NotAfter(p) == IF Limit < 0 THEN 0 ELSE Lc(p) + pr[p].of + Limit      \* the database clock, as far as p knows it
AcqSend(p, k) ==
  /\ Open(p) /\ Room(p) /\ rq[p][k].w = "idle" /\ rq[p][k].r < MaxReq
  /\ rq' = [rq EXCEPT ![p][k].w = "asked", ![p][k].r = @ + 1,
                      ![p][k].nm = IF Naming THEN pr[p].n ELSE 0, ![p][k].doubt = @ \/ Naming, ![p][k].na = NotAfter(p)]
  /\ net' = net \cup {[t |-> "acq", p |-> p, lid |-> Lid(p), k |-> k, r |-> rq[p][k].r + 1, sn |-> {NoLid},
                       na |-> NotAfter(p)]}
  /\ UNCHANGED <<clk, lease, lock, pr, tx, rd, gh>>
GiveUp(p, k) ==          \* wait over, interrupted, connection broken: the statement may still run
  /\ ~On("NoGiveUp") /\ Up(p) /\ rq[p][k].w = "asked"
  /\ rq' = [rq EXCEPT ![p][k].w = "idle", ![p][k].doubt = ~On("NoDoubt"), ![p][k].unk = CheckDirty,
                      ![p][k].lim = Max(@, rq[p][k].na)]
  /\ UNCHANGED <<clk, lease, lock, pr, net, tx, rd, gh>>
RelMsgTo(p, x, k, t, to) == [t |-> "rel", p |-> p, lid |-> x, k |-> k, tok |-> t, to |-> to, un |-> FALSE]
RelMsg(p, x, k, t) == RelMsgTo(p, x, k, t, NoLid)
Unused(m) == [m EXCEPT !.un = Keep > 0]         \* of a grant that nobody has had: nothing is to be kept
Early(k)  == Keep > 0 /\ gh.us[k] /\ now < gh.at[k] + Keep
Named(p, k) == {<<q, rq[q][k].nm>> : q \in {q \in Procs \ {p} : rq[q][k].nm # 0}}   \* who has said that it waits
Close(p, k) ==
  /\ Up(p) /\ rq[p][k].w = "held" /\ Room(p)
  /\ On("KeepByProcess") => lock[k].ku <= Db
  /\ rq' = [rq EXCEPT ![p][k].w = "idle", ![p][k].rel = Max(@, rq[p][k].tok), ![p][k].doubt = ~On("NoRelRetry"),
                      ![p][k].sub = 0]
  /\ \E to \in {NoLid} \cup Named(p, k) : net' = net \cup {RelMsgTo(p, Lid(p), k, rq[p][k].tok, to)}
  /\ UNCHANGED <<clk, lease, lock, pr, tx, rd, gh>>
HandOff(p, k) ==         \* the closing guard's key goes to another thread of the process, without SQL
  /\ Up(p) /\ rq[p][k].w = "held" /\ rq[p][k].sub < MaxSub
  /\ On("HandoffOver") \/ ~Over(p)
  /\ Keep = 0 \/ On("KeepHandedOn")
  /\ On("HandoffNoPin") \/ ~\E i \in 1..NTx : tx[p][i].st = "fenced" /\ tx[p][i].k = k
  /\ rq' = [rq EXCEPT ![p][k].sub = @ + 1]
  /\ gh' = [gh EXCEPT !.badTok = @ \/ On("HandoffSameTok"), !.badKeep = @ \/ Early(k)]
  /\ UNCHANGED <<clk, lease, lock, pr, net, tx, rd>>
Hear(p) ==               \* any answer that tells the database clock
  /\ Limit >= 0 /\ Open(p) /\ pr[p].of # Db - Lc(p) /\ pr' = [pr EXCEPT ![p].of = Db - Lc(p)]
  /\ LET back == Db - Lc(p) < pr[p].of /\ ~On("SetBackIgnored") IN     \* what was over may not be over
     rq' = [rq EXCEPT ![p] = [k \in Keys |-> [@[k] EXCEPT !.doubt = @ \/ (back /\ rq[p][k].lim > 0)]]]
  /\ UNCHANGED <<clk, lease, lock, net, tx, rd, gh>>
MayStillRun(p, k) == IF Limit < 0 THEN About(p, k) # {} ELSE Db <= rq[p][k].lim
MayBeNamed(p, k) == \E m \in net : m.t = "rel" /\ m.to = Lid(p) /\ m.k = k
Reconcile(p, k) ==       \* a key in doubt is looked at; what the own lease holds without a guard is released
  /\ Open(p) /\ rq[p][k].doubt
  /\ IF lock[k].lid = Lid(p) /\ ~Backed(p, k, lock[k].tok)
     THEN /\ On("EagerOrphan") \/ rq[p][k].w # "asked"
          /\ Room(p) /\ rq' = [rq EXCEPT ![p][k].rel = Max(@, lock[k].tok),
                                         ![p][k].unk = @ \/ (CheckDirty /\ lock[k].tok > rq[p][k].rel)]
          /\ net' = net \cup {LET r == RelMsg(p, Lid(p), k, lock[k].tok) IN IF On("OrphanUnused") THEN Unused(r) ELSE r}
     ELSE /\ On("DoubtEarly") \/ ~MayStillRun(p, k)     \* by the clock that came with the look
          /\ On("NameForgotten") \/ (rq[p][k].nm # pr[p].n /\ ~MayBeNamed(p, k))
          /\ rq' = [rq EXCEPT ![p][k].doubt = FALSE,
                              ![p][k].rel = IF On("RelForgotten") /\ rq[p][k].w = "idle" THEN 0 ELSE @]
          /\ UNCHANGED net
  /\ pr' = IF Limit < 0 \/ On("LookUnheard") \/ Db - Lc(p) < pr[p].of THEN pr      \* set back: Hear follows
           ELSE [pr EXCEPT ![p].of = Db - Lc(p)]
  /\ UNCHANGED <<clk, lease, lock, tx, rd, gh>>

(* Process: who is dead *)
Revoke(x) ==             \* an operator wants the lease to end: it is renewed no more
  /\ Revoking /\ lease[x] # Gone /\ lease[x].b # Last /\ \E k \in Keys : lock[k].lid = x
  /\ lease' = [lease EXCEPT ![x] = IF On("RevokeEnds") THEN Gone ELSE [@ EXCEPT !.b = Last]]
  /\ UNCHANGED <<clk, lock, pr, rq, net, tx, rd, gh>>
Wanted(x) == \E k \in Keys : lock[k].lid = x
LookGone(p, x) ==        \* lock row read first, lease row looked for afterwards and not there
  /\ Up(p) /\ Wanted(x) /\ x # Lid(p) /\ x \notin pr[p].dead /\ lease[x] = Gone
  /\ pr' = [pr EXCEPT ![p].dead = @ \cup {x}]
  /\ UNCHANGED <<clk, lease, lock, rq, net, tx, rd, gh>>
Reap(p, x) ==
  /\ Up(p) /\ Wanted(x) /\ x # Lid(p) /\ lease[x] # Gone /\ lease[x].e <= Db
  /\ lease' = [lease EXCEPT ![x] = Gone] /\ pr' = [pr EXCEPT ![p].dead = @ \cup {x}]
  /\ UNCHANGED <<clk, lock, rq, net, tx, rd, gh>>
Seen(x) == IF On("ObsByExpiry") THEN lease[x].e ELSE lease[x].b
WatchAsk(p, x) ==        \* only for the mutant that counts the watch from the sending of the first look
  /\ On("WatchFromSend") /\ Observing /\ Up(p) /\ Wanted(x) /\ x # Lid(p) /\ pr[p].wx = NoLid
  /\ pr' = [pr EXCEPT ![p].wx = x, ![p].wv = -1, ![p].ws = Lc(p)]
  /\ UNCHANGED <<clk, lease, lock, rq, net, tx, rd, gh>>
Watch(p, x) ==
  /\ Observing /\ Up(p) /\ Wanted(x) /\ x # Lid(p) /\ lease[x] # Gone
  /\ IF On("WatchFromSend") THEN pr[p].wx = x /\ pr[p].wv = -1 ELSE pr[p].wx # x \/ pr[p].wv # Seen(x)
  /\ pr' = [pr EXCEPT ![p].wx = x, ![p].wv = Seen(x), ![p].ws = IF On("WatchFromSend") THEN @ ELSE Lc(p)]
  /\ UNCHANGED <<clk, lease, lock, rq, net, tx, rd, gh>>
ObsReap(p, x) ==
  /\ Observing /\ Up(p) /\ pr[p].wx = x /\ lease[x] # Gone /\ Seen(x) = pr[p].wv
  /\ Lc(p) - pr[p].ws >= Len + ObsMargin
  /\ lease' = [lease EXCEPT ![x] = Gone]
  /\ pr' = [pr EXCEPT ![p].dead = @ \cup {x}, ![p].wx = NoLid, ![p].wv = 0, ![p].ws = 0]
  /\ UNCHANGED <<clk, lock, rq, net, tx, rd, gh>>

(* Database: statements of the lock table *)
NewTok(k) == IF ~lock[k].row /\ On("TokReset") THEN 1
             ELSE Max((IF lock[k].row THEN lock[k].tok ELSE 0) + 1 + MaxSub, Db * Scale)
SnapTake(m) ==           \* mutant: the acquire statement looks leases up in a snapshot older than its row lock
  /\ On("SnapshotSteal") /\ m.t = "acq" /\ m.sn = {NoLid}
  /\ net' = (net \ {m}) \cup {[m EXCEPT !.sn = {x \in Lids : lease[x] # Gone /\ lease[x].e > Db}]}
  /\ UNCHANGED <<clk, lease, lock, pr, rq, tx, rd, gh>>
Kept(k) == lock[k].ku > Db /\ (On("KeepUnbounded") \/ lock[k].ku - Db <= 2 * Keep)
Refused(k) == Kept(k) /\ ~On("KeepByProcess") /\ ~(On("KeepOfReleased") /\ lock[k].lid # NoLid)
FreeFor(m) ==
  LET h == lock[m.k].lid IN
  \/ ~lock[m.k].row \/ h = NoLid \/ h \in pr[m.p].dead
  \/ On("StealNoReap") /\ h # m.lid /\ lease[h].e <= Db
  \/ On("SnapshotSteal") /\ h # m.lid /\ h \notin m.sn
AcqExec(m) ==
  /\ m.t = "acq" /\ ~Shared(m.k) /\ (On("SnapshotSteal") => m.sn # {NoLid})
  /\ LET k == m.k  own == lock[k].lid = m.lid  t == NewTok(k) IN
     IF /\ (FreeFor(m) /\ ~Refused(k)) \/ (own /\ OwnMode = "bump")
        /\ Limit < 0 \/ Db <= m.na \/ On("LateTakes")
     THEN /\ lock' = [lock EXCEPT ![k] = [row |-> TRUE, lid |-> m.lid, tok |-> t, pv |-> m.lid,
                                          ku |-> IF Keep > 0 THEN Db + Keep ELSE 0, un |-> NoUndo]]
          /\ gh' = [gh EXCEPT !.mx[k] = Max(@, t + MaxSub), !.badTok = @ \/ t <= gh.mx[k],
                              !.badKeep = @ \/ Early(k), !.at[k] = IF Keep > 0 THEN now ELSE 0, !.us[k] = FALSE]
          /\ net' = (net \ {m}) \cup {[t |-> "grant", p |-> m.p, lid |-> m.lid, k |-> k, r |-> m.r, tok |-> t,
                                       pv |-> lock[k].pv]}
     ELSE /\ UNCHANGED <<lock, gh>>
          /\ net' = (net \ {m}) \cup
               {IF own /\ OwnMode = "same"
                THEN [t |-> "grant", p |-> m.p, lid |-> m.lid, k |-> k, r |-> m.r, tok |-> lock[k].tok, pv |-> lock[k].pv]
                ELSE [t |-> "busy", p |-> m.p, lid |-> m.lid, k |-> k, r |-> m.r, tok |-> IF own THEN lock[k].tok ELSE 0]}
  /\ UNCHANGED <<clk, lease, pr, rq, tx, rd>>
RelHit(m) ==
  LET row == lock[m.k] IN
  CASE RelMode = "lidtok" -> row.lid = m.lid /\ row.tok = m.tok
    [] RelMode = "lid"    -> row.lid = m.lid
    [] OTHER              -> row.lid # NoLid
Undo(k) == [lid |-> lock[k].lid, tok |-> lock[k].tok, pv |-> lock[k].pv, ku |-> lock[k].ku]
RelExec(m) ==
  /\ m.t = "rel" /\ ~Shared(m.k) /\ (RelHit(m) => m.to = NoLid) /\ net' = net \ {m}
  /\ lock' = IF ~RelHit(m) THEN lock
             ELSE [lock EXCEPT ![m.k].lid = NoLid, ![m.k].ku = IF m.un \/ On("ReleaseFrees") THEN 0 ELSE @,
                               ![m.k].un = IF NCrash > 0 THEN Undo(m.k) ELSE NoUndo]
  /\ UNCHANGED <<clk, lease, pr, rq, tx, rd, gh>>
RelNaming(m) ==          \* the release is the grant of the next holder, which a notification tells
  /\ m.t = "rel" /\ ~Shared(m.k) /\ m.to # NoLid /\ RelHit(m)
  /\ LET k == m.k  t == IF On("NameSameTok") THEN lock[k].tok ELSE NewTok(k) IN
     /\ lock' = [lock EXCEPT ![k] = [row |-> TRUE, lid |-> m.to, tok |-> t, ku |-> 0,
                                     pv |-> IF On("NamePrev") THEN m.to ELSE IF On("NameKeepPrev") THEN m.lid ELSE NoLid,
                                     un |-> IF On("NameUnflushed") THEN Undo(k) ELSE NoUndo]]
     /\ gh' = [gh EXCEPT !.mx[k] = Max(@, t + MaxSub), !.badTok = @ \/ t <= gh.mx[k]]
     /\ net' = (net \ {m}) \cup {[t |-> "named", p |-> m.to[1], lid |-> m.to, k |-> k, tok |-> t]}
  /\ UNCHANGED <<clk, lease, pr, rq, tx, rd>>
DbCrash ==               \* releases that were not flushed are undone, transactions and connections end
  /\ gh.nc < NCrash /\ gh' = [gh EXCEPT !.nc = @ + 1]
  /\ \E ks \in SUBSET {k \in Keys : lock[k].un # NoUndo} :
       /\ ks # {}
       /\ lock' = [k \in Keys |-> IF k \notin ks THEN lock[k]
                                 ELSE [row |-> TRUE, lid |-> lock[k].un.lid, tok |-> lock[k].un.tok,
                                       pv |-> lock[k].un.pv, ku |-> lock[k].un.ku, un |-> NoUndo]]
  /\ tx' = [p \in Procs |-> [i \in 1..NTx |-> NoTx]]
  /\ net' = net \cup {[t |-> "broken", p |-> p] : p \in {p \in Procs : Up(p)}}
  /\ UNCHANGED <<clk, lease, pr, rq, rd>>
Purge(k) ==              \* idle or of a dead lease, with a token that even a clock set back by PurgeAge would exceed
  /\ Purging /\ lock[k].row /\ ~Shared(k)
  /\ lock[k].lid # NoLid => lease[lock[k].lid] = Gone
  /\ ~Kept(k) \/ On("PurgeKept")
  /\ On("TokReset") \/ On("PurgeAnyTok") \/ lock[k].tok + MaxSub < (Db - PurgeAge) * Scale
  /\ lock' = [lock EXCEPT ![k] = [row |-> FALSE, lid |-> NoLid, tok |-> 0, pv |-> NoLid, ku |-> 0, un |-> NoUndo]]
  /\ UNCHANGED <<clk, lease, pr, rq, net, tx, rd, gh>>

(* Database: statements of the lease table *)
LeaseExec(m) ==
  \/ /\ m.t = "open" /\ lease' = [lease EXCEPT ![m.lid] = Fresh] /\ net' = (net \ {m}) \cup {[m EXCEPT !.t = "opened"]}
     /\ UNCHANGED <<clk, lock, pr, rq, tx, rd, gh>>
  \/ /\ m.t = "renew"
     /\ IF (lease[m.lid] # Gone /\ lease[m.lid].b # Last) \/ On("RenewUpsert")
        THEN /\ lease' = [lease EXCEPT ![m.lid] = [e |-> Db + Len, b |-> IF Observing THEN @.b + 1 ELSE 0]]
             /\ net' = (net \ {m}) \cup {[m EXCEPT !.t = "renewed"]}
        ELSE /\ net' = (net \ {m}) \cup {[m EXCEPT !.t = "norow"]} /\ UNCHANGED lease
     /\ UNCHANGED <<clk, lock, pr, rq, tx, rd, gh>>
  \/ /\ m.t = "take"
     /\ LET ids == IF On("TakeByName") THEN {x \in Lids : x[1] \in Twins /\ x[1] # m.p} ELSE m.ids IN
        /\ lease' = [x \in Lids |-> IF x \in ids THEN Gone ELSE lease[x]]
        /\ pr' = [pr EXCEPT ![m.p].dead = @ \cup {x \in ids : lease[x] # Gone}]
     /\ net' = net \ {m} /\ UNCHANGED <<clk, lock, rq, tx, rd, gh>>

(* Process: answers *)
DirtyOf(p, k, pv) == LET q == rq[p][k] IN
  q.mem /\ IF On("DirtyByPrev") THEN pv # NoLid /\ pv[1] # p ELSE pv = NoLid \/ pv[1] # p \/ q.unk
MayComeYet(p, k) == Limit >= 0 /\ rq[p][k].lim > 0 /\ Lc(p) + pr[p].of <= rq[p][k].lim
Adopted(p, k, m) ==
  [q \in Procs |-> [j \in Keys |->
     IF j # k THEN rq[q][j]
     ELSE IF q = p THEN [rq[p][k] EXCEPT !.w = "held", !.tok = m.tok, !.sub = 0, !.mem = CheckDirty,
                                         !.oth = FALSE, !.unk = CheckDirty /\ MayComeYet(p, k)]
     ELSE [rq[q][k] EXCEPT !.oth = CheckDirty]]]
RecvGrant(m) ==
  /\ m.t = "grant" /\ Up(m.p)
  /\ LET p == m.p  k == m.k  q == rq[p][k] IN
     IF /\ Open(p) /\ q.w = "asked" /\ q.r = m.r /\ m.lid = Lid(p) /\ (On("NoRelCheck") \/ m.tok > q.rel)
     THEN /\ rq' = Adopted(p, k, m) /\ net' = net \ {m}
          /\ gh' = [gh EXCEPT !.badDirty = @ \/ (q.mem /\ q.oth /\ ~DirtyOf(p, k, m.pv)),
                              !.us[k] = @ \/ (Keep > 0 /\ lock[k].tok = m.tok)]
     ELSE /\ gh' = gh
          /\ IF On("NoGiveBack") \/ (Backed(p, k, m.tok) /\ m.lid = Lid(p) /\ ~On("BackedGivenBack"))
             THEN rq' = rq /\ net' = net \ {m}
             ELSE /\ rq' = [rq EXCEPT ![p][k].rel = IF m.lid = Lid(p) THEN Max(@, m.tok) ELSE @,
                                      ![p][k].doubt = IF m.lid = Lid(p) /\ ~On("NoRelRetry") THEN TRUE ELSE @,
                                      ![p][k].w = IF @ = "asked" /\ q.r = m.r THEN "idle" ELSE @,
                                      ![p][k].unk = CheckDirty]
                  /\ net' = (net \ {m}) \cup {Unused(RelMsg(p, m.lid, k, m.tok))}
  /\ UNCHANGED <<clk, lease, lock, pr, tx, rd>>
RecvBusy(m) ==           \* busy under the own lease and not backed by a guard: release that token, try again
  /\ m.t = "busy" /\ Up(m.p)
  /\ LET p == m.p  k == m.k  q == rq[p][k]
         mine == q.w = "asked" /\ q.r = m.r
         orphan == m.tok > 0 /\ m.lid = Lid(p) /\ ~Backed(p, k, m.tok) /\ (On("EagerOrphan") \/ mine \/ q.w # "asked") IN
     /\ rq' = [rq EXCEPT ![p][k].w = IF mine THEN "idle" ELSE @, ![p][k].rel = IF orphan THEN Max(@, m.tok) ELSE @,
                         ![p][k].doubt = IF orphan /\ ~On("NoRelRetry") THEN TRUE ELSE @]
     /\ net' = (net \ {m}) \cup (IF orphan THEN {RelMsg(p, m.lid, k, m.tok)} ELSE {})
  /\ UNCHANGED <<clk, lease, lock, pr, tx, rd, gh>>
RecvLease(m) ==
  /\ m.t \in {"opened", "renewed", "norow"} /\ Up(m.p) /\ net' = net \ {m}
  /\ LET p == m.p  base == IF On("FromRecv") THEN Lc(p) ELSE m.s  d == base + Len - Margin IN
     pr' = IF m.lid # Lid(p) THEN pr
           ELSE CASE m.t = "opened" /\ pr[p].ls = "opening" -> [pr EXCEPT ![p].ls = "open", ![p].dl = d]
                  [] m.t = "renewed" /\ (On("LateRenew") \/ ~Over(p)) -> [pr EXCEPT ![p].dl = Max(@, d)]
                  [] m.t = "norow" -> [pr EXCEPT ![p].dl = -1]
                  [] OTHER -> pr
  /\ UNCHANGED <<clk, lease, lock, rq, tx, rd, gh>>
RecvBroken(m) ==         \* a connection has broken: what was released may be undone
  /\ m.t = "broken" /\ Up(m.p) /\ net' = net \ {m}
  /\ rq' = [rq EXCEPT ![m.p] = [k \in Keys |->
              [@[k] EXCEPT !.doubt = @ \/ (rq[m.p][k].rel > 0 /\ ~On("NoUndoDoubt"))]]]
  /\ UNCHANGED <<clk, lease, lock, pr, tx, rd, gh>>
Takeable(p, k, x, t) == Open(p) /\ rq[p][k].w = "asked" /\ x = Lid(p) /\ (On("NoRelCheck") \/ t > rq[p][k].rel)
Again(p, k, t) == [gh EXCEPT !.badTok = @ \/ t <= rq[p][k].tok]     \* a guard has had this token before
Find(p, k) ==            \* a waiter looks and finds its own lease in the row; what it gets is dirty
  /\ Naming /\ lock[k].lid = Lid(p) /\ Takeable(p, k, lock[k].lid, lock[k].tok)
  /\ rq' = Adopted(p, k, lock[k]) /\ gh' = Again(p, k, lock[k].tok)
  /\ UNCHANGED <<clk, lease, lock, pr, net, tx, rd>>
RecvNamed(m) ==          \* accepted, or given back
  /\ m.t = "named" /\ Up(m.p)
  /\ LET p == m.p  k == m.k IN
     IF Takeable(p, k, m.lid, m.tok) THEN rq' = Adopted(p, k, m) /\ net' = net \ {m} /\ gh' = Again(p, k, m.tok)
     ELSE IF m.lid # Lid(p) \/ Backed(p, k, m.tok) THEN rq' = rq /\ net' = net \ {m} /\ gh' = gh
     ELSE /\ gh' = gh
          /\ rq' = [rq EXCEPT ![p][k].rel = Max(@, m.tok), ![p][k].doubt = TRUE, ![p][k].unk = CheckDirty]
          /\ net' = (net \ {m}) \cup {RelMsg(p, m.lid, k, m.tok)}
  /\ UNCHANGED <<clk, lease, lock, pr, tx, rd>>
Forget(p, k) ==          \* what p has said is out of date everywhere: nobody names it any more
  /\ rq[p][k].nm # 0 /\ rq' = [rq EXCEPT ![p][k].nm = 0]
  /\ UNCHANGED <<clk, lease, lock, pr, net, tx, rd, gh>>
Lose(m) == m.t # "broken" /\ net' = net \ {m} /\ UNCHANGED <<clk, lease, lock, pr, rq, tx, rd, gh>>

(* Fenced transactions: they go on whatever the local deadline says, and their commit may be in flight at a crash *)
TxBegin(p, i, k) ==
  /\ Up(p) /\ tx[p][i].st = "none" /\ rq[p][k].w = "held"
  /\ tx' = [tx EXCEPT ![p][i] = [st |-> "read", k |-> k, lid |-> Lid(p), tok |-> rq[p][k].tok, gt |-> GTok(p, k),
                                  ov |-> FALSE]]
  /\ rd' = [rd EXCEPT ![k] = Max(@, GTok(p, k))]
  /\ UNCHANGED <<clk, lease, lock, pr, rq, net, gh>>
TxEarly(p, i, k) ==      \* mutant: a transaction that has read before its guard was acquired
  /\ On("TxEarly") /\ Up(p) /\ tx[p][i].st = "none" /\ rq[p][k].w # "held"
  /\ tx' = [tx EXCEPT ![p][i] = [st |-> "early", k |-> k, lid |-> NoLid, tok |-> 0, gt |-> 0, ov |-> FALSE]]
  /\ UNCHANGED <<clk, lease, lock, pr, rq, net, rd, gh>>
TxBind(p, i) ==
  /\ tx[p][i].st = "early" /\ rq[p][tx[p][i].k].w = "held"
  /\ LET k == tx[p][i].k IN
     tx' = [tx EXCEPT ![p][i].st = "read", ![p][i].lid = Lid(p), ![p][i].tok = rq[p][k].tok, ![p][i].gt = GTok(p, k)]
  /\ UNCHANGED <<clk, lease, lock, pr, rq, net, rd, gh>>
TxFence(p, i) ==
  /\ tx[p][i].st = "read"
  /\ LET t == tx[p][i]  k == t.k
         here == MaxSub = 0 \/ On("HandoffNoPin") \/ (rq[p][k].w = "held" /\ t.lid = Lid(p) /\ GTok(p, k) = t.gt) IN
     tx' = [tx EXCEPT ![p][i] = IF here /\ lock[k].lid = t.lid /\ lock[k].tok = t.tok
                                THEN [t EXCEPT !.st = "fenced"] ELSE NoTx]
  /\ UNCHANGED <<clk, lease, lock, pr, rq, net, rd, gh>>
TxCommit(p, i) ==
  /\ tx[p][i].st = "fenced"
  /\ LET t == tx[p][i] IN
     /\ gh' = [gh EXCEPT !.stale = @ \/ rd[t.k] > t.gt \/ t.ov]
     /\ tx' = [q \in Procs |-> [j \in 1..NTx |->
                 IF q = p /\ j = i THEN NoTx
                 ELSE IF tx[q][j].st # "none" /\ tx[q][j].k = t.k /\ tx[q][j].gt # t.gt
                 THEN [tx[q][j] EXCEPT !.ov = TRUE] ELSE tx[q][j]]]
  /\ UNCHANGED <<clk, lease, lock, pr, rq, net, rd>>
TxAbort(p, i) ==
  /\ tx[p][i].st # "none" /\ tx' = [tx EXCEPT ![p][i] = NoTx]
  /\ UNCHANGED <<clk, lease, lock, pr, rq, net, rd, gh>>

Next ==
  \/ Tick \/ JumpFwd \/ JumpBack \/ DbCrash
  \/ \E p \in Procs :
       \/ OpenLease(p) \/ Hear(p) \/ Die(p, TRUE) \/ Die(p, FALSE) \/ Start(p) \/ RenewSend(p)
       \/ \E i \in 1..MaxLease : EndOld(p, i)
       \/ \E k \in Keys : AcqSend(p, k) \/ GiveUp(p, k) \/ Close(p, k) \/ HandOff(p, k) \/ Reconcile(p, k)
                           \/ Find(p, k) \/ Forget(p, k)
       \/ \E x \in Lids : LookGone(p, x) \/ Reap(p, x) \/ WatchAsk(p, x) \/ Watch(p, x) \/ ObsReap(p, x)
       \/ \E i \in 1..NTx : \/ TxFence(p, i) \/ TxCommit(p, i) \/ TxAbort(p, i) \/ TxBind(p, i)
                            \/ \E k \in Keys : TxBegin(p, i, k) \/ TxEarly(p, i, k)
  \/ \E k \in Keys : Purge(k)
  \/ \E x \in Lids : Revoke(x)
  \/ \E m \in net : SnapTake(m) \/ AcqExec(m) \/ RelExec(m) \/ RelNaming(m) \/ LeaseExec(m)
                    \/ RecvGrant(m) \/ RecvBusy(m) \/ RecvLease(m) \/ RecvNamed(m) \/ RecvBroken(m) \/ Lose(m)
Spec == Init /\ [][Next]_vars

---------------------------------------------------------------------------
(* What must hold *)
Zombie(p) == p = Elder /\ Younger \in Procs /\ pr[Younger].st # "off"    \* its successor of the same name has started
Exclusive == \A p, q \in Procs : \A k \in Keys :
               p # q /\ Believes(p, k) /\ Believes(q, k) => Zombie(p) \/ Zombie(q)
Owns      == \A p \in Procs : \A k \in Keys :
               Believes(p, k) /\ ~Zombie(p) => lock[k].lid = Lid(p) /\ lock[k].tok = rq[p][k].tok
TokGrows  == ~gh.badTok
NoStaleCommit == ~gh.stale
DirtyTrue == ~gh.badDirty
KeptAtLeast == ~gh.badKeep                           \* in true time, since its grant
KeptAtMost  == \A k \in Keys : Kept(k) => now < gh.at[k] + 3 * Keep
Heard(p)  == Limit < 0 \/ pr[p].of = Db - Lc(p)      \* it will be, with the next renewal
NoLeak    == net = {} => \A p \in Procs : \A k \in Keys :
               (Open(p) /\ Heard(p) /\ lock[k].lid = Lid(p) /\ lease[Lid(p)] # Gone /\ rq[p][k].w = "idle") => rq[p][k].doubt
NoRevive  == [][\A p \in Procs : \A k \in Keys :
               (rq[p][k].w = "held" /\ ~Believes(p, k) /\ rq'[p][k].w = "held" /\ rq'[p][k].tok = rq[p][k].tok
                  /\ rq'[p][k].sub = rq[p][k].sub /\ pr'[p].n = pr[p].n) => ~Believes(p, k)']_vars
HandedHeld == [][\A p \in Procs : \A k \in Keys : rq'[p][k].sub > rq[p][k].sub => Believes(p, k)]_vars
Symm == Permutations(Procs)
=============================================================================
