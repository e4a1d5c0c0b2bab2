import BenchReport
import Foundation
import Measurements
import Testing

/// A strict reader of OpenMetrics text 1.0, for the types that are written.
private struct OpenMetrics {
    struct Sample: Hashable {
        let name: String
        let labels: [String: String]
    }

    var types: [String: String] = [:]
    var samples: [Sample: Double] = [:]
    private var seen: Set<String> = []

    init(_ text: String) throws {
        #expect(text.hasSuffix("\n# EOF\n"))
        var family = ""
        for line in text.split(separator: "\n").dropLast() {
            if line.hasPrefix("# ") {
                let words = line.split(separator: " ", maxSplits: 3).map(String.init)
                #expect(words.count == 4, "\(line)")
                if words[1] == "HELP" {
                    family = words[2]
                    #expect(seen.insert(family).inserted, "families do not interleave: \(line)")
                }
                #expect(words[2] == family, "\(line)")
                if words[1] == "TYPE" { types[family] = words[3] }
                if words[1] == "UNIT" { #expect(family.hasSuffix("_\(words[3])"), "\(line)") }
            } else {
                try read(String(line), of: family)
            }
        }
    }

    private mutating func read(_ line: String, of family: String) throws {
        let brace = try #require(line.firstIndex(of: "{"), "\(line)")
        let name = String(line[..<brace])
        let endings: [String] =
            switch types[family] {
            case "histogram": ["_bucket", "_sum", "_count"]
            case "counter": ["_total"]
            default: [""]
            }
        #expect(endings.contains { family + $0 == name }, "\(line)")
        var labels: [String: String] = [:]
        var rest = line[line.index(after: brace)...]
        while rest.first != "}" {
            if !labels.isEmpty { #expect(rest.popFirst() == ",") }
            let equals = try #require(rest.firstIndex(of: "="))
            let key = String(rest[..<equals])
            rest = rest[rest.index(after: equals)...]
            #expect(rest.popFirst() == "\"")
            var value = ""
            while let next = rest.popFirst(), next != "\"" {
                guard next == "\\" else {
                    value.append(next)
                    continue
                }
                switch rest.popFirst() {
                case "n": value.append("\n")
                case "\\": value.append("\\")
                case "\"": value.append("\"")
                default: Issue.record("no such escape: \(line)")
                }
            }
            #expect(labels.updateValue(value, forKey: key) == nil, "\(line)")
        }
        let number = try #require(Double(rest.dropFirst(2)), "\(line)")
        #expect(rest.dropFirst().first == " ")
        #expect(samples.updateValue(number, forKey: Sample(name: name, labels: labels)) == nil, "\(line)")
    }
}

struct OpenMetricsTests {
    @Test func `levels, changes and times read back as they were`() throws {
        let run = try ExportedRun([.openmetrics])
        let metrics = try OpenMetrics(run.folder.text("metrics.prom"))
        for result in run.document.results {
            let labels = ["target": result.target, "concurrency": "20", "metric": result.metric.name]
            func value(_ name: String, _ bound: String, _ more: [String: String] = [:]) -> Double? {
                let all = labels.merging(more) { $1 }.merging(["bound": bound]) { $1 }
                return metrics.samples[OpenMetrics.Sample(name: name, labels: all)]
            }
            #expect(value("ingest_bench_level", "estimate") == result.level.value)
            #expect(value("ingest_bench_level", "lower") == result.level.low)
            guard let change = result.change, change.kind == .ratio else { continue }
            let baseline = ["baseline": "blocking"]
            #expect(value("ingest_bench_change_ratio", "estimate", baseline) == change.estimate)
            #expect(value("ingest_bench_change_ratio", "upper", baseline) == change.high)
        }
        for target in ["blocking", "async"] {
            let rounds = run.document.countedRounds(at: 20).filter { $0.record.target == target }
            let times = rounds.flatMap { $0.record.samples.map(\.responseTime) }
            let labels = ["target": target, "concurrency": "20"]
            let buckets = metrics.samples.filter {
                $0.key.name == "ingest_bench_response_time_seconds_bucket"
                    && $0.key.labels["target"] == target
            }
            #expect(buckets.count == 15)
            for (sample, count) in buckets {
                let bound = sample.labels["le"] == "+Inf" ? .infinity : Double(sample.labels["le"] ?? "")
                let limit = try #require(bound)
                #expect(Double(times.count { Double($0) / 1e9 <= limit }) == count)
            }
            let count = OpenMetrics.Sample(name: "ingest_bench_response_time_seconds_count", labels: labels)
            #expect(metrics.samples[count] == 200)
            let sum = OpenMetrics.Sample(name: "ingest_bench_response_time_seconds_sum", labels: labels)
            #expect(abs((metrics.samples[sum] ?? 0) - times.reduce(0) { $0 + Double($1) / 1e9 }) < 1e-6)
        }
        #expect(metrics.types.values.allSatisfy { ["histogram", "counter", "gauge"].contains($0) })
    }

    @Test func `a hostile name stays within its label`() throws {
        let run = try ExportedRun([.openmetrics]) { run in
            run.names = ["blocking", ExportedRun.hostileName]
            run.edit = { sample, target, round, place in
                if target == 1, place == round { sample.outcome = .timeoutWaiting }
            }
        }
        let metrics = try OpenMetrics(run.folder.text("metrics.prom"))
        let name = ExportedRun.hostileName.replacing("\u{1B}", with: " ")
        let total = OpenMetrics.Sample(
            name: "ingest_bench_uploads_total",
            labels: ["target": name, "concurrency": "20", "outcome": "timeout.waiting"]
        )
        #expect(metrics.samples[total] == 10)
    }

    /// Where a document kept no uploads the histograms stand in for them.
    @Test func `without samples the counts are those of the histograms`() throws {
        var document = try ExportedRun([]).document
        for index in document.rounds.indices { document.rounds[index].record.samples = [] }
        let run = try ExportedRun(document, [.openmetrics])
        let metrics = try OpenMetrics(run.folder.text("metrics.prom"))
        let labels = ["target": "async", "concurrency": "20"]
        let count = OpenMetrics.Sample(name: "ingest_bench_response_time_seconds_count", labels: labels)
        #expect(metrics.samples[count] == 200)
    }
}
