import LoopWatch
import Testing

@Suite struct SplitterTests {
    @Test func `equal causes make one block`() throws {
        let samples = [10, 20, 30].map { Recorded.sample($0, Recorded.stack("a")) }
        let blocks = Splitter.blocks(of: Recorded.interval(35, samples: samples), firstID: 5)
        let block = try #require(blocks.first)
        #expect(blocks.count == 1)
        #expect(block.id == 5 && block.part == 1 && block.parts == 1)
        #expect(block.duration == .milliseconds(35))
        #expect(block.causeText == "Sources/App/a.swift:7 a → usleep")
        #expect(block.samples.map(\.offset) == [.milliseconds(10), .milliseconds(20), .milliseconds(30)])
    }

    @Test func `the boundary of two causes is midway between their samples`() {
        let samples = [
            Recorded.sample(10, Recorded.stack("a")), Recorded.sample(20, Recorded.stack("b")),
            Recorded.sample(30, Recorded.stack("a")),
        ]
        let blocks = Splitter.blocks(of: Recorded.interval(50, samples: samples), firstID: 1)
        #expect(blocks.map(\.id) == [1, 2, 3])
        #expect(blocks.map { $0.blame?.function } == ["a()", "b()", "a()"])
        #expect(blocks.map(\.start) == [1000, 1015, 1025].map { Duration.milliseconds($0) })
        #expect(blocks.map(\.duration) == [15, 10, 25].map { Duration.milliseconds($0) })
        #expect(blocks.map(\.part) == [1, 2, 3])
        #expect(blocks.allSatisfy { $0.parts == 3 && $0.interval == 9 })
    }

    @Test func `the accounts at the samples give each part its own split`() {
        let interval = Recorded.interval(
            40,
            before: Recorded.accounts(0, cpu: 100, wait: 50),
            after: Recorded.accounts(40, cpu: 121, wait: 52),
            samples: [
                Recorded.sample(20, Recorded.stack("waits"), cpu: 101, wait: 52),
                Recorded.sample(20, Recorded.stack("spins", calling: nil)),
            ]
        )
        let blocks = Splitter.blocks(of: interval, firstID: 1)
        #expect(blocks.map(\.cpu) == [.milliseconds(1), .milliseconds(20)])
        #expect(blocks.map(\.waiting) == [.milliseconds(17), .zero])
        #expect(blocks.map(\.notScheduled) == [.milliseconds(2), .zero])
        #expect(blocks.map(\.verdict) == [.waiting, .computing])
        #expect(blocks.map(\.call) == ["usleep", nil])
    }

    @Test func `accounts unknown at the samples are shared out by time`() {
        let interval = Recorded.interval(
            40,
            before: Recorded.accounts(0, cpu: 0, wait: 0),
            after: Recorded.accounts(40, cpu: 20, wait: 8),
            samples: [Recorded.sample(10, Recorded.stack("a")), Recorded.sample(10, Recorded.stack("b"))]
        )
        let blocks = Splitter.blocks(of: interval, firstID: 1)
        #expect(blocks.map(\.cpu) == [.milliseconds(5), .milliseconds(15)])
        #expect(blocks.map(\.notScheduled) == [.milliseconds(2), .milliseconds(6)])
        #expect(blocks.map(\.verdict) == [.mixed, .mixed])
    }

    @Test func `what nobody measured counts as waiting and has no verdict`() {
        let blocks = Splitter.blocks(of: Recorded.interval(40), firstID: 1)
        #expect(blocks.map(\.split) == [.unknown])
        #expect(blocks.map(\.waiting) == [.milliseconds(40)])
        #expect(blocks.map(\.verdict) == [.mixed])
        #expect(blocks.map(\.note) == ["no stack was taken"])
    }

    @Test func `processor time alone leaves the rest together`() {
        let interval = Recorded.interval(
            40,
            before: Recorded.accounts(0, cpu: 0, wait: nil),
            after: Recorded.accounts(40, cpu: 4, wait: nil)
        )
        let blocks = Splitter.blocks(of: interval, firstID: 1)
        #expect(blocks.map(\.split) == [.cpuOnly])
        #expect(blocks.map(\.cpu) == [.milliseconds(4)])
        #expect(blocks.map(\.waiting) == [.milliseconds(36)])
        #expect(blocks.map(\.notScheduled) == [.zero])
    }

    @Test func `the time before the first account is shared as what was seen of the thread's own`() {
        let interval = Recorded.interval(
            12,
            before: Recorded.accounts(2, cpu: 0, wait: 0),
            after: Recorded.accounts(12, cpu: 10, wait: 0)
        )
        #expect(Splitter.blocks(of: interval, firstID: 1).map(\.cpu) == [.milliseconds(12)])
        let starved = Recorded.interval(
            12,
            before: Recorded.accounts(2, cpu: 0, wait: 0),
            after: Recorded.accounts(12, cpu: 0, wait: 10)
        )
        #expect(Splitter.blocks(of: starved, firstID: 1).map(\.notScheduled) == [.milliseconds(10)])
    }

    @Test func `a sample of a later interval is kept as late and blames nobody`() {
        let samples = [
            Recorded.sample(10, Recorded.stack("a")),
            Recorded.sample(20, Recorded.stack("b"), isOfInterval: false),
        ]
        let blocks = Splitter.blocks(of: Recorded.interval(15, samples: samples), firstID: 1)
        #expect(blocks.map { $0.blame?.function } == ["a()"])
        #expect(blocks.first?.samples.map(\.isLate) == [false, true])
        let late = Splitter.blocks(of: Recorded.interval(15, samples: [samples[1]]), firstID: 1)
        #expect(late.map(\.note) == ["no stack: the sample came after the end"])
        #expect(late.first?.blame == nil)
    }

    @Test func `only the last part of an interval that goes on is ongoing`() {
        var interval = Recorded.interval(
            30,
            samples: [Recorded.sample(10, Recorded.stack("a")), Recorded.sample(20, Recorded.stack("b"))]
        )
        interval.isOngoing = true
        #expect(Splitter.blocks(of: interval, firstID: 1).map(\.isOngoing) == [false, true])
    }

    @Test(arguments: 0..<200)
    func `the parts add up to the interval whatever was recorded`(seed: UInt64) {
        var generator = SeededGenerator(state: seed)
        let interval = RandomInterval.make(using: &generator)
        let blocks = Splitter.blocks(of: interval, firstID: 1)
        #expect(blocks.reduce(.zero) { $0 + $1.duration } == interval.duration)
        for (block, next) in zip(blocks, blocks.dropFirst()) {
            #expect(block.start + block.duration == next.start)
        }
        for block in blocks {
            #expect(block.cpu + block.waiting + block.notScheduled == block.duration)
            #expect(min(block.cpu, block.waiting, block.notScheduled) >= .zero)
        }
        let kept = blocks.reduce(0) { $0 + $1.samples.count }
        #expect(kept == interval.samples.count)
    }
}
