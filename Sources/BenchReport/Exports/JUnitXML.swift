import Measurements

/// `junit.xml`: a test case a threshold, target and load, and one for the run itself.
struct JUnitXML {
    /// One test case and what became of it.
    private struct Case {
        enum Ending {
            case passed
            case failed(String, why: String)
            case skipped(String)
            case error(String)
        }

        let className: String
        let name: String
        let ending: Ending

        /// The elements of a count in the suite's head.
        var isFailure: Bool { if case .failed = ending { true } else { false } }
        var isSkipped: Bool { if case .skipped = ending { true } else { false } }
        var isError: Bool { if case .error = ending { true } else { false } }
    }

    /// Writes what became of a run's thresholds.
    static func bytes(of document: RunDocument) -> [UInt8] {
        let cases = [run(document)] + document.thresholds.map(threshold)
        let span = document.finished.nanosecondsSince1970 - document.started.nanosecondsSince1970
        let time = FixedPoint.text(Double(max(0, span)) / 1e9, decimals: 3)
        let counts =
            "tests=\"\(cases.count)\" failures=\"\(cases.count(where: \.isFailure))\" "
            + "errors=\"\(cases.count(where: \.isError))\" skipped=\"\(cases.count(where: \.isSkipped))\" "
            + "time=\"\(time)\""
        let id = XMLText.escaped(document.id)
        var lines = [
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>", "<testsuites name=\"ingest-bench\" \(counts)>",
        ]
        let stamp = document.started.iso8601.prefix { $0 != "." }
        lines.append(" <testsuite name=\"\(id)\" \(counts) timestamp=\"\(stamp)Z\">")
        lines += properties(of: document)
        lines += cases.flatMap(lines(of:))
        lines += [" </testsuite>", "</testsuites>", ""]
        return Array(lines.joined(separator: "\n").utf8)
    }

    /// Whether the run can be used at all.
    private static func run(_ document: RunDocument) -> Case {
        let ending: Case.Ending
        if let defect = document.defect {
            ending = .error(defect.message)
        } else if let interrupted = document.interrupted {
            ending = .error("the run ended early: \(interrupted)")
        } else {
            ending = .passed
        }
        return Case(className: "ingest-bench.run", name: document.validity.verdict.rawValue, ending: ending)
    }

    private static func threshold(_ result: ThresholdResult) -> Case {
        let place = [result.target, result.load?.word].compactMap { $0 }
        let className = (["ingest-bench", "threshold"] + place).joined(separator: ".")
        let ending: Case.Ending =
            switch result.verdict {
            case .pass: .passed
            case .fail: .failed(result.text, why: "the limit is broken: \(result.brief)")
            case .undecided: .skipped("can't tell: \(result.text)")
            case .notJudged: .error(result.text)
            }
        return Case(className: className, name: result.expression, ending: ending)
    }

    private static func properties(of document: RunDocument) -> [String] {
        var properties = [("rounds", String(document.plan.rounds)), ("verdict", document.verdict)]
        if let baseline = document.baseline { properties.insert(("baseline", baseline.name), at: 0) }
        if let machine = document.environment.first { properties.append(("cpu", machine.cpu)) }
        return ["  <properties>"]
            + properties.map { "   <property name=\"\($0)\" value=\"\(XMLText.escaped($1))\"/>" }
            + ["  </properties>"]
    }

    private static func lines(of item: Case) -> [String] {
        let head =
            "  <testcase classname=\"\(XMLText.escaped(item.className))\" "
            + "name=\"\(XMLText.escaped(item.name))\" time=\"0\""
        func holding(_ element: String) -> [String] { ["\(head)>", "   \(element)", "  </testcase>"] }
        switch item.ending {
        case .passed: return ["\(head)/>"]
        case .failed(let message, let why):
            let text = XMLText.escaped(message)
            return holding(
                "<failure type=\"threshold\" message=\"\(text)\">\(XMLText.escaped(why))</failure>"
            )
        case .skipped(let message):
            return holding("<skipped message=\"\(XMLText.escaped(message))\"/>")
        case .error(let message):
            return holding("<error type=\"run\" message=\"\(XMLText.escaped(message))\"/>")
        }
    }
}

/// Text within XML and HTML.
enum XMLText {
    /// Text for an attribute or an element: five signs by name, characters that XML doesn't have left out.
    ///
    /// - Parameter text: Any text.
    /// - Returns: The same, in one line.
    static func escaped(_ text: String) -> String { ChartSVG.escaped(text) }
}
