import BenchReport
import Foundation
import Measurements
import Testing

/// A strict reader of the Go benchmark format: `golang.org/design/14313-benchmark-format`, with unit metadata.
private struct GoBenchmarks {
    struct Result {
        let name: String
        let iterations: Int
        let values: [String: Double]
    }

    var configuration: [String: String] = [:]
    var units: [String: Set<String>] = [:]
    var results: [Result] = []

    init(_ text: String) throws {
        #expect(text.hasSuffix("\n"))
        for line in text.split(separator: "\n", omittingEmptySubsequences: false).dropLast()
        where !line.isEmpty {
            let words = line.split(separator: " ", omittingEmptySubsequences: false).map(String.init)
            if words[0] == "Unit" {
                #expect(words.count >= 3 && words.dropFirst(2).allSatisfy { $0.contains("=") }, "\(line)")
                units[words[1]] = Set(words.dropFirst(2))
            } else if words[0].hasPrefix("Benchmark") {
                #expect(words.count >= 4 && words.count.isMultiple(of: 2), "\(line)")
                var values: [String: Double] = [:]
                for place in stride(from: 2, to: words.count - 1, by: 2) {
                    let isNew = values.updateValue(
                        try #require(Double(words[place])),
                        forKey: words[place + 1]
                    )
                    #expect(isNew == nil, "\(line)")
                }
                results.append(
                    Result(name: words[0], iterations: try #require(Int(words[1])), values: values)
                )
            } else {
                let colon = try #require(line.firstIndex(of: ":"), "\(line)")
                let key = line[..<colon]
                #expect(key.allSatisfy { $0.isLowercase || $0 == "-" }, "\(line)")
                configuration[String(key)] = line[line.index(after: colon)...].trimmingCharacters(
                    in: .whitespaces
                )
            }
        }
    }

    func values(of unit: String, _ target: String) -> [Double] {
        results.filter { $0.name == "BenchmarkUpload/target=\(target)/c=20" }.compactMap { $0.values[unit] }
    }
}

struct GoBenchmarkTests {
    @Test func `medians, intervals and p that benchstat finds are those of the report`() throws {
        let run = try ExportedRun([.bench])
        let bench = try GoBenchmarks(run.folder.text("bench.txt"))
        #expect(
            bench.configuration["goarch"] == "amd64" && bench.configuration["cpu"] == "AMD EPYC (2 cores)"
        )
        #expect(bench.units["err/op"] == ["better=lower", "assume=exact"])
        #expect(bench.results.count == 20 && bench.results.allSatisfy { $0.iterations == 20 })
        let metrics: [(String, Metric)] = [
            ("req/s", .throughput), ("p50-sec", .response(.percentile(.p50))),
            ("p95-sec", .response(.percentile(.p95))), ("p99-sec", .response(.percentile(.p99))),
            ("max-sec", .response(.maximum)),
        ]
        for (unit, metric) in metrics {
            #expect(bench.units[unit] == [metric.better == .higher ? "better=higher" : "better=lower"])
            let before = bench.values(of: unit, "blocking")
            let after = bench.values(of: unit, "async")
            for (name, values) in [("blocking", before), ("async", after)] {
                let level = try #require(RoundLevel(rounds: values))
                let result = try #require(run.document.result(metric, of: name, at: 20))
                #expect(level.value == result.level.value && level.low == result.level.low)
            }
            let result = try #require(run.document.result(metric, of: "async", at: 20))
            #expect(RankSum.p(before, after) == result.unpaired?.p)
            let medians = try #require(RoundLevel.median(after)) / (try #require(RoundLevel.median(before)))
            #expect(abs(medians - (result.change?.ratioOfMedians ?? 0)) < 1e-12)
        }
        let makespans = run.document.countedRounds(at: 20).map { Double($0.record.makespan) / 20 }
        #expect(bench.results.map { $0.values["ns/op"] } == makespans)
    }

    @Test func `a hostile name is one word, and a round without a reply has no percentiles`() throws {
        let run = try ExportedRun([.bench]) { run in
            run.names = ["blocking", ExportedRun.hostileName]
            run.edit = { sample, target, _, _ in
                guard target == 1 else { return }
                sample.outcome = .refused
                sample.status = 0
            }
        }
        let bench = try GoBenchmarks(run.folder.text("bench.txt"))
        let failed = bench.results.filter { $0.values["err/op"] == 1 }
        #expect(
            failed.count == 10 && failed.allSatisfy { $0.values["p50-sec"] == nil && $0.values["req/s"] == 0 }
        )
        #expect(failed.allSatisfy { $0.name.hasPrefix("BenchmarkUpload/target=-script---") })
    }

    @Test func `a run without a whole block has no line`() throws {
        let run = try ExportedRun([.bench, .hgrm]) { run in
            run.rounds = 1
            run.edit = { sample, target, _, _ in if target == 1 { sample.outcome = .cancelled } }
        }
        #expect(try run.folder.names() == ["run.json"])
    }
}

struct HyperfineJSONTests {
    private struct Export: Decodable {
        struct Result: Decodable {
            let command: String
            let mean, median, user, system, min, max: Double
            let stddev: Double?
            let times: [Double]
            let exit_codes: [Int]
            let parameters: [String: String]
        }
        let results: [Result]
    }

    private func export(_ change: (inout SampleRun) -> Void) throws -> (Export, RunDocument) {
        let run = try ExportedRun([.bench], change)
        return (
            try JSONDecoder().decode(Export.self, from: Data(run.folder.bytes("hyperfine.json"))),
            run.document
        )
    }

    @Test func `each target's makespans stand as the times of a command`() throws {
        let (export, document) = try self.export { run in
            run.edit = { sample, target, round, place in
                if target == 1, round == 3, place == 0 { sample.outcome = .status }
            }
        }
        #expect(
            export.results.map(\.command) == [
                "blocking (20 uploads at once, one round)", "async (20 uploads at once, one round)",
            ]
        )
        for result in export.results {
            let rounds = document.countedRounds(at: 20).filter {
                $0.record.target == result.parameters["target"]
            }
            #expect(result.times == rounds.map { Double($0.record.makespan) / 1e9 })
            #expect(result.median == RoundLevel.median(result.times))
            #expect(result.min == result.times.min() && result.max == result.times.max())
            #expect(result.parameters["concurrency"] == "20")
        }
        #expect(export.results[0].exit_codes == Array(repeating: 0, count: 10))
        #expect(export.results[1].exit_codes.filter { $0 == 1 }.count == 1)
    }

    @Test func `one round has no deviation`() throws {
        let (export, _) = try self.export { $0.rounds = 1 }
        #expect(export.results.allSatisfy { $0.stddev == nil && $0.mean == $0.times[0] })
    }
}
