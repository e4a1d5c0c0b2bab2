import Glibc
import Measurements

/// What the charts take from a run document.
struct ChartFacts {
    /// Whether a chart can be drawn.
    enum Availability<Content> {
        case drawn(Content)
        /// The run should have what it takes, and has not.
        case missing(String)
        /// The run is of another kind.
        case notApplicable
    }

    let document: RunDocument
    /// The load whose rounds are drawn: the highest of a sweep.
    let load: Load
    /// The targets drawn, the baseline first.
    let targets: [RunDocument.Target]

    /// The most targets that a chart can tell apart.
    private static let mostTargets = 4

    init(of document: RunDocument) {
        self.document = document
        let load = document.loads.last ?? Load(concurrency: document.plan.concurrency.max() ?? 1)
        self.load = load
        targets = Self.chosenTargets(of: document, at: load)
    }

    /// The baseline and the candidates, of more than three those of largest change.
    private static func chosenTargets(
        of document: RunDocument,
        at load: Load
    ) -> [RunDocument.Target] {
        let baseline = document.baseline.map { [$0] } ?? []
        let candidates = document.candidates
        guard candidates.count >= mostTargets else { return baseline + candidates }
        let bySize = candidates.map { target in
            let change = document.result(.throughput, of: target.name, at: load)?.change?.estimate ?? 0
            return (target: target, size: abs(log(max(1e-9, 1 + change))))
        }
        let least = bySize.map(\.size).sorted(by: >)[mostTargets - 2]
        return baseline + bySize.filter { $0.size >= least }.prefix(mostTargets - 1).map(\.target)
    }

    /// What stands around every chart.
    var frame: ChartFrame {
        let grave: [ReportWarning.Code] = [
            .partial, .validity, .dropped, .errors, .timeouts, .noiseUnstable, .debugBuild,
        ]
        return ChartFrame(
            cautions: grave.flatMap { code in document.warnings.filter { $0.code == code }.map(\.text) },
            origin: origin,
            command: "$ \(document.plan.command)"
        )
    }

    private var origin: [String] {
        var parts = ["\(document.tool.name) \(document.tool.version)", document.started.minuteText]
        if let machine = document.environment.first {
            parts.append("\(machine.cpu) × \(machine.cores) \(machine.cores == 1 ? "core" : "cores")")
            // Two numbers are enough for a picture: run.json has the rest.
            let kernel = machine.kernel.split(separator: ".").prefix(2).joined(separator: ".")
            parts += ["Linux \(kernel), \(machine.os)"]
            if machine.sameHost { parts.append("client + server on the same host") }
        }
        return parts
    }

    /// The load in words: `100 uploads at once of a 945 kB PDF`.
    var loadWords: String {
        let plan = document.plan
        let files = Self.description(of: plan.files)
        switch plan.mode {
        case .burst:
            let count = plan.requests ?? load.concurrency
            return count == load.concurrency
                ? "\(Self.uploads(count)) at once of \(files)"
                : "\(Self.uploads(count)), \(load.concurrency) at once, of \(files)"
        case .closed:
            let amount =
                plan.requests.map(Self.uploads)
                ?? "uploads for \(NumberText.limit(plan.durationSeconds ?? 0))"
            return "\(amount), \(load.name), of \(files)"
        case .open:
            let rate = load.rate.map { "\(NumberText.trimmed($0, decimals: 2)) uploads per second" }
            return "\(rate ?? "uploads at \(plan.stages ?? "a rate")") of \(files)"
        }
    }

    static func uploads(_ count: Int) -> String {
        "\(count) \(count == 1 ? "upload" : "uploads")"
    }

    private static func description(of files: [RunDocument.Plan.File]) -> String {
        let total = files.reduce(0) { $0 + $1.bytes }
        let size = bytes(Double(total) / Double(max(1, files.count)))
        if files.count == 1, let file = files.first {
            return "a \(size) \(file.name.lowercased().hasSuffix(".pdf") ? "PDF" : "file")"
        }
        return "\(files.count) files, \(size) on average"
    }

    /// A size as `945 kB`, by powers of 1000.
    private static func bytes(_ count: Double) -> String {
        let units = [("GB", 1e9), ("MB", 1e6), ("kB", 1e3)]
        let unit = units.first { count >= 0.9995 * $0.1 }
        return unit.map { "\(FixedPoint.significant(count / $0.1)) \($0.0)" }
            ?? "\(FixedPoint.text(count, decimals: 0)) B"
    }
}
