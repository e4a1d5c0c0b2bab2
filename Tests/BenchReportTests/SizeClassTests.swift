import BenchReport
import Foundation
import Measurements
import Testing

/// Results by the size of uploads.
struct SizeClassTests {
    @Test(arguments: [
        (0, "1B-4B"), (3, "1B-4B"), (4, "4B-16B"), (1023, "256B-1KiB"), (1024, "1KiB-4KiB"),
        (65_536, "64KiB-256KiB"), (944_816, "256KiB-1MiB"), (1_048_576, "1MiB-4MiB"),
        (Int64.max, "4EiB-16EiB"),
    ])
    func `a class begins with a power of 4 and ends before the next`(bytes: Int64, name: String) {
        #expect(SizeClass(bytes: bytes).name == name)
    }

    @Test func `each size has its times, and their change is its own`() throws {
        let document = SizedRun.run().document()
        let classes = Set(document.classResults.compactMap(\.sizeClass)).sorted().map(\.name)
        #expect(classes == ["256B-1KiB", "1MiB-4MiB"])
        func result(_ metric: Metric, _ target: String, _ name: String) throws -> MetricResult {
            try #require(
                document.classResults.first {
                    $0.metric == metric && $0.target == target && $0.sizeClass?.name == name
                }
            )
        }
        let p50 = Metric.response(.percentile(.p50))
        let small = try result(p50, "async", "256B-1KiB")
        let large = try result(p50, "async", "1MiB-4MiB")
        #expect(small.uploads == 120 && large.uploads == 120 && large.errors == 1 && small.errors == 0)
        #expect(abs(small.level.value - 0.001) < 1e-6 && abs(large.level.value - 0.02) < 1e-6)
        #expect(small.change?.verdict == .equivalent && large.change?.verdict == .worse)
        #expect(abs((large.change?.estimate ?? 0) - 1) < 0.01)
        #expect(try result(p50, "blocking", "1MiB-4MiB").change == nil)
        #expect(try result(.errors, "async", "1MiB-4MiB").errors == 1)
        #expect(document.results.allSatisfy { $0.sizeClass == nil })
    }

    @Test func `sizes stand in run.json and summary.csv, and are read back`() throws {
        let document = SizedRun.run().document()
        let read = try RunDocument(json: try document.json())
        #expect(read == document && read.recomputation == nil)
        let text = String(decoding: try document.json(), as: UTF8.self)
        #expect(text.contains("\"size_class\":\"1MiB-4MiB\"") && text.contains("\"size_class\":null"))
        let other = text.replacing("\"size_class\":\"1MiB-4MiB\"", with: "\"size_class\":\"1KiB-4KiB\"")
        #expect(try RunDocument(json: Array(other.utf8)).recomputation != nil)
    }

    @Test func `files of one size are one class, and said nothing of`() {
        var run = SampleRun()
        run.uploads = 4
        #expect(run.document().classResults.isEmpty)
        run.files = [("a.pdf", 1_100_000), ("b.pdf", 4_000_000)]
        #expect(run.document().classResults.isEmpty)
    }
}

/// A run of two sizes: the large ones, every other upload, take ten times as long.
enum SizedRun {
    /// Makes a run.
    ///
    /// - Returns: A run whose "async" takes twice as long for the large ones, and fails one of them.
    static func run() -> SampleRun {
        var run = SampleRun()
        (run.uploads, run.rounds, run.warmup) = (40, 6, 0)
        run.files = [("small.pdf", 1000), ("large.pdf", 2_000_000), ("again.pdf", 3_999_999)]
        run.edit = { sample, target, round, place in
            sample.file = place % 2 == 0 ? 0 : Int32(1 + place / 2 % 2)
            let time = (place % 2 == 0 ? 1_000_000 : 10_000_000) + Int64(place + round)
            sample.intended = 0
            sample.done = place % 2 == 1 && target == 1 ? time * 2 : time
            if place == 3, round == 0, target == 1 { sample.outcome = .status }
        }
        return run
    }
}
