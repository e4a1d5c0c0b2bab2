/// Keeps labels beside a chart apart.
enum LabelSpread {
    /// Moves heights apart as little as possible.
    ///
    /// Labels that would stand on each other become one block around their mean: isotonic regression by pooling
    /// adjacent violators (Barlow et al., "Statistical Inference under Order Restrictions", 1972).
    ///
    /// - Parameters:
    ///   - wanted: Where each label belongs.
    ///   - gap: The least distance between two of them.
    ///   - range: Where they may stand; the last one leaves it if there is no room for all.
    /// - Returns: Where each label goes.
    static func heights(_ wanted: [Double], gap: Double, within range: ClosedRange<Double>) -> [Double] {
        let order = wanted.indices.sorted { (wanted[$0], $0) < (wanted[$1], $1) }
        var blocks: [(sum: Double, count: Int)] = []
        for (place, index) in order.enumerated() {
            blocks.append((wanted[index] - Double(place) * gap, 1))
            while blocks.count > 1 {
                let (last, before) = (blocks[blocks.count - 1], blocks[blocks.count - 2])
                guard before.sum / Double(before.count) > last.sum / Double(last.count) else { break }
                blocks.removeLast(2)
                blocks.append((before.sum + last.sum, before.count + last.count))
            }
        }
        let last = max(range.lowerBound, range.upperBound - Double(max(0, wanted.count - 1)) * gap)
        let bases = blocks.flatMap { block in
            Array(repeating: block.sum / Double(block.count), count: block.count)
        }
        var heights = wanted
        for (place, index) in order.enumerated() {
            heights[index] = min(last, max(range.lowerBound, bases[place])) + Double(place) * gap
        }
        return heights
    }
}
