/// Writes blocks for people: errors, warnings, logs and snapshots have this one form.
package struct BlockText {
    /// More blocks than this are shown by cause first, then the longest of them.
    package static let most = 20
    private static let causeWidth = 74
    /// Of a shorter call the shares would all read as nothing.
    private static let leastSplit = Duration.milliseconds(1)

    private let blocks: [LoopBlock]
    private let foldsForeign: Bool

    /// Prepares blocks.
    ///
    /// - Parameters:
    ///   - blocks: The blocks, in order of their start.
    ///   - foldsForeign: Whether frames of dependencies and the toolchain are counted instead of shown.
    package init(_ blocks: [LoopBlock], foldsForeign: Bool) {
        self.blocks = blocks
        self.foldsForeign = foldsForeign
    }

    /// `2 loop blocks and 1 blocking call, 60.5 ms blocked`; time in a call within a block counts once.
    package var headline: String {
        let total = blocks.ofTheirOwnTime.reduce(Duration.zero) { $0 + $1.blocked }
        let calls = blocks.count { $0.kind == .blockingCall }
        let counts = [
            blocks.count == calls ? nil : Self.count(blocks.count - calls, "loop block"),
            calls == 0 ? nil : Self.count(calls, "blocking call"),
        ]
        return blocks.isEmpty
            ? "no loop blocks"
            : "\(counts.compactMap(\.self).joined(separator: " and ")), \(total.shortText) blocked"
    }

    /// The blocks, each after an empty line.
    package var lines: [String] {
        guard blocks.count > Self.most else { return intervals.flatMap { [""] + lines(of: $0) } }
        let longest = blocks.enumerated().sorted { first, second in
            (second.element.blocked, first.offset) < (first.element.blocked, second.offset)
        }
        let shown = longest.prefix(Self.most).flatMap { [""] + lines(of: [$0.element]) }
        return groupLines + ["", "the \(Self.most) longest of \(blocks.count):"] + shown
    }

    /// What the marks mean, and how loops and pool were watched.
    ///
    /// - Parameter methods: The methods; `nil` if they aren't known.
    /// - Returns: The lines.
    package static func legend(_ methods: Methods?) -> [String] {
        let marks = "  \"~\" async caller, \"=\" inlined."
        guard let methods else { return [marks] }
        let notes = methods.notes.map { "  note: \($0)" }
        return ["\(marks) watched: \(loops(methods.loops)), \(pool(methods.pool))"] + notes
    }

    private static func loops(_ method: Methods.Loops) -> String {
        method == .none ? "no loops" : "loops by \(method.rawValue)"
    }

    private static func pool(_ method: Methods.Pool) -> String {
        method == .none ? "pool not" : "pool by \(method.rawValue)"
    }

    /// The blocks, those of one interval together.
    private var intervals: [[LoopBlock]] {
        blocks.reduce(into: []) { intervals, block in
            if let last = intervals.last?.last, last.interval == block.interval, last.kind == block.kind,
                last.threadID == block.threadID
            {
                intervals[intervals.count - 1].append(block)
            } else {
                intervals.append([block])
            }
        }
    }

    private var groupLines: [String] {
        ["", "by cause:"]
            + StackGroup.groups(of: blocks).map { group in
                let count = Self.count(group.count, group.call == nil ? "block" : "call")
                let cause = StackFrame.causeText(group.blame, group.callee)
                return "  \(count), \(group.total.shortText), longest \(group.longest.shortText)  \(cause)"
            }
    }

    private func lines(of parts: [LoopBlock]) -> [String] {
        guard let first = parts.first else { return [] }
        guard first.kind != .blockingCall else {
            let isShort = first.duration < Self.leastSplit
            return [callTitle(first)] + (isShort ? [] : split(first))
                + ["  \(first.causeText)"] + stack(first) + notes(parts)
        }
        guard parts.count > 1 else {
            return [title(parts)] + split(first) + [cause(first, start: "  ")] + stack(first) + notes(parts)
        }
        let each = parts.flatMap { part in
            [cause(part, start: "  part \(part.part): \(part.duration.shortText) ")] + stack(part)
        }
        return [title(parts)] + split(Self.whole(parts, first)) + each + notes(parts)
    }

    private func title(_ parts: [LoopBlock]) -> String {
        guard let first = parts.first else { return "" }
        let numbers = parts.map { String($0.id) }.joined(separator: ", ")
        let busy = parts.reduce(Duration.zero) { $0 + $1.duration }
        var text =
            "\(parts.count == 1 ? "block" : "blocks") \(numbers): \(first.thread) busy \(busy.shortText)"
        if parts.count > 1 {
            text += " in \(parts.count) parts"
        } else if first.parts > 1 {
            text += " (part \(first.part) of \(first.parts))"
        }
        text += ", threshold \(first.threshold.shortText)"
        if let task = first.task { text += ", task \"\(task)\"" }
        if parts.contains(where: \.isOngoing) { text += ", still busy" }
        return text
    }

    /// `block 3: blocking call read on pool-3, 0.2 ms, made 12 times`.
    private func callTitle(_ block: LoopBlock) -> String {
        var text = "block \(block.id): blocking call \(block.call ?? "?") on \(block.thread)"
        text += ", \(block.duration.shortText)"
        if let calls = block.calls, calls > 1 { text += ", made \(calls) times" }
        if let task = block.task { text += ", task \"\(task)\"" }
        return text
    }

    /// The interval's own share of everything, as if it were one block.
    private static func whole(_ parts: [LoopBlock], _ first: LoopBlock) -> LoopBlock {
        var whole = first
        for part in parts.dropFirst() {
            whole.cpu += part.cpu
            whole.waiting += part.waiting
            whole.notScheduled += part.notScheduled
            if part.call != whole.call { whole.call = nil }
        }
        return whole
    }

    private func split(_ block: LoopBlock) -> [String] {
        let call = block.call.map { " in \($0)" } ?? ""
        return switch block.split {
        case .full:
            [
                "  \(block.cpu.shortText) cpu + \(block.waiting.shortText) waiting\(call)"
                    + " + \(block.notScheduled.shortText) not scheduled"
            ]
        case .cpuOnly:
            ["  \(block.cpu.shortText) cpu + \(block.waiting.shortText) waiting\(call) or not scheduled"]
        case .unknown: []
        }
    }

    private func cause(_ block: LoopBlock, start: String) -> String {
        let samples = block.timelySamples
        guard !samples.isEmpty else { return start + block.causeText }
        let stacks = Set(samples.map(\.frames)).count
        let counts = "\(Self.count(samples.count, "sample")), \(Self.count(stacks, "stack"))"
        return "\((start + block.causeText).padded(after: Self.causeWidth))  \(counts)"
    }

    private func stack(_ block: LoopBlock) -> [String] {
        StackText(block.commonStack ?? [], foldsForeign: foldsForeign).lines.map { "    \($0)" }
    }

    private func notes(_ parts: [LoopBlock]) -> [String] {
        var notes: [String] = []
        for note in parts.compactMap(\.note) where !notes.contains(note) {
            notes.append(note)
        }
        return notes.map { "  note: \($0)" }
    }

    private static func count(_ number: Int, _ noun: String) -> String {
        number == 1 ? "1 \(noun)" : "\(number) \(noun)s"
    }
}
