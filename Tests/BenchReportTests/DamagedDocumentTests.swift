import BenchReport
import Foundation
import Measurements
import Testing

/// Documents that were cut, or that lack something.
struct DamagedDocumentTests {
    private static let small = SampleLoops.run { run in
        (run.uploads, run.rounds, run.warmup) = (2, 2, 0)
        run.idleProbe = ProbeBaseline(count: 10, p50: 1, p99: 2)
        run.edit = { sample, target, round, place in
            guard target == 1, round == 1, place == 1 else { return }
            (sample.outcome, sample.status) = (.status, 503)
        }
        run.firstAnswers = [FirstAnswer(target: "async", status: 503, body: "full")]
    }.document()

    @Test func `every cut of a document is a sentence`() throws {
        var run = SampleRun()
        (run.uploads, run.rounds, run.warmup, run.names) = (1, 1, 0, ["x"])
        (run.hasProbe, run.hasStages) = (false, false)
        let bytes = try run.document().json()
        // The last byte is a line break.
        for end in 0..<bytes.count - 1 {
            #expect(throws: DocumentFault.endsEarly(bytes: end)) {
                try RunDocument(json: Array(bytes[..<end]))
            }
        }
    }

    @Test func `a larger document is a sentence wherever its parts are cut`() throws {
        let bytes = try Self.small.json()
        for end in bytes.indices where bytes[end] == UInt8(ascii: ":") || bytes[end] == UInt8(ascii: "\n") {
            guard end + 1 < bytes.count else { break }
            #expect(throws: DocumentFault.endsEarly(bytes: end)) {
                try RunDocument(json: Array(bytes[..<end]))
            }
        }
    }

    /// What a document need not have, wherever it stands.
    private static let optional: Set = [
        "commit", "errors", "burst", "samples", "probe", "loops", "stages", "histogram", "stacks", "results",
        "thresholds", "warnings", "findings", "idle", "probe_idle", "cpu_s", "first_body",
    ]

    @Test func `every required key that is missing is named`() throws {
        let document = try JSONSerialization.jsonObject(with: Data(try Self.small.json()))
        var removed = 0
        for path in KeyPath.all(in: document) where !path.isStored && path.name != "schema" {
            // Those of the plan are settings, which must be there.
            let isOptional = Self.optional.contains(path.name) && !path.text.hasPrefix("plan.server")
            // Servers name stages as they like.
            let isStage = path.text.split(separator: ".").dropLast().last == "stages"
            guard !isOptional, !isStage, !path.text.hasPrefix("errors") else { continue }
            let bytes = try JSONSerialization.data(withJSONObject: path.removed(from: document))
            #expect(throws: DocumentFault.lacks(path: path.text), "\(path.text)") {
                try RunDocument(json: Array(bytes))
            }
            removed += 1
        }
        #expect(removed > 250)
    }

    @Test func `any key that may be missing leaves a report`() throws {
        let document = try JSONSerialization.jsonObject(with: Data(try Self.small.json()))
        var removed = 0
        for path in KeyPath.all(in: document)
        where Self.optional.contains(path.name) && !path.text.hasPrefix("plan.") {
            let bytes = try JSONSerialization.data(withJSONObject: path.removed(from: document))
            let read = try RunDocument(json: Array(bytes))
            let text = TextReport(of: read, style: TerminalStyle(), checks: [], written: nil).text
            #expect(text.contains("Throughput req/s"), "\(path.text)")
            removed += 1
        }
        #expect(removed > 25)
    }

    @Test func `without stored results they are worked out`() throws {
        var object = try #require(
            JSONSerialization.jsonObject(with: Data(try Self.small.json())) as? [String: Any]
        )
        for name in ["errors", "results", "thresholds", "warnings"] { object[name] = nil }
        let document = try RunDocument(json: Array(try JSONSerialization.data(withJSONObject: object)))
        #expect(document.results == Self.small.results)
        #expect(document.rounds.map(\.record) == Self.small.rounds.map(\.record))
    }

    @Test(arguments: [
        ("\"makespan_s\":", "\"makespan_s\":-1,\"x\":", "rounds[0].makespan_s is not a length of time"),
        ("\"p90\":", "\"p90\":0,\"x\":", "the times of rounds[0].response_s do not rise"),
        ("\"mean\":", "\"mean\":9,\"x\":", "the times of rounds[0].response_s do not rise"),
        (
            "\"counts\":{\"ok\":2}", "\"counts\":{\"ok\":3}",
            "rounds[0].histogram counts 2 of 3 successes"
        ),
        (
            "\"counts\":{\"ok\":2}", "\"counts\":{\"ok\":2,\"http.status\":1}",
            "rounds[0] (blocking) has 2 samples, 2 of them ok, but counts 3, 2 of them ok"
        ),
        (
            "\"counts\":{\"ok\":2}", "\"counts\":{\"ok\":2,\"http.status\":1073741824}",
            "rounds[0].counts are more than 1073741824 uploads"
        ),
        (
            "\"counts\":{\"ok\":2}", "\"counts\":{\"ok\":1073741825}",
            "rounds[0].counts.ok is not a whole number up to 1073741824"
        ),
        ("\"histogram\":\"", "\"histogram\":\"AAAA", "rounds[0].histogram is not a histogram"),
        (
            "\"target\":\"async\",\"concurrency\":2,\"rate\"",
            "\"target\":\"moon\",\"concurrency\":2,\"rate\"", "rounds[1].target is not one of the targets"
        ),
        ("{\"name\":\"async\"", "{\"name\":\"blocking\"", "two targets have one name"),
        (
            "\"steal\":", "\"steal\":1e300,\"x\":",
            "rounds[0].host.steal is not a number that can be worked with"
        ),
    ])
    func `counts and times that can't be are named`(
        _ text: String,
        _ replacement: String,
        _ reason: String
    ) throws {
        let json = String(decoding: try Self.small.json(), as: UTF8.self)
        let damaged = json.replacing(text, with: replacement, maxReplacements: 1)
        #expect(damaged != json)
        #expect(throws: DocumentFault.damaged(reason: reason)) { try RunDocument(json: Array(damaged.utf8)) }
    }

    @Test func `an array that is no column holds a limited number`() throws {
        let json = String(decoding: try Self.small.json(), as: UTF8.self)
        let ones = "1" + String(repeating: ",1", count: 1 << 16)
        let damaged = json.replacing("\"concurrency\":[2]", with: "\"concurrency\":[\(ones)]")
        let fault = DocumentFault.damaged(
            reason: "plan.concurrency is not an array of at most 65536 numbers"
        )
        #expect(throws: fault) { try RunDocument(json: Array(damaged.utf8)) }
    }

    @Test func `a target has a thousand rounds at most`() throws {
        var many = Self.small
        many.rounds = Array(repeating: many.rounds[0], count: 1001)
        let json = try many.json()
        #expect(throws: DocumentFault.damaged(reason: "blocking has more than 1000 rounds")) {
            try RunDocument(json: json)
        }
    }

    /// Eight megabytes of brackets would have taken half a gigabyte.
    @Test func `more values than any run has are refused while they are read`() {
        let text = "[" + String(repeating: "[],", count: 1 << 23) + "0]"
        let fault = DocumentFault.damaged(reason: "it holds more than 8388608 values")
        #expect(throws: fault) { try RunDocument(json: Array(text.utf8)) }
    }
}

