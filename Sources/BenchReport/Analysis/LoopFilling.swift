import Measurements

extension RunDocument {
    /// The line about whether closed loops were kept full: throughput × mean response time ÷ uploads in flight.
    ///
    /// nil where that can't be told. The load goes up and down once a round, which costs half a turn of all in
    /// flight: rounds count that have 20 turns. What failed held a slot, but is in no mean: rounds count that have
    /// no error.
    var loopFilling: String? {
        guard plan.mode == .closed else { return nil }
        let fillings = loads.flatMap { countedRounds(at: $0) }.compactMap { round -> Double? in
            let whole = round.record.load.concurrency
            let inFlight = plan.shard?.share(of: whole) ?? whole
            guard inFlight > 0, round.summary.errors == 0, let times = round.summary.response,
                times.count >= 20 * inFlight
            else { return nil }
            return LittlesLaw.filling(
                throughput: round.summary.throughput,
                mean: times.mean / 1e9,
                inFlight: inFlight
            )
        }
        guard let worst = fillings.max(by: { abs($0 - 1) < abs($1 - 1) }) else { return nil }
        let text = "closed loop \(NumberText.share(worst)) full at worst (throughput × mean time ÷ in flight)"
        return abs(worst - 1) <= LittlesLaw.tolerance
            ? text : "\(text), limit ±\(NumberText.share(LittlesLaw.tolerance)): the load had pauses"
    }
}
