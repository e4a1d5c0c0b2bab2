import Synchronization

/// A stage of an upload, as clients see it in `Server-Timing`.
enum Stage: Sendable, Equatable {
    case receive
    case queue
    case pdf
    case open
    case text
    case images
    case store
    case put(Int)
    case cleanup
    case total

    var name: String {
        switch self {
        case .receive: "receive"
        case .queue: "queue"
        case .pdf: "pdf"
        case .open: "open"
        case .text: "text"
        case .images: "images"
        case .store: "store"
        case .put(let image): "put-\(image)"
        case .cleanup: "cleanup"
        case .total: "total"
        }
    }
}

/// When each stage of one upload ran, on CLOCK_MONOTONIC.
///
/// Written by whichever thread does the stage.
package final class StageTimer: Sendable {
    struct Segment: Sendable, Equatable {
        var stage: Stage
        var start: UInt64
        var end: UInt64
    }

    /// The time stages are counted from, in nanoseconds: when the request began to arrive.
    let zero: UInt64

    private let segments = Mutex<[Segment]>([])
    private let now: @Sendable () -> UInt64

    /// Starts counting.
    ///
    /// - Parameters:
    ///   - zero: The time stages are counted from, in nanoseconds of the clock.
    ///   - now: The clock, in nanoseconds.
    package init(zero: UInt64, now: @escaping @Sendable () -> UInt64) {
        self.zero = zero
        self.now = now
    }

    /// Adds a stage whose times are known.
    ///
    /// - Parameters:
    ///   - stage: What was done.
    ///   - start: Its begin, in nanoseconds of the clock.
    ///   - end: Its end on the same clock; now if it has just ended.
    func record(_ stage: Stage, from start: UInt64, to end: UInt64? = nil) {
        let segment = Segment(stage: stage, start: start, end: end ?? now())
        segments.withLock { $0.append(segment) }
    }

    /// Times a stage, also one that fails.
    ///
    /// - Parameters:
    ///   - stage: What is done.
    ///   - work: Does it.
    /// - Returns: What the work returns.
    /// - Throws: What the work throws.
    func measure<Value>(_ stage: Stage, _ work: () throws -> Value) rethrows -> Value {
        let start = now()
        defer { record(stage, from: start) }
        return try work()
    }

    /// Times a stage, also one that fails.
    ///
    /// - Parameters:
    ///   - stage: What is done.
    ///   - work: Does it.
    /// - Returns: What the work returns.
    /// - Throws: What the work throws.
    nonisolated(nonsending) func measure<Value>(
        _ stage: Stage,
        _ work: () async throws -> Value
    ) async rethrows -> Value {
        let start = now()
        defer { record(stage, from: start) }
        return try await work()
    }

    /// The stages so far, in the order of their ends.
    var recorded: [Segment] { segments.withLock { $0 } }

    /// Now, in nanoseconds of the clock.
    func time() -> UInt64 { now() }

    /// The value of a `Server-Timing` header: `name;start=MS;dur=MS` in order of start.
    ///
    /// `start` is an extension parameter, which parsers ignore by rule. Puts after the first 32, and what
    /// doesn't fit into 64 entries or 4 KiB, are left out.
    ///
    /// - Returns: The header's value, `total` included, which ends now.
    func serverTiming() -> String {
        record(.total, from: zero)
        let sorted = segments.withLock { $0 }
            .filter { if case .put(let image) = $0.stage { image < 32 } else { true } }
            .enumerated()
            .sorted { ($0.element.start, $0.offset) < ($1.element.start, $1.offset) }
        var text: [UInt8] = []
        text.reserveCapacity(1024)
        for (count, (_, segment)) in sorted.prefix(64).enumerated() {
            let before = text.count
            if count > 0 { text.append(contentsOf: ", ".utf8) }
            text.append(contentsOf: segment.stage.name.utf8)
            text.append(contentsOf: ";start=".utf8)
            text.appendMilliseconds(segment.start > zero ? segment.start - zero : 0)
            text.append(contentsOf: ";dur=".utf8)
            text.appendMilliseconds(segment.end > segment.start ? segment.end - segment.start : 0)
            if text.count > 4096 {
                text.removeSubrange(before...)
                break
            }
        }
        return String(decoding: text, as: UTF8.self)
    }
}

extension [UInt8] {
    /// Appends nanoseconds as milliseconds with three decimals.
    fileprivate mutating func appendMilliseconds(_ nanoseconds: UInt64) {
        let microseconds = (nanoseconds + 500) / 1000
        append(contentsOf: String(microseconds / 1000).utf8)
        append(UInt8(ascii: "."))
        for divisor: UInt64 in [100, 10, 1] {
            append(UInt8(ascii: "0") + UInt8(microseconds / divisor % 10))
        }
    }
}
