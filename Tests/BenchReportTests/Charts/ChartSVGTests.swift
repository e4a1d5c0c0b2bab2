import BenchReport
import Foundation
import FoundationXML
import Testing

struct ChartSVGTests {
    /// What a strict XML parser finds in a chart.
    private final class Findings: NSObject, XMLParserDelegate {
        var elements: [String] = []
        var attributes: [[String: String]] = []
        var texts: [String] = []

        func parser(
            _ parser: XMLParser,
            didStartElement name: String,
            namespaceURI: String?,
            qualifiedName: String?,
            attributes: [String: String]
        ) {
            elements.append(name)
            self.attributes.append(attributes)
            texts.append("")
        }

        func parser(_ parser: XMLParser, foundCharacters string: String) {
            texts[texts.count - 1] += string
        }
    }

    @Test func `names from outside stay text`() throws {
        var chart = ChartSamples.summary()
        let name = "<script>&\"'\u{1B}]]>"
        chart.targets[1] = name
        let findings = try findings(in: ChartSVG.encode(chart.displayList(measure: .fixedWidth)))
        #expect(!findings.elements.contains("script"))
        #expect(findings.texts.contains { $0.contains("<script>&\"' ]]>") })
    }

    @Test func `a chart tells what it is, and reaches for nothing outside`() throws {
        let text = ChartSVG.encode(ChartSamples.waterfall.displayList(measure: .fixedWidth))
        let findings = try findings(in: text)
        #expect(findings.elements.prefix(4) == ["svg", "title", "desc", "style"])
        #expect(findings.attributes[0]["role"] == "img")
        #expect(findings.attributes[0]["aria-labelledby"] == "waterfall-title waterfall-desc")
        #expect(findings.texts[1] == ChartSamples.waterfall.title + "\n")
        #expect(findings.texts[2] == ChartSamples.waterfall.altText + "\n")
        #expect(text.components(separatedBy: "http").count == 2)
        #expect(!text.contains("href"))
    }

    @Test func `every chart is well-formed and reaches for nothing outside`() throws {
        let documents = [
            SampleLoops.run { $0.uploads = 20 }.document(),
            SampleSweep.document([[10, 20, 20.5, 20.1], [10, 18, 40, 41]]) { $0.uploads = 20 },
        ]
        for chart in documents.flatMap({ ChartSet(of: $0, digest: nil).charts }) {
            let text = ChartSVG.encode(chart.displayList(measure: .fixedWidth))
            let ids = try findings(in: text).attributes.compactMap { $0["id"] }
            #expect(Set(ids).count == ids.count, "\(chart.name)")
            #expect(text.components(separatedBy: "http").count == 2, "\(chart.name)")
        }
    }

    @Test func `every colour has one for dark pages`() throws {
        let text = ChartSVG.encode(ChartSamples.summary().displayList(measure: .fixedWidth))
        let findings = try findings(in: text)
        let style = try #require(zip(findings.elements, findings.texts).first { $0.0 == "style" }?.1)
        #expect(style.hasPrefix("@media (prefers-color-scheme: dark)"))
        for attributes in findings.attributes {
            let paints = [attributes["fill"], attributes["stroke"]].filter { $0?.hasPrefix("#") == true }
            let classes = attributes["class"]?.split(separator: " ") ?? []
            #expect(classes.count == paints.count)
            for name in classes {
                #expect(style.contains(".\(name){"))
            }
        }
    }

    @Test func `identifiers are unique, and what is referred to is there`() throws {
        let text = ChartSVG.encode(ChartSamples.summary().displayList(measure: .fixedWidth))
        let attributes = try findings(in: text).attributes
        let ids = attributes.compactMap { $0["id"] }
        #expect(Set(ids).count == ids.count)
        let used = attributes.compactMap { $0["fill"] }.filter { $0.hasPrefix("url(#") }
        #expect(!used.isEmpty)
        #expect(used.allSatisfy { ids.contains(String($0.dropFirst(5).dropLast())) })
    }

    @Test func `a hundred uploads take less than 60 kB`() {
        for chart in ChartSet(of: SampleRun().document(), digest: nil).charts {
            let list = chart.displayList(measure: .fixedWidth)
            #expect(ChartSVG.encode(list).utf8.count < 60_000)
        }
    }

    private func findings(in text: String) throws -> Findings {
        let findings = Findings()
        let parser = XMLParser(data: Data(text.utf8))
        parser.delegate = findings
        try #require(parser.parse(), "\(String(describing: parser.parserError))")
        return findings
    }
}
