import Measurements

/// `loop-blocks.csv`: a row a block of an event loop that was kept.
struct LoopBlocksCSV {
    static let columns = [
        "run_id", "round", "target", "concurrency", "loop", "start_ns", "duration_ns", "cpu_ns", "waiting_ns",
        "not_scheduled_ns", "blame", "callee",
    ]

    /// Writes the blocks in measured rounds; nil for a run whose loops nobody watched.
    static func bytes(of document: RunDocument) -> [UInt8]? {
        let watched = document.rounds.map(\.record).filter { !$0.isWarmup && $0.loops != nil }
        guard !watched.isEmpty else { return nil }
        let rateColumn = document.plan.rateColumn
        var csv = CSVText(columns: columns + rateColumn)
        for round in watched {
            for block in round.loops?.blocks ?? [] {
                let index = Int(block.stack)
                let place = document.stacks.indices.contains(index) ? document.stacks[index] : nil
                csv.text(document.id)
                csv.integer(round.index)
                csv.text(round.target)
                csv.integer(round.load.concurrency)
                csv.integer(block.loop)
                csv.nanoseconds(block.start)
                csv.nanoseconds(block.duration)
                csv.nanoseconds(block.cpu)
                csv.nanoseconds(block.waiting)
                csv.nanoseconds(block.notScheduled)
                csv.text(place?.blame)
                csv.text(place?.callee)
                for _ in rateColumn { csv.number(round.load.rate) }
                csv.endRow()
            }
        }
        return csv.bytes
    }
}
