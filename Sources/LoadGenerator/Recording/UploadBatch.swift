import Measurements

/// Uploads that have ended, on their way from an engine's thread to the one that keeps them.
///
/// Its memory is used again and again, so that adding an upload allocates nothing.
struct UploadBatch: Sendable {
    /// One upload and what came with it.
    struct Entry: Sendable {
        var sequence: Int
        var sample: Sample
        /// How late it was sent; nil if it was not.
        var lag: Nanoseconds?
        /// Where in ``UploadBatch/text`` the lines stand that say what the server did.
        var timing: Range<Int>
    }

    private(set) var entries: [Entry] = []
    private(set) var text: [UInt8] = []
    /// The round's go on the monotonic clock.
    var go: Nanoseconds = 0

    /// Makes an empty batch.
    ///
    /// - Parameter capacity: How many uploads it takes without another allocation.
    init(capacity: Int) {
        entries.reserveCapacity(capacity)
        text.reserveCapacity(capacity * 256)
    }

    /// Adds an upload.
    ///
    /// - Parameters:
    ///   - sample: The upload.
    ///   - sequence: Its place among the uploads of the round.
    ///   - lag: How late it was sent; nil if it was not.
    ///   - timing: The lines of the answer's head that say what the server did.
    mutating func add(_ sample: Sample, sequence: Int, lag: Nanoseconds?, timing: [UInt8]) {
        let start = text.count
        text.append(contentsOf: timing)
        entries.append(Entry(sequence: sequence, sample: sample, lag: lag, timing: start..<text.count))
    }

    /// Forgets the uploads, and keeps the memory.
    mutating func removeAll() {
        entries.removeAll(keepingCapacity: true)
        text.removeAll(keepingCapacity: true)
    }

    /// The uploads in the order of their places, with the server's stages on the round's clock.
    ///
    /// - Parameter boot: The first 8 hex digits of this machine's boot id.
    /// - Returns: The uploads.
    func placed(boot: String?) -> [PlacedSample] {
        entries.map { entry in
            var sample = entry.sample
            if !entry.timing.isEmpty {
                let timing = ServerTiming(head: String(decoding: text[entry.timing], as: UTF8.self))
                sample.stages = timing.stages(go: go, boot: boot, firstByte: sample.firstByte)
            }
            return PlacedSample(sequence: entry.sequence, sample: sample)
        }.sorted { $0.sequence < $1.sequence }
    }
}
