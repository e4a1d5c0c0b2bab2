import Curl
import Glibc
import Measurements
import Testing

@testable import LoadGenerator

/// The pure parts of a round: schedule, orders, ramp, outcomes, stages, tally.
struct ScheduleTests {
    @Test(arguments: 1...5)
    func `block orders are balanced and repeat with their seed`(targets: Int) {
        let orders = BlockOrder.draw(targets: targets, blocks: targets * 4, seed: 42)
        for place in 0..<targets {
            let counts = Dictionary(grouping: orders, by: { $0[place] }).mapValues(\.count)
            #expect(counts == Dictionary(uniqueKeysWithValues: (0..<targets).map { ($0, 4) }))
        }
        #expect(orders.allSatisfy { $0.sorted() == Array(0..<targets) })
        #expect(orders == BlockOrder.draw(targets: targets, blocks: targets * 4, seed: 42))
        #expect(Array(orders.prefix(3)) == BlockOrder.draw(targets: targets, blocks: 3, seed: 42))
    }

    @Test func `another seed draws another order`() {
        let orders = Set((0..<20).map { BlockOrder.draw(targets: 3, blocks: 10, seed: $0) })
        #expect(orders.count > 10)
    }

    @Test func `files are dealt evenly, in passes, whichever uploads a thread has`() {
        var order = FileOrder(files: 3, seed: 7)
        let dealt = (0..<10).map { order.file(of: $0) }
        for pass in 0..<3 { #expect(dealt[pass * 3..<pass * 3 + 3].sorted() == [0, 1, 2]) }
        #expect(Set((0..<20).map { seed in Self.firstPass(seed: seed) }).count > 3)
        for thread in 0..<4 {
            var own = FileOrder(files: 3, seed: 7)
            for sequence in stride(from: thread, to: 10, by: 4) {
                #expect(own.file(of: sequence) == dealt[sequence])
            }
        }
        var single = FileOrder(files: 1, seed: 7)
        #expect((0..<3).map { single.file(of: $0) } == [0, 0, 0])
    }

    private static func firstPass(seed: UInt64) -> [Int32] {
        var order = FileOrder(files: 3, seed: seed)
        return (0..<3).map { order.file(of: $0) }
    }

    @Test func `slow connections halve how many may be in the making`() {
        var ramp = ConnectionRamp(shards: 1)
        ramp.connected(afterMicroseconds: 900_000)
        #expect(ramp.allowed == 64)
        ramp.connected(afterMicroseconds: 900_001)
        #expect(ramp.allowed == 32)
        for _ in 0..<10 { ramp.connected(afterMicroseconds: 1_000_000) }
        #expect(ramp.allowed == 1)
    }

    @Test func `where many start at a time the first read of a body is short`() throws {
        let body = [UInt8](repeating: 7, count: 200_000)
        let slot = try UploadSlot()
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 131_072, alignment: 1)
        defer { buffer.deallocate() }
        try body.withUnsafeBytes { bytes in
            for (startsAlone, reads) in [(false, [1024, 131_072, 67_904, 0]), (true, [131_072, 68_928, 0])] {
                slot.startsAlone = startsAlone
                try slot.readyToUpload(file: 0, body: bytes, method: "POST", headers: try HeaderList([]))
                #expect(reads.map { _ in slot.readBody(into: buffer) } == reads)
            }
            slot.forgetBody()
        }
    }

    /// An upload of 10 bytes that went well, with something changed.
    private static func end(_ change: (inout TransferEnd) -> Void) -> TransferEnd {
        var end = TransferEnd(code: .ok, status: 200)
        (end.sent, end.bodySent, end.firstByte) = (1, 2, 3)
        (end.bytesOut, end.bodyLength) = (10, 10)
        change(&end)
        return end
    }

    private static func failed(_ code: CurlCode, _ number: Int32 = 0) -> TransferEnd {
        var end = TransferEnd(code: code)
        end.systemError = number
        return end
    }

