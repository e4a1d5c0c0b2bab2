package import Measurements

extension Load {
    /// What tells it from the others of a sweep, as it stands in headings: "10 in flight", "50/s".
    package var name: String { rate == nil ? "\(concurrency) in flight" : "\(amountText)/s" }

    /// The same within a sentence: "with 10 in flight", "at 50/s".
    var phrase: String { rate == nil ? "with \(name)" : "at \(name)" }

    /// The same before a sentence: "With 10 in flight: ", "At 50/s: ".
    var opening: String { rate == nil ? "With \(name): " : "At \(name): " }

    /// The same in one word, for the names of files and test cases: "c10", "r50".
    var word: String { (rate == nil ? "c" : "r") + amountText }

    /// What a sweep goes through: arrivals a second, else uploads in flight.
    var amount: Double { rate ?? Double(concurrency) }

    /// That number in text.
    var amountText: String { NumberText.trimmed(amount, decimals: 6) }

    /// Names and values for readers that sort results by them.
    var labels: [(String, String)] {
        [("concurrency", String(concurrency))] + (rate == nil ? [] : [("rate", amountText)])
    }

    /// Writes its fields into an object that is open.
    func write(_ json: inout JSONWriter) {
        json.field("concurrency", concurrency)
        json.field("rate", rate)
    }
}

extension Load {
    /// Reads the fields of an object.
    init(_ node: DocumentNode) throws(DocumentFault) {
        self.init(
            concurrency: try node.field("concurrency").count(),
            rate: try node.field("rate").known.map { rate throws(DocumentFault) in try Self.rate(rate) }
        )
    }

    /// Reads a rate, which is above zero.
    static func rate(_ node: DocumentNode) throws(DocumentFault) -> Double {
        let rate = try node.number()
        guard rate > 0 else { throw .damaged(reason: "\(node.path) is no rate above zero") }
        return rate
    }
}

extension RunDocument.Plan {
    /// Whether several loads were tried.
    package var isSweep: Bool { max(concurrency.count, rates.count) > 1 }

    /// The column that tells rounds at different rates apart, where there are such.
    var rateColumn: [String] { rates.count > 1 ? ["rate"] : [] }

    /// What the numbers of its loads count, as the head of a column.
    var loadHeader: String { rates.isEmpty ? "in flight" : "per second" }
}
