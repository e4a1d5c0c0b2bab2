import Measurements

/// What decides whether a round can be trusted.
struct VerdictInputs {
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
    /// How many uploads there were, and how many of them waited in vain for a `100 Continue`.
    var uploads = 0
    var waitsForContinue = 0
    /// The mean number of uploads in flight over that which a closed loop by time keeps; nil for other loads.
    var filling: Double?
    /// Uploads a second that the schedule asked for, and that were sent meanwhile; nil unless the loop is open.
    var rate: (asked: Double, sent: Double)?
    /// Body bytes that were sent, and those that the server counted; nil where no one counts.
    var claimedBytes: UInt64 = 0
    var countedBytes: UInt64?
    /// What the machine did meanwhile.
    var host = HostHealth(steal: 0, others: nil, pagesSwapped: 0)
}

/// The verdict on one round, a pure function of what was measured.
struct ClientVerdict: Equatable {
    /// Why a round is not to be trusted without more ado.
    struct Reason: Equatable {
        /// What was judged: reasons of one kind differ only in their figures.
        enum Kind: Equatable {
            case sendLag, rate, busiestThread, clientShare, openedAfterGo, peakInFlight, continues, filling,
                bytes
            case steal, others, swapping

            /// Whether it comes from outside the generator and the server.
            var isDisturbance: Bool { [.steal, .others, .swapping].contains(self) }
        }

        let kind: Kind
        /// How bad it was, to be compared within the kind.
        let severity: Double
        /// What the reports say, such as "steal 3.4 %".
        let text: String
    }

    /// The share of the asked rate that must be sent, or answered.
    static let leastRate = 0.97

    /// What other processes may use of the machine.
    static let othersLimit = 0.1

    /// The worst there was.
    private(set) var verdict = Validity.Verdict.valid
    /// Why it is not valid.
    private(set) var reasons: [Reason] = []

    /// Whether the round can be trusted, and why not.
    var validity: Validity { Validity(verdict: verdict, reasons: reasons.map(\.text)) }

    /// Short reasons that come from outside the generator and the server: the block is worth repeating.
    var disturbances: [String] { reasons.filter(\.kind.isDisturbance).map(\.text) }

    /// Judges a round.
    ///
    /// - Parameter inputs: What was measured.
    init(_ inputs: VerdictInputs) {
        judgeSending(inputs)
        judgeProcessors(inputs)
        judgeBurst(inputs)
        judgeContinues(inputs)
        judgeFilling(inputs)
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
        if isInvalid, let rate = inputs.rate, rate.sent < Self.leastRate * rate.asked {
            let (asked, sent) = (FixedPoint.significant(rate.asked), FixedPoint.significant(rate.sent))
            add(
                .invalid,
                -rate.sent / rate.asked,
                .rate,
                "asked for \(asked)/s, sent \(sent)/s; the client was late. Lower --rate or add --threads."
            )
            return
        }
        add(
            isInvalid ? .invalid : .suspect,
            Double(lag),
            .sendLag,
            "the client was late (send lag p99 \(DurationFormat.text(nanoseconds: lag)), limit "
                + "\(DurationFormat.text(seconds: (isInvalid ? invalid : suspect) / 1e9)))"
        )
    }

    private mutating func judgeProcessors(_ inputs: VerdictInputs) {
        judge(.busiestThread, inputs.busiestThread, suspect: 0.8, invalid: 0.95) { share, limit in
            "the client's thread was busy for \(share) of the round, limit \(limit)"
        }
        guard inputs.isServerOnSameHost else { return }
        let share = inputs.clientCores / Double(inputs.machineCores)
        judge(.clientShare, share, suspect: 0.2, invalid: 0.5) { share, limit in
            "the client used \(share) of the machine it shares with the server, limit \(limit)"
        }
    }

    private mutating func judgeBurst(_ inputs: VerdictInputs) {
        guard let burst = inputs.burst, inputs.burstSize > 0 else { return }
        if burst.openedAfterGo > 0, !inputs.connectsInside {
            let isInvalid = burst.openedAfterGo * 100 > inputs.burstSize
            add(
                isInvalid ? .invalid : .suspect,
                Double(burst.openedAfterGo),
                .openedAfterGo,
                "\(burst.openedAfterGo) of \(inputs.burstSize) connections were opened after go"
            )
        }
        // In hundredths, so that a limit itself is exact.
        let peak = burst.peakInFlight * 100
        if peak < 95 * inputs.burstSize {
            add(
                peak < 50 * inputs.burstSize ? .invalid : .suspect,
                -Double(peak),
                .peakInFlight,
                "only \(burst.peakInFlight) of \(inputs.burstSize) uploads were in flight at one time"
            )
        }
    }

    /// libcurl waits a second for a `100 Continue`, and then sends the body all the same.
    private mutating func judgeContinues(_ inputs: VerdictInputs) {
        let waits = inputs.waitsForContinue
        guard waits > 0 else { return }
        add(
            waits * 100 > inputs.uploads ? .invalid : .suspect,
            Double(waits),
            .continues,
            "\(waits) of \(inputs.uploads) uploads waited 1 s for a 100 Continue"
        )
    }