    private static let outcomes: [(TransferEnd, Outcome)] = [
        (end { ($0.code, $0.systemError, $0.sent) = (.couldNotConnect, ECONNREFUSED, 5) }, .retryPrevented),
        (end { _ in }, .ok),
        (end { $0.isExpectedStatus = false }, .status),
        (end { $0.bytesOut = 9 }, .shortUpload),
        (end { ($0.bodySent, $0.firstByte) = (4, 3) }, .earlyResponse),
        (end { $0.bodySent = Sample.absent }, .earlyResponse),
        (failed(.couldNotResolveHost), .resolve),
        (failed(.couldNotConnect, ECONNREFUSED), .refused),
        (failed(.couldNotConnect, EHOSTUNREACH), .unreachable),
        (failed(.couldNotConnect), .unreachable),
        (failed(.couldNotConnect, EMFILE), .openFiles),
        (failed(.couldNotConnect, ENFILE), .openFiles),
        (failed(.couldNotConnect, EADDRNOTAVAIL), .noLocalPort),
        (failed(.peerNotVerified), .tlsVerify),
        (failed(.tlsConnect), .tlsHandshake),
        (end { ($0.code, $0.attempts) = (.abortedByCallback, 2) }, .retryPrevented),
        (end { ($0.code, $0.attempts) = (.abortedByCallback, 1) }, .unexpected),
        (end { ($0.code, $0.bodySent, $0.firstByte) = (.sendError, -1, -1) }, .closedDuringUpload),
        (end { ($0.code, $0.bodySent, $0.firstByte) = (.receiveError, -1, -1) }, .closedDuringUpload),
        (end { ($0.code, $0.firstByte) = (.gotNothing, -1) }, .closedBeforeResponse),
        (end { ($0.code, $0.firstByte) = (.receiveError, -1) }, .closedBeforeResponse),
        (end { $0.code = .receiveError }, .truncatedResponse),
        (end { ($0.code, $0.bodySent) = (.sendError, -1) }, .earlyResponse),
        (end { $0.code = .partialFile }, .truncatedResponse),
        (end { $0.code = .unsupportedProtocol }, .malformedResponse),
        (end { $0.code = .weirdServerReply }, .malformedResponse),
        (end { $0.code = .http2 }, .malformedResponse),
        (failed(.timedOut), .timeoutConnecting),
        (end { ($0.code, $0.bodySent, $0.firstByte) = (.timedOut, -1, -1) }, .timeoutSending),
        (end { ($0.code, $0.firstByte) = (.timedOut, -1) }, .timeoutWaiting),
        (end { $0.code = .timedOut }, .timeoutReceiving),
        (failed(CurlCode(rawValue: 27)), .unexpected),
    ]

    @Test(arguments: outcomes.indices)
    func `each end of a transfer has its kind`(row: Int) {
        let (end, outcome) = Self.outcomes[row]
        #expect(end.outcome == outcome, "\(end)")
    }

    @Test func `another boot's clock is not trusted: total ends with the first byte`() {
        let timing = ServerTiming(
            head: """
                server-timing: pdf;start=1.5;dur=10, store; dur="3"; start=12
                Server-Timing: total;start=0;dur=20, note;desc="x"
                X-Server-Clock: 0123abcd 1000
                """
        )
        #expect(timing.segments.map(\.name) == ["pdf", "store", "total"])
        let here = timing.stages(go: 400, boot: "0123abcd", firstByte: 90_000_000)
        #expect(here.map(\.start) == [1_500_600, 12_000_600, 600])
        let there = timing.stages(go: 400, boot: "ffffffff", firstByte: 90_000_000)
        #expect(there.map(\.start) == [71_500_000, 82_000_000, 70_000_000])
        #expect(there.map(\.duration) == [10_000_000, 3_000_000, 20_000_000])
        #expect(timing.stages(go: 0, boot: nil, firstByte: Sample.absent).isEmpty)
    }

    @Test(arguments: [
        "Server-Timing: pdf;dur=3", "Server-Timing: total;start=nan;dur=1e300", "Server-Timing:", "x",
    ])
    func `without usable starts nothing is placed`(head: String) {
        #expect(ServerTiming(head: head).stages(go: 0, boot: "a", firstByte: 5).isEmpty)
    }

    @Test(arguments: [Int64.min, .min + 1, .max, .max - 500, 2_000_000_000_000_000])
    func `a clock that lies beyond all times places nothing`(zero: Int64) {
        let timing = ServerTiming(
            head: "Server-Timing: pdf;start=999999999;dur=999999999\nX-Server-Clock: 0123abcd \(zero)"
        )
        #expect(timing.clock?.zero == zero)
        for go: Nanoseconds in [-400, 0, 400] {
            #expect(timing.stages(go: go, boot: "0123abcd", firstByte: 5).isEmpty)
        }
    }

    @Test func `the progress line's p99 is within two hundredths of the real one`() throws {
        var tally = RoundTally()
        var generator = SplitMix64(seed: 1)
        var times: [Nanoseconds] = []
        for _ in 0..<5000 {
            let time = Nanoseconds(1) << Nanoseconds(generator.below(40)) + Nanoseconds(generator.below(1000))
            times.append(time)
            tally.add(responseTime: time, isOK: true)
            tally.add(responseTime: time, isOK: false)
        }
        let real = try #require(Percentile.p99.value(in: times.sorted()))
        let shown = try #require(tally.p99)
        #expect(abs(Double(shown - real)) <= 0.016 * Double(real))
        #expect(tally.maximum == times.max())
        #expect(tally.ok == 5000 && tally.errors == 5000)
    }

    @Test func `below a hundred replies there is no p99`() {
        var tally = RoundTally()
        for _ in 0..<99 { tally.add(responseTime: 5, isOK: true) }
        #expect(tally.p99 == nil)
        tally.add(responseTime: 5, isOK: true)
        #expect(tally.p99 == 5)
    }
}
