package import Measurements

/// That an event loop looks blocked from outside: a cheap request waits long though the machine has time left.
package struct BlockedLoopFinding: Sendable, Equatable {
    /// How many times slower than without load the probe must be.
    package static let leastFactor = 10.0
    /// From which wait on it matters, in seconds.
    package static let leastWait = 0.05
    /// The share of the machine's processors that must be free, where they are the server's too.
    package static let leastFree = 0.1

    package var target: String
    package var load: Load
    /// The probe's p99 while uploads ran, in seconds: the median of the counted rounds.
    package var loaded: Double
    /// Its p99 before any upload, in seconds.
    package var idle: Double
    /// The share of the machine that was free meanwhile; nil where the server has another one.
    package var free: Double?
    /// The sentence.
    package var text: String

    /// Whether figures show a blocked loop.
    ///
    /// A busy machine delays everything, so on the same host some of it must be free: of another host nothing
    /// is known.
    ///
    /// - Parameters:
    ///   - loaded: The probe's p99 under load, in seconds.
    ///   - idle: Its p99 without load, in seconds.
    ///   - free: The share of the machine that was free; nil if it is not known.
    ///   - isSameHost: Whether the server shares the machine.
    /// - Returns: Whether all limits are reached.
    package static func isShown(loaded: Double, idle: Double, free: Double?, isSameHost: Bool) -> Bool {
        guard loaded >= leastWait, loaded >= leastFactor * idle else { return false }
        return !isSameHost || (free ?? 0) >= leastFree
    }
}

extension RunDocument {
    /// The targets whose event loop looks blocked, by load.
    package var blockedLoops: [BlockedLoopFinding] {
        guard let path = plan.probe?.path else { return [] }
        let isSameHost = environment.allSatisfy(\.sameHost)
        return loads.flatMap { load in
            let rounds = countedRounds(at: load)
            return comparedTargets.compactMap { target -> BlockedLoopFinding? in
                guard let idle = target.idleProbe.map({ Double($0.p99) / 1e9 }),
                    let level = result(.probe(.percentile(.p99)), of: target.name, at: load)?.level
                else { return nil }
                let loaded = level.value
                let shares = rounds.filter { $0.record.target == target.name }.compactMap(\.record.host.idle)
                let free = isSameHost ? RoundLevel.median(shares) : nil
                let isShown = BlockedLoopFinding.isShown(
                    loaded: loaded,
                    idle: idle,
                    free: free,
                    isSameHost: isSameHost
                )
                guard isShown else { return nil }
                let flight = plan.isSweep ? " \(load.phrase)" : ""
                let bound = level.isCensored ? "≥ " : ""
                let rest = free.map { ", and \(NumberText.rounded($0)) of the CPU was free" } ?? ""
                return BlockedLoopFinding(
                    target: target.name,
                    load: load,
                    loaded: loaded,
                    idle: idle,
                    free: free,
                    text: "\(target.name)\(flight): the event loop looks blocked: GET \(path) took "
                        + "\(bound)\(DurationFormat.text(seconds: loaded)) (p99) while uploads ran, "
                        + "\(DurationFormat.text(seconds: idle)) before them\(rest)"
                )
            }
        }
    }
}

extension BlockedLoopFinding {
    /// Writes the finding.
    func write(_ json: inout JSONWriter) {
        json.object { json in
            json.field("code", "loop_looks_blocked")
            json.field("target", target)
            load.write(&json)
            json.field("probe_p99_s", loaded)
            json.field("idle_p99_s", idle)
            json.field("cpu_free", free)
            json.field("text", text)
        }
    }
}
