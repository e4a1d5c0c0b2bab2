import BenchReport
import Measurements
import Testing

/// How a report keeps to the terminal that shows it.
struct TextLayoutTests {
    /// The runs whose reports differ in their form.
    enum Form: CaseIterable {
        case single, pair, many, sweep, sizes, blocked, interrupted, longNames, wideNames

        /// A saved run.
        var document: RunDocument {
            var run = SampleRun()
            (run.uploads, run.rounds) = (20, 6)
            switch self {
            case .single: run.names = ["only"]
            case .pair: break
            case .many: run.names = ["blocking", "async", "pool", "third", "a-name-of-26-letters-in-all"]
            case .sweep: return SampleSweep.document([[20, 40, 41, 41], [20, 40, 80, 160]])
            case .sizes: run = SizedRun.run()
            case .blocked: run = SampleLoops.run()
            case .interrupted:
                run.interrupted = "SIGINT"
                run.validity = Validity(verdict: .invalid, reasons: ["the client was late"])
            case .longNames:
                run.names = ["baseline", "candidate"].map { "a-\($0)-whose-name-has-so-many-letters" }
                run.fileName = String(repeating: "long", count: 80) + ".pdf"
            case .wideNames:
                run.names = ["同期処理", "非同期"]
                run.fileName = String(repeating: "見本", count: 40) + "e\u{301}e\u{301}.pdf"
            }
            return run.document()
        }
    }

    private static let limits = ["p99<4s", "loop.blocked<=12.5%"]

    private static let files = WrittenFiles(
        folder: "results/20261122T154000Z-a-folder-whose-name-goes-on-for-more-than-forty-columns",
        names: ["run.json", "summary.csv", "charts/summary-light.png", "charts/summary.svg"]
    )

    private func lines(_ document: RunDocument, _ style: TerminalStyle) -> [Substring] {
        TextReport(of: document, style: style, checks: ["timeline not drawn"], written: Self.files).text
            .split(separator: "\n", omittingEmptySubsequences: false)
    }

    @Test(arguments: Form.allCases)
    func `no line is wider than a terminal of 40 columns or more`(_ form: Form) throws {
        var document = form.document
        document.thresholds = try Self.limits.flatMap { text in
            let limit = try Threshold(parsing: text, targets: document.targets.map(\.name))
            var run = SampleRun()
            (run.uploads, run.rounds, run.thresholds) = (4, 6, [limit])
            return run.document().thresholds
        }
        for width in [200, 100, 80, 72, 71, 60, 59, 41, 40] {
            for isUnicode in [true, false] {
                let lines = lines(document, TerminalStyle(width: width, isUnicode: isUnicode))
                let widest = lines.map { String($0).columns }.max() ?? 0
                #expect(widest <= width, "\(width) columns, \(isUnicode)")
                #expect(isUnicode || lines.allSatisfy { $0.allSatisfy(\.isASCII) })
            }
        }
    }

    @Test(arguments: [(72, true), (71, false)])
    func `the sketch of percentiles needs 72 columns`(_ width: Int, _ isDrawn: Bool) {
        let lines = lines(Form.pair.document, TerminalStyle(width: width))
        #expect(lines.contains { $0.hasPrefix("Response time by percentile") } == isDrawn)
    }

    @Test func `intervals stand on a second line below 60 columns, also where they had room`() {
        var run = SampleRun()
        (run.names, run.uploads, run.hasProbe) = (["a", "b"], 4, false)
        run.milliseconds = { _ in 100 }
        func rows(_ width: Int, _ names: [String]) -> [Substring] {
            run.names = names
            return lines(run.document(), TerminalStyle(width: width)).filter { $0.contains(" … ") }
        }
        #expect(rows(80, ["a", "b"]).contains { $0.hasPrefix("p50 ") })
        #expect(!rows(59, ["a", "b"]).isEmpty && !rows(59, ["a", "b"]).contains { $0.hasPrefix("p50 ") })
        #expect(rows(80, ["a", "b", "c"]).contains { $0.hasPrefix("  p50 ") })
        #expect(!rows(59, ["a", "b", "c"]).contains { $0.hasPrefix("  p50 ") })
    }

