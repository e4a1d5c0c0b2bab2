import Measurements

/// Where the loops of one target were blocked over its counted rounds, the place that took most first.
struct BlockRanking {
    /// Blocks with one blame and callee.
    struct Entry {
        /// The function to blame, or the nearest thing that is known; nil where nothing is.
        let place: String?
        /// The function that it called; nil where it is not known.
        let callee: String?
        /// The share of all blocked time, 0…1.
        let share: Double
        /// How many blocks there are among those that were kept.
        let count: Int
        let longest: Nanoseconds
    }

    /// From which share of its time on a target's blocks are worth a place in the report.
    static let leastBlocked = 0.01
    /// What stands for a place of which nothing is known.
    static let unknownPlace = "place not known"

    let target: String
    let load: Load
    let entries: [Entry]

    /// The rankings of all targets that were blocked enough, by load, the baseline first.
    static func all(of document: RunDocument) -> [BlockRanking] {
        let targets = [document.baseline].compactMap { $0 } + document.candidates
        return document.loads.flatMap { load in
            let rounds = document.countedRounds(at: load).map(\.record)
            return targets.compactMap { target -> BlockRanking? in
                guard let blocked = document.result(.loopBlocked, of: target.name, at: load),
                    blocked.level.value > leastBlocked
                else { return nil }
                let own = rounds.filter { $0.target == target.name }.compactMap(\.loops)
                return BlockRanking(target.name, load, own, stacks: document.stacks)
            }
        }
    }

    /// Groups the blocks of a target; nil where none was kept.
    private init?(
        _ target: String,
        _ load: Load,
        _ rounds: [LoopActivity],
        stacks: [BlockedPlace]
    ) {
        var groups: [Name: Sums] = [:]
        for block in rounds.lazy.flatMap(\.blocks) {
            let index = Int(block.stack)
            let name = Name(stacks.indices.contains(index) ? stacks[index] : nil)
            groups[name, default: Sums()].add(block.blocked)
        }
        guard !groups.isEmpty else { return nil }
        // The rounds' own sums hold blocks that were not kept, so shares may add up to less than all.
        let counted = rounds.reduce(0) { $0 + Double($1.blocked) }
        let whole = max(1, counted, groups.values.reduce(0) { $0 + $1.total })
        self.target = target
        self.load = load
        entries = groups.sorted { ($1.value.total, $0.key) < ($0.value.total, $1.key) }.map { name, sums in
            Entry(
                place: name.place,
                callee: name.callee,
                share: sums.total / whole,
                count: sums.count,
                longest: sums.longest
            )
        }
    }

    /// What tells groups apart.
    private struct Name: Hashable, Comparable {
        let place: String?
        let callee: String?

        init(_ stack: BlockedPlace?) {
            place = stack?.blame ?? stack?.callee ?? stack?.frames.first
            callee = stack?.blame == nil ? nil : stack?.callee
        }

        static func < (left: Name, right: Name) -> Bool {
            (left.place ?? "", left.callee ?? "") < (right.place ?? "", right.callee ?? "")
        }
    }

    /// What blocks add up to; as doubles, since a damaged document may hold times that overflow.
    private struct Sums {
        var total = 0.0
        var count = 0
        var longest: Nanoseconds = 0

        mutating func add(_ blocked: Nanoseconds) {
            total += Double(blocked)
            count += 1
            longest = max(longest, blocked)
        }
    }
}

extension BlockRanking.Entry {
    /// The share in whole percent: "61 %".
    var shareText: String {
        share > 0 && share < 0.005 ? "< 1 %" : "\(FixedPoint.text(share * 100, decimals: 0)) %"
    }

    /// The longest block: "422 ms".
    var longestText: String { DurationFormat.text(nanoseconds: longest) }
}
