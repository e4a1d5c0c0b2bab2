import Foundation
import Measurements
import Testing

@testable import BenchReport

/// The page that describes a results folder names all there is in one.
struct ResultsPageTests {
    private static let page = Result {
        try String(
            contentsOf: URL(filePath: #filePath).deletingLastPathComponent()
                .appending(path: "../../docs/results.md"),
            encoding: .utf8
        )
    }

    @Test(arguments: [
        ("summary.csv", SummaryCSV.columns), ("rounds.csv", RoundsCSV.columns),
        ("requests.csv.gz", RequestsCSV.columns), ("probes.csv.gz", ProbesCSV.columns),
        ("loop-blocks.csv", LoopBlocksCSV.columns),
    ])
    func `every column is described where its file is`(file: String, columns: [String]) throws {
        let section = try #require(
            try Self.page.get().components(separatedBy: "\n## ").first {
                $0.prefix { $0 != "\n" }.contains(file)
            }
        )
        for column in columns { #expect(section.contains("`\(column)`"), "\(column) of \(file)") }
    }

    @Test func `every key of the run document is described`() throws {
        let page = try Self.page.get()
        let document = SampleRun().document()
        let json = try #require(
            try JSONSerialization.jsonObject(with: Data(try document.json())) as? [String: Any]
        )
        func check(_ object: Any?, in place: String) throws {
            let object = (object as? [Any])?.first ?? object
            for key in try #require(object as? [String: Any], "\(place)").keys {
                #expect(page.contains("`\(key)`"), "\(place).\(key)")
            }
        }
        #expect(page.contains("\"schema\": \"\(json["schema"] ?? "")\""))
        for key in json.keys where key != "schema" { #expect(page.contains("`\(key)`"), "\(key)") }
        for key in ["tool", "validity", "environment", "plan", "targets", "rounds"] {
            try check(json[key], in: key)
        }
        let rounds = try #require(json["rounds"] as? [[String: Any]])
        for key in ["burst", "client", "host"] { try check(rounds[0][key], in: "rounds[0].\(key)") }
        let results = try #require(json["results"] as? [[String: Any]])
        try check(results.first { $0["change"] is [String: Any] }?["change"], in: "change")
    }
}
