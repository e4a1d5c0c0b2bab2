import BenchReport
import LoadGenerator
import Measurements
import Testing

@testable import ingest_bench

/// What the progress line says, by events and numbers.
struct ProgressLineTests {
    private static let second: Nanoseconds = 1_000_000_000
    private static let clear = "\r\u{1B}[2K"

    private func line(
        isTerminal: Bool = true,
        isUnicode: Bool = true,
        targets: [String] = ["blocking", "async"]
    ) -> ProgressLine {
        ProgressLine(isTerminal: isTerminal, isUnicode: isUnicode, targets: targets, isSweep: false)
    }

    private func place(block: Int, order: Int, target: String? = nil) -> RoundPlace {
        RoundPlace(
            target: target ?? ["blocking", "async"][order],
            block: block,
            isWarmup: false,
            order: order,
            load: Load(concurrency: 100),
            roundsDone: 2 * block + order,
            roundsTotal: 20
        )
    }

    private func progress(
        _ place: RoundPlace,
        done: Int = 61,
        errors: Int = 0,
        p99: Nanoseconds? = nil
    ) -> LoadEvent {
        var progress = RoundProgress(place, .uploading)
        (progress.done, progress.total) = (done, 100)
        (progress.ok, progress.errors) = (done - errors, errors)
        (progress.elapsed, progress.maximum) = (2 * Self.second, 1_910_000_000)
        progress.p99 = p99
        return .progress(progress)
    }

    private func finished(_ place: RoundPlace, _ throughput: Double = 0) -> LoadEvent {
        var record = RoundRecord(
            index: place.block,
            isWarmup: place.isWarmup,
            order: place.order,
            target: place.target,
            load: place.load,
            started: Timestamp(nanosecondsSince1970: 0),
            makespan: Self.second,
            samples: SampleSequence([]),
            probes: [],
            burst: nil,
            client: ClientHealth(cores: 0, busiestThread: 0, sendLagP99: 0, processorTime: 0),
            host: HostHealth(steal: 0, others: 0, pagesSwapped: 0),
            validity: Validity()
        )
        record.summary = RoundSummary(of: record)
        record.summary?.throughput = throughput
        return .roundFinished(record)
    }

    /// A line after some blocks of 4 s: blocking takes 3 s of them, async 1 s.
    private func advanced(_ line: ProgressLine, blocks: Int, texts: inout [String]) -> ProgressLine {
        var line = line
        for block in 0..<blocks {
            for (order, start, end) in [(0, 0, 3), (1, 3, 4)] {
                let place = place(block: block, order: order)
                let base = Nanoseconds(4 * block)
                for (event, time) in [(progress(place), start), (finished(place, 20 + Double(order)), end)] {
                    let now = (base + Nanoseconds(time)) * Self.second
                    texts += [line.text(for: event, now: now, rounds: 10, width: 100)].compactMap { $0 }
                }
            }
        }
        return line
    }

    @Test func `a terminal's line tells the round, its share, rate, longest wait, errors and time left`() {
        var texts: [String] = []
        var line = advanced(line(), blocks: 6, texts: &texts)
        let event = progress(place(block: 6, order: 1), errors: 1)
        _ = line.text(for: progress(place(block: 6, order: 0)), now: 24 * Self.second, rounds: 10, width: 100)
        let text = line.text(for: event, now: 27 * Self.second, rounds: 10, width: 100)
        #expect(
            text == Self.clear
                + "round 7/10 async ▕██████    ▏ 61/100  30.0 req/s  max 1.91 s  1 error  ETA 0:13"
        )
        #expect(texts.allSatisfy { $0.hasPrefix(Self.clear) && !$0.contains("\n") })
        #expect(line.ending == Self.clear)
    }

    @Test func `the time left is that of the median block for each block that is left`() {
        var texts: [String] = []
        var line = advanced(line(), blocks: 1, texts: &texts)
        // Before the first block is over nobody knows.
        #expect(texts.allSatisfy { !$0.contains("ETA") })
        let event = progress(place(block: 1, order: 0))
        let text = line.text(for: event, now: 4 * Self.second, rounds: 10, width: 100)
        #expect(text?.hasSuffix("ETA 0:36") == true, "\(text ?? "")")
    }

    @Test func `p99 stands in the place of the longest wait once there is one`() {
        var line = line()
        let event = progress(place(block: 0, order: 0), p99: 1_500_000_000)
        let text = line.text(for: event, now: 0, rounds: 10, width: 100)
        #expect(text?.contains("p99 1.50 s") == true && text?.contains("max") == false)
    }

    @Test func `elsewhere there is one line a block, the baseline first, and no control character`() {
        var texts: [String] = []
        var line = advanced(line(isTerminal: false), blocks: 2, texts: &texts)
        #expect(
            texts == [
                "block 1/10 blocking 20.0 req/s async 21.0 req/s errors 0 eta 36s\n",
                "block 2/10 blocking 20.0 req/s async 21.0 req/s errors 0 eta 32s\n",
            ]
        )
        let repeated = LoadEvent.blockRepeated(index: 1, reasons: ["steal 3.4 %"])
        let text = line.text(for: repeated, now: 0, rounds: 10, width: 80)
        #expect(text == "block 2 is measured again: steal 3.4 %\n")
        #expect(line.ending.isEmpty)
    }

    @Test func `nothing is compared before the end`() {
        var texts: [String] = []
        _ = advanced(line(), blocks: 3, texts: &texts)
        _ = advanced(line(isTerminal: false), blocks: 3, texts: &texts)
        #expect(texts.allSatisfy { !$0.contains("%") && !$0.contains("▲") && !$0.contains("better") })
    }

    @Test(arguments: [200, 100, 80, 72, 60, 40, 20, 5, 1], [true, false])
    func `the line stays in the window, whatever its size has become`(_ width: Int, _ isUnicode: Bool) {
        for name in ["blocking", "a-target-of-sixty-letters-is-allowed-and-somebody-will-have-one", "同期処理"] {
            var line = line(isUnicode: isUnicode, targets: [name])
            var place = place(block: 0, order: 0, target: name)
            place.roundsTotal = 10
            for event in [progress(place), .progress(RoundProgress(waiting: 5_000_000_000, place))] {
                _ = line.text(for: event, now: 0, rounds: 10, width: 200)
                let text = line.text(for: event, now: Self.second, rounds: 10, width: width) ?? ""
                #expect(text.hasPrefix(Self.clear))
                let shown = String(text.unicodeScalars.dropFirst(Self.clear.unicodeScalars.count))
                // One column is left for the cursor; a window of one column has none to leave.
                #expect(!shown.isEmpty && shown.columns <= max(1, width - 1), "\(shown)")
                let isPlain = shown.allSatisfy(\.isASCII)
                #expect(isUnicode || name == "同期処理" || isPlain, "\(shown)")
            }
        }
    }

    @Test(arguments: [(0, "[          ]"), (61, "[######    ]"), (100, "[##########]")])
    func `the bar has a form in ASCII`(_ done: Int, _ bar: String) {
        var line = line(isUnicode: false)
        let event = progress(place(block: 0, order: 0), done: done)
        let text = line.text(for: event, now: 0, rounds: 10, width: 100)
        #expect(text?.contains(" \(bar) \(done)/100") == true, "\(text ?? "")")
    }
}