    @Test func `levels of many targets stand in one table, then a change for each candidate and metric`() {
        let report = lines(Form.many.document, TerminalStyle(width: 200))
        let header = report.first { $0.hasPrefix("                  blocking") }
        #expect(header?.contains("third") == true && header?.contains("change") == false)
        #expect(report.count { $0.hasPrefix("Throughput req/s") } == 1)
        #expect(report.count { $0.hasSuffix(" against blocking") } == 4)
        #expect(report.count { $0.hasPrefix("  Throughput  ") && $0.contains("%") } == 4)
    }

    @Test func `a table that a little is missing for stands closer instead of taking two lines a row`() {
        let wide = lines(Form.pair.document, TerminalStyle(width: 100)).filter { $0.hasPrefix("p50") }
        let width = wide.map { String($0).columns }.max() ?? 0
        let closer = lines(Form.pair.document, TerminalStyle(width: width - 1)).filter { $0.hasPrefix("p50") }
        #expect(closer.count == 1 && closer[0].hasSuffix("▼ worse"), "\(closer)")
    }

    @Test func `each size of upload has its levels and changes under its name`() {
        let report = lines(Form.sizes.document, TerminalStyle(width: 100)).map(String.init)
        let start = report.firstIndex(of: "By size of upload") ?? 0
        let beginnings = [
            "By size of upload", "                    blocking", "256B-1KiB", "  Throughput req/s  ",
            "  p50 ms  ",
            "  p95 ms  ", "  p99 ms  ", "  Errors  ", "1MiB-4MiB", "  Throughput req/s  ",
        ]
        for (line, beginning) in zip(report[start...], beginnings) {
            #expect(line.hasPrefix(beginning), "\(line)")
        }
        let slower = report[start...].filter { $0.hasPrefix("  p50 ms") }
        #expect(slower.map { $0.hasSuffix("▼ worse") } == [false, true], "\(slower)")
        #expect(start > report.firstIndex { $0.hasPrefix("VERDICT") } ?? .max)
    }

    @Test(arguments: [
        ("abc", 3), ("é", 1), ("e\u{301}", 1), ("見本", 4), ("ｶﾅ", 2), ("Ａ", 2), ("한글", 4), ("😀", 2),
        ("\u{200B}", 0), ("−…±▲", 4), ("", 0), ("🇩🇪", 2),
    ])
    func `a text is as wide as a terminal shows it`(_ text: String, _ columns: Int) {
        #expect(text.columns == columns)
    }

    @Test(arguments: [
        ("見本見本", 3, "見"), ("見本", 1, "見"), ("abc", 2, "ab"), ("abc", 5, "abc"),
        ("e\u{301}x", 1, "e\u{301}"),
    ])
    func `the beginning of a text takes no more columns than there are, and one character at the least`(
        _ text: String,
        _ width: Int,
        _ beginning: String
    ) {
        #expect(text.fitting(width) == beginning)
    }

    @Test func `every sign of a report has a form in ASCII of its own`() {
        #expect(TerminalStyle.ascii("▲ ▼ = ± … − ≥ ≤ ≈") == "^ v = +/- ... - >= <= ~")
        #expect(TerminalStyle.ascii("÷ × → µ · ■ ●") == "/ x -> u | # o")
        #expect(TerminalStyle.ascii("✔ ✘ ?") == "+ x ?")
        #expect(TerminalStyle.ascii("見\r\nb\u{1B}") == "?\r\nb\u{1B}")
    }

    @Test(arguments: ["\u{2028}", "\u{061C}", "\u{9B}", "\u{202E}", "\n"])
    func `no name breaks a line or turns its direction`(_ sign: String) {
        var run = SampleRun()
        (run.uploads, run.fileName) = (4, "a\(sign)b.pdf")
        #expect(lines(run.document(), TerminalStyle()).contains { $0.hasPrefix("POST a?b.pdf (945 kB)") })
    }
}