    /// By Little's law throughput times mean response time is the mean number in flight: a closed loop that
    /// holds fewer was not kept full, and measured the client's pauses.
    private mutating func judgeFilling(_ inputs: VerdictInputs) {
        guard let filling = inputs.filling else { return }
        let held = percent(filling)
        // Without the last digits, so that a limit itself is exact.
        let off = (abs(filling - 1) * 1e9).rounded() / 1e9
        judge(.filling, off, suspect: 0.05, invalid: 0.2) { _, limit in
            "the closed loop held \(held) of its uploads in flight, limit ±\(limit)"
        }
    }

    private mutating func judgeBytes(_ inputs: VerdictInputs) {
        guard let counted = inputs.countedBytes, counted != inputs.claimedBytes else { return }
        let text = "the server received \(counted) body bytes, the client sent \(inputs.claimedBytes)"
        add(.invalid, Double(counted) - Double(inputs.claimedBytes), .bytes, text)
    }

    private mutating func judgeHost(_ host: HostHealth) {
        judge(.steal, host.steal, suspect: 0.01, invalid: 0.1) { share, _ in "steal \(share)" }
        judge(.others, host.others ?? 0, suspect: Self.othersLimit, invalid: 0.3) { share, _ in
            "other processes \(share)"
        }
        if host.pagesSwapped > 0 {
            let verdict: Validity.Verdict = host.pagesSwapped > 1000 ? .invalid : .suspect
            add(verdict, Double(host.pagesSwapped), .swapping, "swapping")
        }
    }

    private mutating func judge(
        _ kind: Reason.Kind,
        _ value: Double,
        suspect: Double,
        invalid: Double,
        text: (_ value: String, _ limit: String) -> String
    ) {
        guard value > suspect else { return }
        let isInvalid = value > invalid
        let limit = isInvalid ? invalid : suspect
        add(isInvalid ? .invalid : .suspect, value, kind, text(percent(value), percent(limit)))
    }

    private mutating func add(
        _ verdict: Validity.Verdict,
        _ severity: Double,
        _ kind: Reason.Kind,
        _ text: String
    ) {
        self.verdict = max(self.verdict, verdict)
        reasons.append(Reason(kind: kind, severity: severity, text: text))
    }

    private func percent(_ share: Double) -> String {
        "\(FixedPoint.text(share * 100, decimals: FixedPoint.decimals(for: share * 100))) %"
    }
}

/// The verdict on a whole run.
enum RunVerdict {
    /// The load average by processor that a run may start at.
    static let highestLoad = 1.0

    /// Judges a run by its measured rounds.
    ///
    /// - Parameters:
    ///   - rounds: The rounds of all whole blocks.
    ///   - reasons: The reasons of all those that are not valid.
    ///   - loadPerCore: The load average at the start by the number of processors.
    /// - Returns: INVALID if over a fifth of any target's rounds are, or no block is left.
    static func judge(
        _ rounds: [RoundRecord],
        reasons: [ClientVerdict.Reason],
        loadPerCore: Double
    ) -> Validity {
        let measured = rounds.filter { !$0.isWarmup }
        let invalid = measured.filter { $0.validity.verdict == .invalid }
        let invalidBlocks = Set(invalid.map(\.block))
        let isBlockLeft = measured.contains { !invalidBlocks.contains($0.block) }
        let isTargetLost = Dictionary(grouping: measured, by: \.target).values.contains { rounds in
            rounds.count { $0.validity.verdict == .invalid } * 5 > rounds.count
        }
        var reasons = grouped(reasons)
        if loadPerCore > highestLoad {
            let load = FixedPoint.text(loadPerCore, decimals: 1)
            reasons.append("the machine was busy at the start (load \(load) per processor)")
        }
        if !measured.isEmpty, isTargetLost || !isBlockLeft {
            return Validity(verdict: .invalid, reasons: reasons)
        }
        let isSound = measured.allSatisfy { $0.validity.verdict == .valid } && reasons.isEmpty
        return Validity(verdict: isSound ? .valid : .suspect, reasons: reasons)
    }

    /// The worst reason of each kind, and in how many rounds there was one.
    private static func grouped(_ reasons: [ClientVerdict.Reason]) -> [String] {
        var groups: [(worst: ClientVerdict.Reason, count: Int)] = []
        for reason in reasons {
            guard let place = groups.firstIndex(where: { $0.worst.kind == reason.kind }) else {
                groups.append((reason, 1))
                continue
            }
            groups[place].count += 1
            if reason.severity > groups[place].worst.severity { groups[place].worst = reason }
        }
        return groups.map {
            $0.count == 1 ? $0.worst.text : "\($0.worst.text) in the worst of \($0.count) rounds"
        }
    }
}
