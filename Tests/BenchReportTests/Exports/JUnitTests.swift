import BenchReport
import Foundation
import FoundationXML
import Measurements
import Testing

/// Reads XML strictly, noting every element with its attributes.
final class XMLElements: NSObject, XMLParserDelegate {
    struct Element {
        let name: String
        let attributes: [String: String]
        let parents: [String]
    }

    private(set) var elements: [Element] = []
    private(set) var text = ""
    private var open: [String] = []

    /// Reads a text; a fault in it is an issue.
    init(_ bytes: [UInt8]) {
        super.init()
        let parser = XMLParser(data: Data(bytes))
        parser.delegate = self
        #expect(parser.parse(), "\(parser.parserError.map { "\($0)" } ?? "") line \(parser.lineNumber)")
    }

    func parser(
        _ parser: XMLParser,
        didStartElement name: String,
        namespaceURI: String?,
        qualifiedName: String?,
        attributes: [String: String]
    ) {
        elements.append(Element(name: name, attributes: attributes, parents: open))
        open.append(name)
    }

    func parser(
        _ parser: XMLParser,
        didEndElement name: String,
        namespaceURI: String?,
        qualifiedName: String?
    ) {
        open.removeLast()
    }

    func parser(_ parser: XMLParser, foundCharacters string: String) { text += string }

    func named(_ name: String) -> [Element] { elements.filter { $0.name == name } }
}

struct JUnitTests {
    private func junit(_ change: (inout SampleRun) -> Void) throws -> XMLElements {
        XMLElements(try ExportedRun([.junit], change).folder.bytes("junit.xml"))
    }

    private func thresholds(_ texts: [String]) throws -> [Threshold] {
        try texts.map { try Threshold(parsing: $0, targets: ["blocking", "async"]) }
    }

    @Test func `a threshold is a test case for each target, and the run is one`() throws {
        let limits = try thresholds(["throughput.change>=1%", "p50.change<=5%", "p99<1ns", "async.p99<620ms"])
        let xml = try junit { $0.thresholds = limits }
        let suite = try #require(xml.named("testsuite").first).attributes
        let cases = xml.named("testcase")
        #expect(cases.count == 6 && suite["tests"] == "6" && suite["errors"] == "0")
        #expect(suite["failures"] == String(xml.named("failure").count))
        #expect(suite["skipped"] == String(xml.named("skipped").count))
        #expect(cases.map { $0.attributes["classname"] }.contains("ingest-bench.threshold.async.c20"))
        #expect(xml.named("failure").count >= 3)
        #expect(
            xml.named("failure").contains { $0.attributes["message"]?.contains("limit 0.000001 ms") == true }
        )
        #expect(
            cases[0].attributes["classname"] == "ingest-bench.run" && cases[0].attributes["name"] == "VALID"
        )
    }

    @Test func `what can't be told is skipped`() throws {
        let limit = try thresholds(["throughput.change>=60%"])
        let xml = try junit { run in
            run.thresholds = limit
            run.milliseconds = { $0 == 0 ? 37 : 37 / 1.6 }
        }
        let skipped = xml.named("skipped")
        #expect(skipped.count == 1 && skipped[0].attributes["message"]?.hasPrefix("can't tell: ") == true)
    }

    @Test func `an INVALID run is an error, and judges nothing`() throws {
        let limit = try thresholds(["errors<1%"])
        let xml = try junit { run in
            run.validity = Validity(verdict: .invalid, reasons: ["the client was late"])
            run.thresholds = limit
        }
        #expect(
            xml.named("error").map { $0.attributes["message"] } == [
                "the run is INVALID: the client was late", "errors<1% is not judged: the run is INVALID",
            ]
        )
    }

    @Test func `a run that ended early is an error`() throws {
        let xml = try junit { $0.interrupted = "SIGTERM" }
        #expect(xml.named("error").map { $0.attributes["message"] } == ["the run ended early: SIGTERM"])
    }

    @Test func `a hostile answer stays within its attribute`() throws {
        let xml = try junit { run in
            run.edit = { sample, _, _, _ in
                sample.outcome = .status
                sample.status = 500
            }
            run.firstAnswers = [
                FirstAnswer(target: "blocking", status: 500, body: ExportedRun.hostileName + "]]>&\u{0}")
            ]
        }
        let message = try #require(xml.named("error").first?.attributes["message"])
        #expect(message.contains("<script>|\"=1+1`"))
    }
}
