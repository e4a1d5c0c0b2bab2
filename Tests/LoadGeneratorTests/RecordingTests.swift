import Measurements
import Synchronization
import Testing

@testable import LoadGenerator

/// Uploads on their way from the engine's thread to where they are kept.
struct RecordingTests {
    /// Keeps a number of batches, then is full.
    private final class FullStore: SampleStore {
        private let left: Mutex<Int>
        private let store = MemorySampleStore()

        init(batches: Int) {
            left = Mutex(batches)
        }

        func keep(_ uploads: [PlacedSample]) throws(SampleStoreError) {
            let isFull = left.withLock { left in
                left -= 1
                return left < 0
            }
            if isFull { throw SampleStoreError(message: "results/x: no space left") }
            store.keep(uploads)
        }

        func endRound() -> SampleSequence { store.endRound() }
    }

    private func upload(_ sequence: Int) -> Sample {
        var sample = Sample(intended: Nanoseconds(sequence))
        sample.sent = sample.intended + 10
        sample.firstByte = sample.intended + 2_000_000
        sample.done = sample.intended + 3_000_000
        sample.outcome = .ok
        return sample
    }

    @Test func `several engines' batches become one round, in order`() async throws {
        let recorder = try SampleRecorder(store: MemorySampleStore())
        defer { recorder.stop() }
        for round in 1...2 {
            var batches = [UploadBatch(capacity: 4), UploadBatch(capacity: 4)]
            for sequence in 0..<1000 {
                let engine = sequence % 2
                batches[engine].add(upload(sequence), sequence: sequence, lag: 5, timing: [])
                if sequence % 90 == 0 { recorder.take(&batches[engine]) }
            }
            for engine in 0...1 { recorder.take(&batches[engine]) }
            let recorded = await recorder.endRound()
            #expect(Array(recorded.samples) == (0..<1000).map(upload), "round \(round)")
            #expect(recorded.totals.uploads == 1000)
            #expect(recorded.totals.lags.count == 1000)
            #expect(recorded.isWhole)
        }
        #expect(recorder.loss == nil)
    }

    @Test func `what a full disk refuses is counted, and its round holds no uploads`() async throws {
        let recorder = try SampleRecorder(store: FullStore(batches: 3))
        defer { recorder.stop() }
        var whole: [Bool] = []
        for _ in 0..<3 {
            for half in 0..<2 {
                var batch = UploadBatch(capacity: 0)
                for place in 0..<10 {
                    batch.add(upload(place), sequence: half * 10 + place, lag: 5, timing: [])
                }
                recorder.take(&batch)
            }
            let recorded = await recorder.endRound()
            whole.append(recorded.isWhole)
            #expect(recorded.totals.uploads == 20)
            #expect(recorded.samples.count == (recorded.isWhole ? 20 : 0))
        }
        #expect(whole == [true, false, false])
        #expect(recorder.loss?.message == "results/x: no space left")
    }

    @Test func `the server's stages are placed on the round's clock`() {
        var batch = UploadBatch(capacity: 1)
        batch.go = 1_000_000
        let head = "Server-Timing: pdf;start=0.5;dur=1, total;start=0;dur=1.5\r\n"
        batch.add(upload(0), sequence: 1, lag: nil, timing: Array(head.utf8))
        batch.add(upload(1), sequence: 0, lag: nil, timing: [])
        let placed = batch.placed(boot: nil)
        #expect(placed.map(\.sequence) == [0, 1])
        #expect(placed[0].sample.stages.isEmpty)
        // The segment "total" ends with the first response byte.
        #expect(
            placed[1].sample.stages == [
                StageTiming(name: "pdf", start: 1_000_000, duration: 1_000_000),
                StageTiming(name: "total", start: 500_000, duration: 1_500_000),
            ]
        )
    }
}