/// A path of keys and indices through a decoded document.
private struct KeyPath {
    enum Step { case key(String), index(Int) }
    let steps: [Step]

    var name: String {
        if case .key(let name)? = steps.last { name } else { "" }
    }

    var text: String {
        steps.reduce(into: "") { text, step in
            switch step {
            case .key(let name): text += text.isEmpty ? name : ".\(name)"
            case .index(let index): text += "[\(index)]"
            }
        }
    }

    /// Whether it leads to what only later readings are compared with.
    var isStored: Bool {
        steps.contains { step in
            if case .key(let name) = step {
                ["results", "findings", "thresholds", "warnings"].contains(name)
            } else {
                false
            }
        }
    }

    /// All keys, of arrays those of the first and last element, of maps with free keys none.
    static func all(in value: Any, after steps: [Step] = []) -> [KeyPath] {
        if let object = value as? [String: Any] {
            if case .key(let name)? = steps.last, ["counts", "statuses"].contains(name) { return [] }
            return object.sorted { $0.key < $1.key }.flatMap { name, value in
                [KeyPath(steps: steps + [.key(name)])] + all(in: value, after: steps + [.key(name)])
            }
        }
        guard let array = value as? [Any], !array.isEmpty else { return [] }
        return Set([0, array.count - 1]).sorted().flatMap { place in
            all(in: array[place], after: steps + [.index(place)])
        }
    }

    func removed(from value: Any) -> Any { Self.removed(steps[...], from: value) }

    private static func removed(_ steps: ArraySlice<Step>, from value: Any) -> Any {
        guard let step = steps.first else { return value }
        switch step {
        case .key(let name):
            guard var object = value as? [String: Any], let inner = object[name] else { return value }
            object[name] = steps.count == 1 ? nil : removed(steps.dropFirst(), from: inner)
            return object
        case .index(let index):
            guard var array = value as? [Any] else { return value }
            array[index] = removed(steps.dropFirst(), from: array[index])
            return array
        }
    }
}
