import Synchronization

/// Reads the columns of one round's samples, or of its blocks.
struct ColumnReader {
    let node: DocumentNode
    /// Where the round stands, such as "rounds[3] (async)".
    private let place: String
    private let count: Int
    /// What there is a value of in each column: "samples".
    private let noun: String
    private let prefix: String
    private let budget: ColumnBudget

    /// Finds the number of samples.
    init(
        node: DocumentNode,
        round: String,
        target: String,
        budget: ColumnBudget
    ) throws(DocumentFault) {
        self.init(
            node: node,
            round: round,
            target: target,
            count: try node.field("n").count(),
            of: "samples",
            budget: budget
        )
    }

    /// Reads columns whose length is known from elsewhere.
    init(
        node: DocumentNode,
        round: String,
        target: String,
        count: Int,
        of noun: String,
        budget: ColumnBudget
    ) {
        self.init(
            node: node,
            place: "\(round) (\(target))",
            count: count,
            noun: noun,
            prefix: "",
            budget: budget
        )
    }

    private init(
        node: DocumentNode,
        place: String,
        count: Int,
        noun: String,
        prefix: String,
        budget: ColumnBudget
    ) {
        self.node = node
        self.place = place
        self.count = count
        self.noun = noun
        self.prefix = prefix
        self.budget = budget
    }

    /// The columns of a part, such as one stage.
    func part(_ node: DocumentNode, named name: String) -> ColumnReader {
        ColumnReader(
            node: node,
            place: place,
            count: count,
            noun: noun,
            prefix: "\(name).",
            budget: budget
        )
    }

    /// Reads a column.
    ///
    /// - Parameters:
    ///   - name: Its name.
    ///   - range: The values it may hold.
    /// - Returns: As many values as there are samples or blocks.
    /// - Throws: ``DocumentFault`` for a column that is missing, cut or out of range.
    func values(_ name: String, _ range: ClosedRange<Int64>) throws(DocumentFault) -> [Int64] {
        let column = try node.field(name)
        let values: [Int64]
        switch column.value {
        case .integers(let integers): values = integers
        case .text(let text): values = try unpacked(text.utf8, name)
        case .bytes(let bytes): values = try unpacked(bytes, name)
        default: throw .damaged(reason: "\(place): \(prefix)\(name) is not a column of whole numbers")
        }
        guard values.count == count else {
            throw .damaged(
                reason: "\(place) has \(count) \(noun) but \(values.count) values in \(prefix)\(name)"
            )
        }
        guard let wrong = values.firstIndex(where: { !range.contains($0) }) else { return values }
        throw .damaged(reason: "\(place): \(prefix)\(name)[\(wrong)] is \(values[wrong])")
    }

    private func unpacked(_ text: some Collection<UInt8>, _ name: String) throws(DocumentFault) -> [Int64] {
        if budget.take(count), let values = PackedColumn.unpacked(text, count: count) { return values }
        throw .damaged(reason: "\(place): \(prefix)\(name) cannot be unpacked")
    }
}

/// How many numbers the packed columns of a document may hold, so that a small file can't fill the memory.
///
/// Of a real run a byte holds two numbers at most, the times being nearly random. zlib packs a thousand.
final class ColumnBudget: Sendable {
    private let left: Mutex<Int>
    private static let perByte = 16
    private static let least = 1 << 20

    /// Makes the budget of a document.
    ///
    /// - Parameter bytes: How long it is.
    init(bytes: Int) {
        left = Mutex(max(Self.least, bytes * Self.perByte))
    }

    /// Takes numbers from it.
    ///
    /// - Parameter count: How many.
    /// - Returns: Whether there were as many left.
    func take(_ count: Int) -> Bool {
        left.withLock { left in
            guard count <= left else { return false }
            left -= count
            return true
        }
    }
}
