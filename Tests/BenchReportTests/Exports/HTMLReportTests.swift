import BenchReport
import Foundation
import Measurements
import Testing

struct HTMLReportTests {
    private func html(_ run: ExportedRun) throws -> XMLElements {
        XMLElements(try run.folder.bytes("report.html"))
    }

    @Test func `the report is well-formed, holds its charts and asks nothing of the network`() throws {
        let run = try ExportedRun([.html, .csv])
        let page = try html(run)
        let text = try run.folder.text("report.html")
        #expect(page.named("script").isEmpty && page.named("link").isEmpty && page.named("img").isEmpty)
        let policy = page.named("meta").compactMap { $0.attributes["content"] }
        #expect(policy.contains("default-src 'none'; style-src 'unsafe-inline'"))
        let addresses = text.matches(of: /https?:[^"'<>\s]+/).map { String($0.0) }
        let namespaces: Set = ["http://www.w3.org/2000/svg", "http://www.w3.org/1999/xhtml"]
        // Targets are named by their addresses in the plan, which links nothing.
        #expect(Set(addresses).subtracting(namespaces).allSatisfy { $0.hasPrefix("http://127.0.0.1:") })
        let links = page.named("a").compactMap { $0.attributes["href"] }
        #expect(!links.isEmpty)
        for link in links { #expect(try !run.folder.bytes(link).isEmpty, "\(link)") }
        #expect(page.named("figure").count >= 4)
        #expect(page.named("figure").count == page.named("svg").count)
        #expect(
            page.named("svg").allSatisfy { $0.attributes["role"] == "img" && $0.parents.contains("figure") }
        )
        let ids = page.elements.compactMap { $0.attributes["id"] }
        #expect(Set(ids).count == ids.count)
        #expect(text.contains("@media screen and (prefers-color-scheme:dark)"))
        #expect(text.contains("@media print"))
        // Each head of a table says what it heads; each level of heading is used in its turn.
        let heads = page.named("th")
        #expect(!heads.isEmpty && heads.allSatisfy { ["row", "col"].contains($0.attributes["scope"]) })
        #expect(page.named("html").first?.attributes["lang"] == "en")
        #expect(page.named("h1").count == 1 && page.named("main").count == 1)
    }

    @Test func `what must be read first stands first`() throws {
        let run = try ExportedRun([.html]) { run in
            run.validity = Validity(verdict: .suspect, reasons: ["the client was late"])
            run.interrupted = "SIGINT"
        }
        let page = try html(run)
        let text = page.text
        let order = [
            "PARTIAL: 10 of 10 blocks", "SUSPECT: the client was late", run.document.verdict,
            "Hodges-Lehmann",
            "Data", "Phases of an upload", "Warnings", "Rounds", "Environment", "Plan", "Command",
            "ingest-bench run sample.pdf 100",
        ]
        // The title and the style sheet stand before all of it.
        var rest = text[try #require(text.range(of: "PARTIAL")).lowerBound...]
        for part in order {
            let place = try #require(rest.range(of: part), "\(part)")
            rest = rest[place.upperBound...]
        }
    }

    @Test func `the data behind the charts are there to the digit`() throws {
        let run = try ExportedRun([.html])
        let text = try html(run).text
        for result in run.document.results where result.metric == .throughput {
            #expect(text.contains(FixedPoint.text(result.level.value, decimals: 4)))
        }
        let samples = run.document.countedRounds(at: 20).filter { $0.record.target == "async" }
            .flatMap { Array($0.record.samples) }
        let listed = samples.count { text.contains(FixedPoint.text(Double($0.done) / 1e6, decimals: 3)) }
        #expect(listed >= 20)
    }

    @Test func `errors, thresholds and stacks have their tables`() throws {
        let limit = try Threshold(parsing: "errors<1%", targets: ["blocking", "async"])
        let run = try ExportedRun([.html]) { run in
            run.thresholds = [limit]
            run.edit = { sample, target, _, place in
                guard target == 1, place == 0 else { return }
                sample.outcome = .status
                sample.status = 503
            }
            run.firstAnswers = [FirstAnswer(target: "async", status: 503, body: "<b>busy</b>")]
        }
        let text = try html(run).text
        for part in ["Errors", "<b>busy</b>", "Thresholds", "errors<1%", "fail", "503"] {
            #expect(text.contains(part), "\(part)")
        }
    }

    @Test func `hostile names break no tag`() throws {
        let run = try ExportedRun([.html]) { run in
            run.names = ["blocking", ExportedRun.hostileName]
            run.fileName = ExportedRun.hostileName
            run.arguments = ["run", ExportedRun.hostileName]
        }
        let page = try html(run)
        #expect(page.named("script").isEmpty && page.text.contains("<script>|"))
    }

    @Test func `a million rows would not make it large`() throws {
        let run = try ExportedRun([.html]) { run in
            run.uploads = 5000
            run.rounds = 6
            run.concurrency = 100
            run.mode = .closed
        }
        #expect(try run.folder.bytes("report.html").count < 3_000_000)
        #expect(try html(run).text.contains("the first 200 of each target"))
    }
}
