import Measurements

/// The lines about a run that every report begins and ends with.
struct ReportFacts {
    private let document: RunDocument

    /// Prepares the lines of a run.
    init(of document: RunDocument) {
        self.document = document
    }

    /// What must stand first: that the run is partial or failed, or why it cannot be trusted; none for a run
    /// that is VALID.
    var headlines: [String] {
        let partial = document.warnings.filter { $0.code == .partial }.map(\.text)
        let validity = document.validity.verdict == .valid ? [] : [document.validity.headline]
        return partial + [failed].compactMap { $0 } + validity
    }

    /// That a target took no upload; what it answered is long, and stands among the warnings.
    private var failed: String? {
        guard case .nothingSucceeded(let targets, let failures, _) = document.failureOfAll else { return nil }
        let brief = ReportError.nothingSucceeded(targets: targets, failures: failures, firstAnswer: nil)
        return "FAILED: \(brief.message)"
    }

    /// How uploads were started, and by which shard: "burst of 100", "burst of 100, shard 1 of 4".
    var load: String {
        wholeLoad + (document.plan.shard.map { ", shard \($0.index) of \($0.count)" } ?? "")
    }

    private var wholeLoad: String {
        let plan = document.plan
        switch plan.mode {
        case .burst: return "burst of \(plan.requests ?? 0)"
        case .closed:
            let flight = plan.concurrency.map { String($0) }.joined(separator: ", ")
            let bound = plan.durationSeconds.map { NumberText.limit($0) } ?? "\(plan.requests ?? 0) uploads"
            return "\(bound), \(flight) in flight"
        case .open:
            let rates = plan.rates.map { "\(NumberText.trimmed($0, decimals: 2))/s" }
            let rate =
                rates.isEmpty
                ? plan.stages ?? "a rate that is not known" : rates.joined(separator: ", ")
            let spread = plan.arrivals.map { ", \($0) arrivals" } ?? ""
            let length =
                plan.stages == nil
                ? plan.durationSeconds.map { " for \(NumberText.limit($0))" }
                    ?? ", \(plan.requests ?? 0) uploads" : ""
            return "open loop at \(rate)\(length)\(spread)"
        }
    }

    /// The files: "sample.pdf (945 kB)".
    var files: String {
        let files = document.plan.files
        let size = NumberText.bytes(
            Int(
                clamping: files.reduce(into: Int64(0)) {
                    $0 = $0.addingReportingOverflow($1.bytes).partialValue
                }
            )
        )
        guard let only = files.first, files.count == 1 else { return "\(files.count) files (\(size))" }
        return "\(only.name) (\(size))"
    }

    /// The measured rounds: "10 interleaved rounds".
    var rounds: String {
        let count = document.plan.rounds
        let kind = document.targets.count > 1 ? "interleaved " : ""
        return "\(count) \(kind)\(count == 1 ? "round" : "rounds")"
    }

    /// The machine and the program, item by item.
    var environment: [String] {
        let tool = document.tool
        let machines = document.environment.flatMap { machine in
            [
                "\(machine.cpu), \(machine.cores) \(machine.cores == 1 ? "core" : "cores")",
                "Linux \(machine.kernel)", machine.os,
                machine.sameHost
                    ? "client and server on the same host" : "client and server on different hosts",
            ]
        }
        let libraries = "\(tool.build), Swift \(tool.swift), libcurl \(tool.curl)"
        return machines + ["\(tool.name) \(tool.version) (\(libraries))"]
    }

    /// What was checked and found, item by item.
    ///
    /// - Parameter noted: What the charts have to say.
    /// - Returns: The items, those of the charts last.
    func checks(noted: [String]) -> [String] {
        let measured = document.rounds.filter { !$0.record.isWarmup }.map(\.record)
        let warmups = Set(document.rounds.filter { $0.record.isWarmup }.map(\.record.block)).count
        var checks = ["\(warmups) warm-up \(warmups == 1 ? "round" : "rounds") dropped", noiseFloor]
        let bursts = measured.compactMap(\.burst)
        if !bursts.isEmpty {
            let opened = bursts.reduce(0) { $0 + $1.openedAfterGo }
            checks.append("\(opened) connections opened after go")
            checks.append(
                "all sent within \(DurationFormat.text(nanoseconds: bursts.map(\.lastSent).max() ?? 0))"
            )
            checks.append("\(bursts.map(\.peakInFlight).min() ?? 0) in flight")
        }
        if let filling = document.loopFilling { checks.append(filling) }
        if let busiest = measured.map(\.client.cores).max() {
            let host = document.environment.allSatisfy(\.sameHost) ? ", same host" : ""
            checks.append("client \(NumberText.share(busiest)) of a core\(host)")
        }
        if let steal = measured.map(\.host.steal).max() { checks.append("steal \(NumberText.share(steal))") }
        checks += document.shards.map { shard in
            let late = shard.late == 0 ? "first" : "\(DurationFormat.text(nanoseconds: shard.late)) late"
            return "shard \(shard.index) of \(shard.count) started \(late)"
        }
        let repeated = Set(measured.filter { $0.attempt > 1 }.map(\.block)).count
        checks.append("\(repeated) \(repeated == 1 ? "block" : "blocks") repeated")
        if let recomputation = document.recomputation { checks.append(recomputation.text) }
        return checks + noted
    }

    private var noiseFloor: String {
        guard document.targets.contains(where: { $0.selfComparisonOf != nil }) else {
            return "noise floor ±\(NumberText.share(NoiseFloor.assumed)) (assumed; --aa measures it)"
        }
        let floor = document.results.first { $0.metric == .throughput && $0.change != nil }?.change?.noise
        return "noise floor ±\(NumberText.share(floor ?? NoiseFloor.assumed)) (measured)"
    }
}
