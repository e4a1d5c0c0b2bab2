package import Measurements

extension RunDocument {
    /// How one shard of a merged run kept in step with the others.
    package struct ShardStart: Sendable, Equatable {
        /// Its number, from 1.
        package var index: Int
        /// How many there are.
        package var count: Int
        /// How long after the first shard its rounds began, the median of them; clock offsets are in it.
        package var late: Nanoseconds
        /// The least share of a round that it and another shard had in common, 0…1, the median of the rounds.
        package var overlap: Double
        /// That other shard; nil for the only one.
        package var apartFrom: Int?

        /// Notes how a shard kept in step.
        ///
        /// - Parameters:
        ///   - index: Its number, from 1.
        ///   - count: How many there are.
        ///   - late: How long after the first shard its rounds began.
        ///   - overlap: The least share of a round that it and another shard had in common.
        ///   - apartFrom: That other shard.
        package init(index: Int, count: Int, late: Nanoseconds, overlap: Double, apartFrom: Int?) {
            self.index = index
            self.count = count
            self.late = late
            self.overlap = overlap
            self.apartFrom = apartFrom
        }

        /// Writes the shard.
        func write(_ json: inout JSONWriter) {
            json.object { json in
                json.field("index", index)
                json.field("of", count)
                json.field("started_late_s", seconds: late)
                json.field("overlap", overlap)
                json.field("apart_from", apartFrom)
            }
        }

        /// Reads a shard.
        init(_ node: DocumentNode) throws(DocumentFault) {
            self.init(
                index: try node.field("index").count(),
                count: try node.field("of").count(),
                late: try node.field("started_late_s").length(),
                overlap: try node.optional("overlap")?.number() ?? 1,
                apartFrom: try node.optional("apart_from")?.count()
            )
        }
    }
}

extension RunDocument {
    /// From which overlap on rounds of two shards count as one load.
    private static let leastOverlap = 0.9

    /// That two shards hardly loaded the server at the same time: the pair that was furthest apart.
    func shardWarnings() -> [ReportWarning] {
        let furthest = shards.filter { $0.apartFrom != nil }.min { $0.overlap < $1.overlap }
        guard let furthest, let other = furthest.apartFrom, furthest.overlap < Self.leastOverlap else {
            return []
        }
        let (first, second) = (min(furthest.index, other), max(furthest.index, other))
        let share = NumberText.rounded(furthest.overlap)
        return [
            ReportWarning(
                .shardsApart,
                text: "the rounds of shards \(first) and \(second) overlap by \(share)"
            )
        ]
    }
}
