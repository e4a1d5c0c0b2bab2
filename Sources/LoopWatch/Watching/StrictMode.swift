import CLoopProbe

/// Strict mode: calls that may block, told by the threads that make them.
enum StrictMode {
    /// What of strict mode is missing in this process.
    ///
    /// - Parameter strictness: What was asked for.
    /// - Returns: Sentences; none if nothing was asked for or nothing is missing.
    static func notes(for strictness: Strictness) -> [String] {
        guard strictness != .off else { return [] }
        var names = [CChar](repeating: 0, count: 1024)
        let unseen = lp_unseen_calls(&names, names.count)
        let text = String(decoding: names.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        return notes(unseen: unseen, names: text)
    }

    /// What is missing, from what the probe says.
    ///
    /// - Parameters:
    ///   - unseen: How many calls it can't see; negative if it sees none.
    ///   - names: Their names.
    /// - Returns: Sentences; none if it sees all.
    static func notes(unseen: Int32, names: String) -> [String] {
        switch unseen {
        case 0: []
        case ..<0: ["strict mode finds nothing: calls can't be seen in this process"]
        default: ["strict mode doesn't see \(names): other functions bear these names in this process"]
        }
    }

    /// What was lost.
    ///
    /// - Parameter count: How many calls were dropped.
    /// - Returns: A sentence; none if nothing was lost.
    static func notes(dropped count: Int) -> [String] {
        count == 0 ? [] : ["strict mode lost \(count) calls: too many came at once"]
    }

    /// Leaves of each place the first call alone: another watcher may have had it told anew.
    ///
    /// - Parameter told: Intervals and calls, in the order they were told.
    /// - Returns: The intervals, and a call for each place.
    static func once(_ told: [RawInterval]) -> [RawInterval] {
        var sites: Set<BlockingCall.Site> = []
        return told.filter { interval in interval.call.map { sites.insert($0.site).inserted } ?? true }
    }
}

/// What makes two calls one for a reader: the line and what it called, whatever led there.
enum CallPlace: Hashable {
    case named(call: String?, Blame.Key)
    /// Without names only the stack tells places apart.
    case stack(call: String?, [UInt64])

    /// The place of a call.
    ///
    /// - Parameter block: The call, with its stack.
    init(_ block: LoopBlock) {
        let frames = block.samples.first?.frames ?? []
        self =
            frames.contains { $0.function != nil }
            ? .named(call: block.call, Blame.Key(frame: block.blame, callee: block.callee))
            : .stack(call: block.call, frames.map(\.address))
    }
}

/// The places of calls that a detector has told, and how often they have been called since.
struct CallLog: Sendable {
    private var places: [CallPlace: Int] = [:]
    private var calls: [Int: [BlockingCall]] = [:]

    /// Notes a call.
    ///
    /// - Parameters:
    ///   - call: The call; nil for a busy interval.
    ///   - blocks: What was found of it.
    ///   - id: The number that its block would get.
    /// - Returns: Whether it is to be told: its place is new, or it is a busy interval.
    mutating func isNew(_ call: BlockingCall?, _ blocks: [LoopBlock], id: Int) -> Bool {
        guard let call, let block = blocks.first else { return true }
        let place = CallPlace(block)
        guard let known = places[place] else {
            places[place] = id
            calls[id] = [call]
            return true
        }
        // Nil once the block has been dropped.
        if calls[known]?.contains(where: { $0.site == call.site }) == false { calls[known]?.append(call) }
        return false
    }

    /// Counts no more for a block that is no longer kept.
    ///
    /// - Parameter id: Its number.
    mutating func forget(_ id: Int) { calls[id] = nil }

    /// A block with the number of its calls until now.
    ///
    /// - Parameter block: The block.
    /// - Returns: The same for a busy interval.
    func counted(_ block: LoopBlock) -> LoopBlock {
        guard let calls = calls[block.id] else { return block }
        var block = block
        block.calls = calls.reduce(0) { $0 + $1.count }
        return block
    }
}

extension Strictness {
    /// As the probe has it.
    var level: Int32 {
        switch self {
        case .off: LP_STRICT_OFF.level
        case .calls: LP_STRICT_CALLS.level
        case .callsAndFiles: LP_STRICT_FILES.level
        }
    }
}

extension lp_strictness {
    fileprivate var level: Int32 { Int32(rawValue) }
}
