import BenchReport
import Foundation
import Measurements
import Testing

struct RunDocumentTests {
    private static let small: RunDocument = {
        var run = SampleRun()
        run.uploads = 4
        run.rounds = 2
        run.warmup = 0
        run.edit = { sample, target, round, place in
            guard target == 1, round == 1, place == 3 else { return }
            sample.outcome = .status
            sample.status = 503
            sample.stages = []
        }
        run.firstAnswers = [
            FirstAnswer(target: "async", status: 503, body: "{\"error\":\"queue \\u0007 full\"}\n")
        ]
        return run.document()
    }()

    @Test func `writing, reading and writing gives the same bytes`() throws {
        let first = try Self.small.json()
        let document = try RunDocument(json: first)
        #expect(document == Self.small)
        #expect(document.recomputation == nil)
        #expect(try document.json() == first)
    }

    @Test func `a shard is kept in the plan, which is the whole run's in all else`() throws {
        var run = SampleRun()
        run.rounds = 1
        run.uploads = 10
        run.shard = .init(
            index: 2,
            count: 3,
            startAt: Timestamp(nanosecondsSince1970: 1_795_000_000_000_000_000)
        )
        let document = run.document()
        let read = try RunDocument(json: try document.json())
        #expect(read.plan.shard == run.shard && read.plan.requests == 10)
        #expect(
            (1...3).map { RunDocument.Plan.Shard(index: $0, count: 3, startAt: read.started).share(of: 10) }
                == [4, 3, 3]
        )
        let style = TerminalStyle(width: 80, isColored: false, isUnicode: true)
        #expect(
            TextReport(of: read, style: style, checks: [], written: nil).text.contains(
                "burst of 10, shard 2 of 3"
            )
        )
        let text = String(decoding: try document.json(), as: UTF8.self)
        for damage in ["\"index\":4,\"of\":3", "\"index\":0,\"of\":3", "\"index\":1,\"of\":0"] {
            let damaged = text.replacing("\"index\":2,\"of\":3", with: damage)
            #expect(throws: DocumentFault.self, "\(damage)") { try RunDocument(json: Array(damaged.utf8)) }
        }
    }

    @Test func `packed columns hold what arrays hold`() throws {
        var run = SampleRun()
        run.uploads = 3000
        run.rounds = 3
        let document = run.document()
        let packed = try document.json()
        let read = try RunDocument(json: packed)
        #expect(String(decoding: packed, as: UTF8.self).contains("\"done_ns\":\"p1:"))
        #expect(read == document)
        #expect(try read.json() == packed)
        #expect(packed.count / (3000 * 2 * 4) < 60)
    }

    @Test func `a document that other programs read is JSON`() throws {
        let object = try JSONSerialization.jsonObject(with: Data(try Self.small.json()))
        let document = try #require(object as? [String: Any])
        #expect(document["schema"] as? String == "ingest-bench/run/1")
        let errors = try #require(document["errors"] as? [[String: Any]])
        #expect(errors.first?["first_body"] as? String == "{\"error\":\"queue \\u0007 full\"}\n")
    }

    @Test func `keys that nobody knows are ignored`() throws {
        let text = String(decoding: try Self.small.json(), as: UTF8.self)
        let changed = text.replacing("\"index\":", with: "\"moon\":{\"phase\":[1,2.5,null]},\"index\":")
        #expect(try RunDocument(json: Array(changed.utf8)) == Self.small)
    }

    @Test(arguments: [
        ("{}", "is not a run document: it has no \"schema\""),
        ("[1]", "is not a run document: it has no \"schema\""),
        (
            "{\"schema\":\"ingest-bench/compare/1\"}",
            "is not a run document: its schema is ingest-bench/compare/1"
        ),
        ("{\"schema\":\"ingest-bench/run/2\"}", "has schema ingest-bench/run/2; ingest-bench 0.1.0 reads 1"),
        ("{\"schema\":7}", "is damaged: schema is not a text"),
        ("{\"schema\":\"ingest-bench/run/1\"}", "lacks outcomes"),
        ("{\n  \"schema\": tru }", "is not JSON: line 2, column 16"),
        ("{\"schema\":\"x\"} x", "is not JSON: line 1, column 16"),
        ("", "ends early, after 0 bytes"),
        ("{\"a\":01}", "is not JSON: line 1, column 6"),
        ("{\"a\":1e999}", "is not JSON: line 1, column 6"),
        ("<html>", "is not JSON: line 1, column 1"),
    ])
    func `what is no run document is told in a sentence`(_ text: String, _ sentence: String) {
        let fault = #expect(throws: DocumentFault.self) { try RunDocument(json: Array(text.utf8)) }
        #expect(fault?.message == sentence)
    }

    @Test(arguments: [
        ("\"done_ns\":[", "\"done_ns\":[1,", "rounds[0] (blocking) has 4 samples but 5 values in done_ns"),
        ("\"done_ns\":[", "\"done_ns\":[-7,", "rounds[0] (blocking) has 4 samples but 5 values in done_ns"),
        ("\"flags\":[8", "\"flags\":[256", "rounds[0] (blocking): flags[0] is 256"),
        ("\"outcome\":[0", "\"outcome\":[9", "rounds[0] (blocking): outcome[0] is 9"),
        (
            "\"tls_ns\":[-1,-1,-1,-1]", "\"tls_ns\":\"p1:AAAA\"",
            "rounds[0] (blocking): tls_ns cannot be unpacked"
        ),
        (
            "\"tls_ns\":[-1,-1,-1,-1]", "\"tls_ns\":{}",
            "rounds[0] (blocking): tls_ns is not a column of whole numbers"
        ),
        ("\"makespan_s\":", "\"makespan_s\":1e9,\"x\":", "rounds[0].makespan_s is not a length of time"),
        ("\"mode\":\"burst\"", "\"mode\":\"x\"", "plan.mode is not one of burst, closed, open"),
        ("\"seed\":\"42\"", "\"seed\":\"-1\"", "plan.seed is not a whole number"),
        ("\"outcomes\":[\"ok\",\"http.status\"]", "\"outcomes\":[]", "outcomes is empty"),
    ])
    func `damage is named`(_ text: String, _ replacement: String, _ reason: String) throws {
        let json = String(decoding: try Self.small.json(), as: UTF8.self)
        let damaged = json.replacing(text, with: replacement, maxReplacements: 1)
        #expect(damaged != json)
        #expect(throws: DocumentFault.damaged(reason: reason)) { try RunDocument(json: Array(damaged.utf8)) }
    }

    @Test func `deeply nested text does not exhaust the stack`() {
        let text = String(repeating: "[", count: 1_000_000)
        #expect(throws: DocumentFault.notJSON(line: 1, column: 65)) {
            try RunDocument(json: Array(text.utf8))
        }
    }

    @Test func `results that differ from the stored ones are told`() throws {
        let json = String(decoding: try Self.small.json(), as: UTF8.self)
        let start = try #require(json.range(of: "\"level\":{\"value\":"))
        let changed = json.replacingCharacters(in: start, with: "\"level\":{\"value\":1")
        let document = try RunDocument(json: Array(changed.utf8))
        #expect(document.results == Self.small.results)
        #expect(
            document.recomputation?.text
                == "results differ from those stored by ingest-bench 0.1.0; recomputed"
        )
    }

    @Test func `secrets are in no document`() throws {
        var run = SampleRun()
        run.arguments = [
            "run", "sample.pdf", "-H", "Authorization: Bearer s3cr3t", "--header=X-Api-Key: s3cr3t", "--form",
            "password=s3cr3t", "--target", "a=http://joe:s3cr3t@h/up?token=s3cr3t&x=1", "-HCookie: s3cr3t",
            "--secret-key", "s3cr3t", "--header", "Accept: text/plain",
        ]
        let document = run.document()
        #expect(!String(decoding: try document.json(), as: UTF8.self).contains("s3cr3t"))
        #expect(
            document.plan.command
                == "ingest-bench run sample.pdf -H 'Authorization: ***' '--header=X-Api-Key: ***' --form "
                + "'password=***' --target 'a=http://***@h/up?token=***&x=1' '-HCookie: ***' --secret-key '***' "
                + "--header 'Accept: text/plain'"
        )
    }

    @Test(arguments: [
        ("1970-01-01T00:00:00.000Z", 0), ("2026-11-22T15:40:00.000Z", 1_795_362_000_000),
        ("2024-02-29T23:59:59.999Z", 1_709_251_199_999), ("2000-03-01T00:00:00.000Z", 951_868_800_000),
    ])
    func `a wall time is written and read in the calendar`(_ text: String, _ milliseconds: Int64) {
        let time = Timestamp(nanosecondsSince1970: milliseconds * 1_000_000)
        #expect(time.iso8601 == text)
        #expect(Timestamp(iso8601: text) == time)
    }
}
