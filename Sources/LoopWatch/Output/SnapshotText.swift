extension Snapshot {
    /// The totals of each loop and the blocks with all frames, for people.
    public var text: String {
        let text = BlockText(blocks, foldsForeign: false)
        let head = "LoopWatch: \(text.headline) (watched for \(watchedFor.shortText))"
        let usage = loops.map { loop in
            let intervals = loop.intervals == 1 ? "1 interval" : "\(loop.intervals) intervals"
            return
                "  \(loop.name): busy \(loop.busy.shortText), blocked \(loop.blocked.shortText) in \(intervals),"
                + " longest \(loop.longest.shortText)"
        }
        return ([head] + usage + remarks + text.lines + BlockText.legend(methods)).joined(separator: "\n")
    }

    private var remarks: [String] {
        var remarks: [String] = []
        if dropped > 0 { remarks.append("  \(dropped) dropped: more came than are kept") }
        if ignored > 0 { remarks.append("  \(ignored) ignored by rule") }
        if isTraced { remarks.append("  a debugger is attached: its pauses look like blocks") }
        return remarks
    }
}
