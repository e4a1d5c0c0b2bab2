import Measurements

/// What decides whether a round can be trusted.
struct VerdictInputs: Equatable {
    /// How late uploads were sent, p99; nil if none was sent.
    var sendLagP99: Nanoseconds?
    /// The median response time; nil without a success.
    var responseP50: Nanoseconds?
    /// Processor time of the generator's busiest thread per second.
    var busiestThread = 0.0
    /// Processor time of all its threads per second.
    var clientCores = 0.0
    /// The machine's processors.
    var machineCores = 1
    /// Whether the server shares the machine.
    var isServerOnSameHost = false
    /// How the burst began, and how many uploads it was meant to be; nil when the load was no burst.
    var burst: BurstFacts?
    var burstSize = 0
    /// Whether opening connections after go is what was asked for.
    var connectsInside = false
    /// Body bytes that were sent, and those that the server counted; nil where no one counts.
    var claimedBytes: UInt64 = 0
    var countedBytes: UInt64?
    /// What the machine did meanwhile.
    var host = HostHealth(steal: 0, others: nil, pagesSwapped: 0)
}

/// The verdict on one round, a pure function of what was measured.
struct ClientVerdict: Equatable {
    /// Whether the round can be trusted, and why not.
    private(set) var validity = Validity()
    /// Short reasons that come from outside the generator and the server: the block is worth repeating.
    private(set) var disturbances: [String] = []

    /// Judges a round.
    ///
    /// - Parameter inputs: What was measured.
    init(_ inputs: VerdictInputs) {
        judgeSending(inputs)
        judgeProcessors(inputs)
        judgeBurst(inputs)
        judgeBytes(inputs)
        judgeHost(inputs.host)
    }

    private mutating func judgeSending(_ inputs: VerdictInputs) {
        guard let lag = inputs.sendLagP99 else { return }
        let median = Double(inputs.responseP50 ?? 0)
        let suspect = max(1e6, 0.05 * median)
        let invalid = max(10e6, 0.25 * median)
        guard Double(lag) > suspect else { return }
        let isInvalid = Double(lag) > invalid
        add(
            isInvalid ? .invalid : .suspect,
            "the client was late (send lag p99 \(DurationFormat.text(nanoseconds: lag)), limit "
                + "\(DurationFormat.text(seconds: (isInvalid ? invalid : suspect) / 1e9)))"
        )
    }

    private mutating func judgeProcessors(_ inputs: VerdictInputs) {
        judge(inputs.busiestThread, suspect: 0.8, invalid: 0.95) { share, limit in
            "the client's thread was busy for \(share) of the round, limit \(limit)"
        }
        guard inputs.isServerOnSameHost else { return }
        judge(inputs.clientCores / Double(inputs.machineCores), suspect: 0.2, invalid: 0.5) { share, limit in
            "the client used \(share) of the machine it shares with the server, limit \(limit)"
        }
    }

    private mutating func judgeBurst(_ inputs: VerdictInputs) {
        guard let burst = inputs.burst, inputs.burstSize > 0 else { return }
        if burst.openedAfterGo > 0, !inputs.connectsInside {
            let isInvalid = burst.openedAfterGo * 100 > inputs.burstSize
            add(
                isInvalid ? .invalid : .suspect,
                "\(burst.openedAfterGo) of \(inputs.burstSize) connections were opened after go"
            )
        }
        // In hundredths, so that a limit itself is exact.
        let peak = burst.peakInFlight * 100
        if peak < 95 * inputs.burstSize {
            add(
                peak < 50 * inputs.burstSize ? .invalid : .suspect,
                "only \(burst.peakInFlight) of \(inputs.burstSize) uploads were in flight at one time"
            )
        }
    }

    private mutating func judgeBytes(_ inputs: VerdictInputs) {
        guard let counted = inputs.countedBytes, counted != inputs.claimedBytes else { return }
        add(.invalid, "the server received \(counted) body bytes, the client sent \(inputs.claimedBytes)")
    }

    private mutating func judgeHost(_ host: HostHealth) {
        judge(host.steal, suspect: 0.01, invalid: 0.1, isDisturbance: true) { share, _ in "steal \(share)" }
        judge(host.others ?? 0, suspect: 0.1, invalid: 0.3, isDisturbance: true) { share, _ in
            "other processes \(share)"
        }
        if host.pagesSwapped > 0 {
            let verdict: Validity.Verdict = host.pagesSwapped > 1000 ? .invalid : .suspect
            add(verdict, "swapping", isDisturbance: true)
        }
    }

    private mutating func judge(
        _ value: Double,
        suspect: Double,
        invalid: Double,
        isDisturbance: Bool = false,
        reason: (_ value: String, _ limit: String) -> String
    ) {
        guard value > suspect else { return }
        let isInvalid = value > invalid
        let text = reason(percent(value), percent(isInvalid ? invalid : suspect))
        add(isInvalid ? .invalid : .suspect, text, isDisturbance: isDisturbance)
    }

    private mutating func add(_ verdict: Validity.Verdict, _ reason: String, isDisturbance: Bool = false) {
        validity.verdict = max(validity.verdict, verdict)
        validity.reasons.append(reason)
        if isDisturbance { disturbances.append(reason) }
    }

    private func percent(_ share: Double) -> String {
        "\(FixedPoint.text(share * 100, decimals: FixedPoint.decimals(for: share * 100))) %"
    }
}

/// The verdict on a whole run.
enum RunVerdict {
    /// Judges a run by its measured rounds.
    ///
    /// - Parameters:
    ///   - rounds: The rounds of all whole blocks.
    ///   - loadPerCore: The load average at the start by the number of processors.
    /// - Returns: INVALID if over a fifth of any target's rounds are, or no block is left.
    static func judge(_ rounds: [RoundRecord], loadPerCore: Double) -> Validity {
        let measured = rounds.filter { !$0.isWarmup }
        let invalid = measured.filter { $0.validity.verdict == .invalid }
        let invalidBlocks = Set(invalid.map(\.index))
        let isBlockLeft = measured.contains { !invalidBlocks.contains($0.index) }
        let isTargetLost = Dictionary(grouping: measured, by: \.target).values.contains { rounds in
            rounds.count { $0.validity.verdict == .invalid } * 5 > rounds.count
        }
        var reasons: [String] = []
        for round in measured {
            for reason in round.validity.reasons where !reasons.contains(reason) { reasons.append(reason) }
        }
        if loadPerCore > 1 {
            let load = FixedPoint.text(loadPerCore, decimals: 1)
            reasons.append("the machine was busy at the start (load \(load) per processor)")
        }
        if !measured.isEmpty, isTargetLost || !isBlockLeft {
            return Validity(verdict: .invalid, reasons: reasons)
        }
        return reasons.isEmpty ? Validity() : Validity(verdict: .suspect, reasons: reasons)
    }
}
