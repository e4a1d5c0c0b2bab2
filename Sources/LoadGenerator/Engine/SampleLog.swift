import Measurements

/// The uploads of one shard that have ended, in the order they did, with what their heads said.
struct SampleLog: Sendable {
    private var samples: [Sample] = []
    private var sequences: [Int] = []
    private var stages = StageNotes()
    /// How late each upload was sent, for those that were.
    private(set) var lags: [Nanoseconds] = []
    /// When the last upload ended, from go.
    private(set) var end: Nanoseconds = 0

    /// Makes room, so that nothing is allocated while uploads run.
    ///
    /// - Parameter uploads: How many are expected.
    init(uploads: Int) {
        samples.reserveCapacity(uploads)
        sequences.reserveCapacity(uploads)
        lags.reserveCapacity(uploads)
        stages.reserve(uploads)
    }

    /// Takes over an upload that is over, or that never began.
    ///
    /// - Parameters:
    ///   - sample: The upload.
    ///   - sequence: Its place in the schedule.
    ///   - lag: How late it was sent; nil if it was not.
    ///   - timing: What its head said of the server's work.
    mutating func take(_ sample: Sample, sequence: Int, lag: Nanoseconds?, timing: [UInt8]) {
        stages.keep(timing, for: samples.count)
        samples.append(sample)
        sequences.append(sequence)
        if let lag { lags.append(lag) }
        end = max(end, sample.done)
    }

    /// The uploads of all shards by their place in the schedule, the server's stages placed on their clock.
    ///
    /// - Parameters:
    ///   - logs: The shards' logs.
    ///   - go: The round's go on the monotonic clock.
    /// - Returns: The uploads.
    static func merged(_ logs: [SampleLog], go: Nanoseconds) -> [Sample] {
        let boot = bootPrefix()
        var numbered: [(sequence: Int, sample: Sample)] = []
        numbered.reserveCapacity(logs.reduce(0) { $0 + $1.samples.count })
        for log in logs {
            for (place, sample) in log.samples.enumerated() {
                var sample = sample
                if let timing = log.stages.timing(of: place) {
                    sample.stages = timing.stages(go: go, boot: boot, firstByte: sample.firstByte)
                }
                numbered.append((log.sequences[place], sample))
            }
        }
        return numbered.sorted { $0.sequence < $1.sequence }.map(\.sample)
    }
}

/// The lines of heads that say what the server did, kept as they came until the round is over.
private struct StageNotes: Sendable {
    private var text: [UInt8] = []
    private var ranges: [Range<Int>?] = []

    mutating func reserve(_ uploads: Int) {
        ranges.reserveCapacity(uploads)
        text.reserveCapacity(uploads * 256)
    }

    mutating func keep(_ lines: [UInt8], for place: Int) {
        guard !lines.isEmpty else { return }
        while ranges.count <= place { ranges.append(nil) }
        ranges[place] = text.count..<text.count + lines.count
        text.append(contentsOf: lines)
    }

    func timing(of place: Int) -> ServerTiming? {
        guard ranges.indices.contains(place), let range = ranges[place] else { return nil }
        return ServerTiming(head: String(decoding: text[range], as: UTF8.self))
    }
}

/// The first 8 hex digits of this boot's id, which a server on this machine names too.
private func bootPrefix() -> String? {
    readSmallFile("/proc/sys/kernel/random/boot_id").map { String($0.prefix(8)).lowercased() }
}
