import Synchronization

/// Keeps the uploads of a run, round after round, until they are reported.
///
/// It is used by one thread, which is not the engine's: keeping may take its time.
package protocol SampleStore: Sendable {
    /// Keeps uploads of the open round, in any order.
    ///
    /// - Parameter uploads: The uploads and their places in the round.
    /// - Throws: ``SampleStoreError`` if they can't be kept.
    func keep(_ uploads: [PlacedSample]) throws(SampleStoreError)

    /// Ends the open round and begins the next.
    ///
    /// - Returns: The uploads of the round by their places.
    func endRound() -> SampleSequence
}

/// An upload and its place among those of its round, by intended start.
package struct PlacedSample: Sendable, Equatable {
    package var sequence: Int
    package var sample: Sample

    /// Places an upload.
    ///
    /// - Parameters:
    ///   - sequence: Its place among the uploads of its round, from 0.
    ///   - sample: The upload.
    package init(sequence: Int, sample: Sample) {
        self.sequence = sequence
        self.sample = sample
    }
}

/// Why uploads could not be kept.
package struct SampleStoreError: Error, Sendable, Equatable {
    /// Such as "results/x: no space left".
    package let message: String

    /// Makes an error.
    ///
    /// - Parameter message: What happened, without a full stop.
    package init(message: String) {
        self.message = message
    }
}

/// Keeps uploads in memory: for few of them, and for tests.
package final class MemorySampleStore: SampleStore {
    private let open = Mutex<[PlacedSample]>([])

    /// Makes an empty store.
    package init() {}

    package func keep(_ uploads: [PlacedSample]) {
        open.withLock { $0 += uploads }
    }

    package func endRound() -> SampleSequence {
        let uploads = open.withLock { open in
            defer { open = [] }
            return open
        }
        return SampleSequence(uploads.sorted { $0.sequence < $1.sequence }.map(\.sample))
    }
}
