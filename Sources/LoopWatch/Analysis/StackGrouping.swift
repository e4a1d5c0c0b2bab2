extension StackGroup {
    private struct Key: Hashable {
        let blame: Blame.Key
        let call: String?
    }

    /// Puts blocks with one blame and callee together, calls that may block apart from busy intervals.
    ///
    /// - Parameter blocks: The blocks.
    /// - Returns: The groups, longest total first, of equal ones the earlier.
    package static func groups(of blocks: [LoopBlock]) -> [StackGroup] {
        var order: [Key] = []
        var members: [Key: [LoopBlock]] = [:]
        for block in blocks {
            let key = Key(
                blame: Blame.Key(frame: block.blame, callee: block.callee),
                call: block.kind == .blockingCall ? block.call ?? "" : nil
            )
            if members[key] == nil { order.append(key) }
            members[key, default: []].append(block)
        }
        let groups = order.compactMap { key in members[key].flatMap(group(of:)) }
        // The offset keeps equal groups in order: sorting alone doesn't promise to.
        return groups.enumerated().sorted { first, second in
            (second.element.total, first.offset) < (first.element.total, second.offset)
        }.map(\.element)
    }

    private static func group(of blocks: [LoopBlock]) -> StackGroup? {
        guard let first = blocks.first else { return nil }
        let longest = blocks.dropFirst().reduce(first) { $1.blocked > $0.blocked ? $1 : $0 }
        return StackGroup(
            blame: longest.blame,
            callee: longest.callee,
            stack: longest.commonStack ?? [],
            call: longest.kind == .blockingCall ? longest.call : nil,
            count: blocks.reduce(0) { $0 + ($1.calls ?? 1) },
            total: blocks.reduce(.zero) { $0 + $1.blocked },
            longest: longest.blocked,
            ids: blocks.map(\.id).sorted()
        )
    }
}

extension Sequence<LoopBlock> {
    /// The blocks without the calls inside one of the others, whose time would count twice.
    package var ofTheirOwnTime: [LoopBlock] {
        let intervals = filter { $0.kind != .blockingCall }
        return filter { block in
            block.kind != .blockingCall
                || !intervals.contains { interval in
                    interval.threadID == block.threadID && interval.start <= block.start
                        && block.start < interval.start + interval.duration
                }
        }
    }
}

extension LoopBlock {
    /// The samples that can be blamed.
    package var timelySamples: [StackSample] { samples.filter { !$0.isLate } }

    /// The stack that most samples have, of equal ones the earliest; `nil` without samples.
    package var commonStack: [StackFrame]? {
        let stacks = timelySamples.map(\.frames)
        let counts = Dictionary(stacks.map { ($0, 1) }, uniquingKeysWith: +)
        let most = counts.values.max()
        return stacks.first { counts[$0] == most }
    }
}

extension Snapshot {
    /// The blocks by cause, longest total first.
    public var groups: [StackGroup] { StackGroup.groups(of: blocks) }
}
