import Measurements
import Testing
import Zlib

@testable import BenchReport

/// Whole documents and files against the reference results.
struct ReferenceTests {
    @Test func `the shift function of a run is the reference's`() throws {
        let rounds = ReferenceVectors.shared.cluster_bootstrap
        var run = SampleRun()
        run.names = ["A", "B"]
        run.rounds = rounds.A_rounds.count
        run.uploads = rounds.A_rounds[0].count
        run.edit = { sample, target, round, place in
            let seconds = (target == 0 ? rounds.A_rounds : rounds.B_rounds)[round][place]
            sample.done = Nanoseconds((seconds * 1e9).rounded())
        }
        guard case .drawn(let chart) = ChartFacts(of: run.document()).shift() else {
            Issue.record("no shift function")
            return
        }
        let deciles = try #require(chart.panels.first?.deciles)
        let expected = ReferenceVectors.shared.shift_function.paired.deciles
        #expect(deciles.count == expected.count)
        for (decile, row) in zip(deciles, expected) {
            #expect(decile.tenth * 100_000 == row.ppm)
            for (value, wanted) in [
                (decile.difference, row.estimate), (decile.interval.lowerBound, row.lo),
                (decile.interval.upperBound, row.hi),
            ] { #expect(abs(value - wanted) <= 1e-9 * abs(wanted) + 1e-15, "decile \(decile.tenth)") }
        }
    }

    @Test(arguments: ReferenceVectors.shared.packed_columns.rows)
    func `a packed column holds the reference's bytes`(_ row: ReferenceVectors.Packed) throws {
        #expect(PackedColumn.unpacked(row.packed.utf8, count: row.values.count) == row.values)
        var json = JSONWriter()
        try PackedColumn.write(row.values, to: &json)
        let text = String(decoding: json.bytes, as: UTF8.self).trimmingPrefix("\"").dropLast()
        #expect(PackedColumn.unpacked(text.utf8, count: row.values.count) == row.values)
        let base64 = text.utf8.dropFirst(PackedColumn.prefix.utf8.count)
        let bytes = try Inflate.unpacked(try #require(Base64.bytes(base64)), limit: 1000)
        let hex = bytes.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
        #expect(hex == row.bytes_hex)
    }

    @Test func `a chunk of a picture carries the reference's sum`() {
        let row = ReferenceVectors.shared.png_text_chunk
        let chunk = PNGMetadata.chunk("tEXt", Array(row.keyword.utf8) + [0] + row.text.utf8)
        #expect(Array(chunk.prefix(4)) == PNGMetadata.bytes(row.length))
        #expect(
            UInt32(row.crc32_of_type_and_data, radix: 16).map(PNGMetadata.bytes) == Array(chunk.suffix(4))
        )
        let end = PNGMetadata.chunk("IEND", [])
        #expect(UInt32(row.crc_IEND, radix: 16).map(PNGMetadata.bytes) == Array(end.suffix(4)))
    }

    @Test func `a burst whose tail follows from its throughput is told, as two published runs do`() throws {
        let row = ReferenceVectors.shared.burst_identity.n100
        func document(factor: Double = 1) -> RunDocument {
            var run = SampleRun()
            run.edit = { sample, target, _, place in
                let p99 = row.reported_p99[target] * (target == 1 ? factor : 1)
                sample.done = Nanoseconds((place < 98 ? Double(place + 1) / 100 : p99) * 1e9)
            }
            run.editRound = { round in
                guard !round.isWarmup else { return }
                round.makespan = Nanoseconds(100 / row.rps[round.target == "async" ? 1 : 0] * 1e9)
            }
            return run.document()
        }
        let whole = document()
        #expect(whole.warnings.contains { $0.code == .burstIdentity })
        let p99 = Metric.response(.percentile(.p99))
        let change = try #require(whole.result(p99, of: "async", at: 100)?.change?.estimate)
        let gain = try #require(whole.result(.throughput, of: "async", at: 100)?.change?.estimate)
        #expect(abs(change - row.reported_p99_change) < 1e-9 && abs(gain - row.g) < 1e-6)
        #expect(abs(1 / (1 + gain) - 1 - row.implied_p99_change) < 1e-6)
        // One target whose tail is its own, and none is told to follow.
        #expect(!document(factor: 0.9).warnings.contains { $0.code == .burstIdentity })
        #expect(!document(factor: 0.9).results.contains { $0.flags.contains(.burstIdentity) })
    }
}
