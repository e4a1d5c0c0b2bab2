import BenchReport
import Foundation
import Measurements
import Testing
import Zlib

struct HistogramExportTests {
    /// What the successes of a target's counted rounds took, in microseconds.
    private func whole(_ document: RunDocument, _ target: String) -> Histogram {
        var histogram = Histogram(highest: Histogram.longestMicroseconds)
        for round in document.countedRounds(at: 20) where round.record.target == target {
            for sample in round.record.samples where sample.outcome == .ok {
                histogram.record(sample.responseTime / 1000)
            }
        }
        return histogram
    }

    @Test func `percentiles rise to all uploads, five lines a half`() throws {
        let run = try ExportedRun([.hgrm])
        for target in ["blocking", "async"] {
            let text = try run.folder.text("\(target)-c20.hgrm")
            let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
            #expect(lines[0] == "       Value     Percentile TotalCount 1/(1-Percentile)" && lines[1].isEmpty)
            let rows = lines.dropFirst(2).prefix { !$0.hasPrefix("#") }
            let histogram = whole(run.document, target)
            var last = (value: 0.0, share: -1.0, count: 0)
            for row in rows {
                let match = try #require(
                    row.wholeMatch(
                        of: /[ ]*(\d+\.\d{3}) ([01]\.\d{12})[ ]+(\d+)([ ]+(\d+\.\d\d))?/
                    ),
                    "\(row)"
                )
                let value = try #require(Double(match.1))
                let share = try #require(Double(match.2))
                let count = try #require(Int(match.3))
                #expect(value >= last.value && share > last.share && count >= last.count, "\(row)")
                #expect((match.5 == nil) == (share == 1), "\(row)")
                let percentile = Percentile(partsPerMillion: Int((share * 1e6).rounded(.down)))
                #expect(value * 1000 >= Double(histogram.value(percentile) ?? 0) - 0.5, "\(row)")
                last = (value, share, count)
            }
            #expect(last.share == 1 && last.count == 200)
            #expect(rows.filter { ($0.split(separator: " ")[1]) < "0.5" }.count == 7)
            let trailer = lines.suffix(4)
            #expect(trailer.last == "")
            #expect(trailer.contains("#[Buckets =           22, SubBuckets     =         2048]"))
            let mean = FixedPoint.text((histogram.mean ?? 0) / 1000, decimals: 3)
            #expect(
                trailer.contains {
                    $0.hasPrefix("#[Mean    = ") && $0.contains(" \(mean), StdDeviation   = ")
                }
            )
        }
    }

    @Test func `the log has a line a counted round that decodes to the round`() throws {
        let run = try ExportedRun([.hgrm])
        let lines = try run.folder.text("run.hlog").split(separator: "\n").map(String.init)
        #expect(lines[0] == "#[Histogram log format version 1.3]")
        #expect(lines[1] == "#[StartTime: 1795362000.000 (seconds since epoch), 2026-11-22T15:40:00.000Z]")
        #expect(lines[2].split(separator: ",").count == 4)
        var sums = ["blocking": Histogram(highest: Histogram.longestMicroseconds)]
        sums["async"] = sums["blocking"]
        var last = -1.0
        for line in lines.dropFirst(3) {
            let fields = line.split(separator: ",").map(String.init)
            #expect(fields.count == 5)
            let tag = try #require(fields[0].wholeMatch(of: /Tag=([a-z]+)/))
            let start = try #require(Double(fields[1]))
            #expect(start > last)
            last = start
            let packed = try #require(Data(base64Encoded: fields[4]))
            #expect(packed.prefix(4) == Data([0x1C, 0x84, 0x93, 0x14]))
            let encoded = try Inflate.unpacked(Array(packed.dropFirst(8)), limit: 1 << 20)
            let histogram = try #require(Histogram(decoding: encoded))
            #expect(histogram.count == 20)
            #expect(abs((Double(fields[3]) ?? 0) - Double(histogram.maximum ?? 0) / 1e6) < 1e-9)
            sums[String(tag.1)]?.merge(histogram)
        }
        #expect(lines.count == 23)
        for (name, sum) in sums { #expect(sum == whole(run.document, name)) }
    }

    @Test func `two names that make one word get two files`() throws {
        let run = try ExportedRun([.hgrm]) { $0.names = ["a b", "a,b"] }
        #expect(try run.folder.names() == ["a-b-c20-2.hgrm", "a-b-c20.hgrm", "run.hlog", "run.json"])
        #expect(
            try run.folder.text("run.hlog").split(separator: "\n").allSatisfy { $0.contains("a b") == false }
        )
    }
}
