import Measurements

/// Something that was not the same when two runs were measured.
struct RunDifference: Equatable {
    /// What it is, such as "cpu".
    let name: String
    let was: String
    let now: String
    /// Whether it makes the runs measurements of different work, which nothing can be concluded from.
    let isOfWork: Bool

    /// What stands among the warnings: "cpu: AMD EPYC → Intel Xeon".
    var text: String { "\(name): \(was) → \(now)" }

    /// Everything that differs between two runs.
    ///
    /// - Parameters:
    ///   - before: The run that was measured first.
    ///   - after: The other one.
    /// - Returns: The machine first, then the program, then the load.
    static func all(from before: RunDocument, to after: RunDocument) -> [RunDifference] {
        zip(facts(of: before), facts(of: after)).compactMap { was, now in
            was.identity == now.identity
                ? nil : RunDifference(name: was.name, was: was.value, now: now.value, isOfWork: was.isOfWork)
        }
    }

    private struct Fact {
        let name: String
        /// What is shown of it.
        let value: String
        /// All of it.
        let identity: String
        let isOfWork: Bool

        init(name: String, value: String, identity: String? = nil, isOfWork: Bool = false) {
            self.name = name
            self.value = value
            self.identity = identity ?? value
            self.isOfWork = isOfWork
        }
    }

    /// What two runs must share, in the same order for every run.
    private static func facts(of run: RunDocument) -> [Fact] {
        machine(run) + program(run) + work(run) + settings(run)
    }

    private static func machine(_ run: RunDocument) -> [Fact] {
        func joined(_ value: (RunDocument.Environment) -> String) -> String {
            run.environment.map(value).reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
                .joined(separator: ", ")
        }
        return [
            Fact(name: "cpu", value: joined(\.cpu)),
            Fact(name: "cores", value: joined { String($0.cores) }),
            Fact(name: "memory", value: joined { NumberText.bytes(Int(clamping: $0.memoryBytes)) }),
            Fact(name: "kernel", value: joined(\.kernel)),
            Fact(name: "distribution", value: joined(\.os)),
            Fact(name: "governor", value: joined { $0.governor ?? "not known" }),
            Fact(name: "cpu quota", value: joined { $0.cpuQuota.map(number) ?? "none" }),
        ]
    }

    private static func program(_ run: RunDocument) -> [Fact] {
        [
            Fact(name: "build", value: run.tool.build),
            Fact(name: "version", value: "\(run.tool.name) \(run.tool.version)"),
        ]
    }

    private static func work(_ run: RunDocument) -> [Fact] {
        let plan = run.plan
        let files = plan.files.map { "\($0.name) (\($0.sha256.prefix(12)))" }
        let shown = files.prefix(3) + (files.count > 3 ? ["and \(files.count - 3) more"] : [])
        return [
            Fact(
                name: "files",
                value: shown.joined(separator: ", "),
                identity: plan.files.map(\.sha256).joined(separator: " "),
                isOfWork: true
            ),
            Fact(name: "requests", value: plan.requests.map { String($0) } ?? "none", isOfWork: true),
            Fact(
                name: "concurrency",
                value: plan.concurrency.map { String($0) }.joined(separator: ", "),
                isOfWork: true
            ),
            Fact(
                name: "rate",
                value: plan.rates.isEmpty
                    ? plan.stages ?? "none" : plan.rates.map { "\(number($0))/s" }.joined(separator: ", "),
                isOfWork: true
            ),
        ]
    }

    private static func settings(_ run: RunDocument) -> [Fact] {
        let plan = run.plan
        return [
            Fact(name: "mode", value: plan.mode.rawValue),
            Fact(name: "duration", value: plan.durationSeconds.map { NumberText.limit($0) } ?? "none"),
            Fact(name: "rounds", value: String(plan.rounds)),
            Fact(name: "timeout", value: NumberText.limit(plan.timeoutSeconds)),
            Fact(name: "http", value: plan.http),
            Fact(name: "connections", value: plan.connections.rawValue),
            Fact(name: "loops", value: plan.server.map { String($0.loops) } ?? "none"),
            Fact(name: "workers", value: plan.server.map { String($0.workers) } ?? "none"),
            Fact(name: "store", value: plan.server?.store ?? "none"),
        ]
    }

    private static func number(_ value: Double) -> String { NumberText.trimmed(value, decimals: 2) }
}
