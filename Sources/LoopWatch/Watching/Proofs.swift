import CLoopProbe
import Synchronization

/// What has shown in this process that it works; each mechanism is tried out once, before anything relies on it.
struct Proofs: Sendable {
    /// Whether the waits of event loops are seen.
    let hasLoopProbe: Bool
    /// Whether stacks can be taken.
    let hasStacks: Bool
    /// Whether it is known how long a thread had no processor.
    let hasSchedule: Bool
    /// What is missing whatever is watched, a sentence each.
    let notes: [String]

    private static let found = Mutex<Proofs?>(nil)

    /// The proofs; the first call tries everything out, which takes some milliseconds.
    static var ofThisProcess: Proofs {
        found.withLock { found in
            if let found { return found }
            let proofs = tryOut()
            found = proofs
            return proofs
        }
    }

    private static func tryOut() -> Proofs {
        var notes: [String] = []
        let started = lp_start(0)
        let hasStacks = started > 0 && lp_self_check(Int32(LP_STACKS.rawValue))
        if started == LP_SIGNAL_TAKEN.rawValue {
            notes.append("no stacks: \(LoopWatchError.signalTaken.message)")
        } else if started < 0 {
            notes.append("no stacks: this platform has no way to take them")
        } else if !hasStacks {
            notes.append("no stacks: one that was taken to try did not show its own function")
        }
        if hasStacks, !lp_self_check(Int32(LP_ASYNC_CALLERS.rawValue)) {
            notes.append("no async callers: the layout of async frames is not the known one")
        }
        let hasSchedule = lp_self_check(Int32(LP_SCHEDULE.rawValue))
        if !hasSchedule {
            notes.append("time without a processor is not known and counts as blocked")
        }
        if hasStacks, !lp_self_check(Int32(LP_SHIELDS.rawValue)) {
            notes.append("calls that block may end early when a stack is taken")
        }
        if hasStacks, !Symbolicator.shared.givesPlaces {
            notes.append(
                "no files and lines, so nobody is blamed: addresses can't be looked up in this process"
            )
        }
        return Proofs(
            hasLoopProbe: lp_self_check(Int32(LP_LOOP_PROBE.rawValue)),
            hasStacks: hasStacks,
            hasSchedule: hasSchedule,
            notes: notes
        )
    }
}
